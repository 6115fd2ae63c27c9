"""Activities 活动 as everybody finds and reads them, and the list of a station's own."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from miniprogram_contract.activities_staff import ActivityPhase, Question
from miniprogram_contract.areas import AreaReference
from miniprogram_contract.base import ContractModel, Id, Moment, PageQuery, line, wrong
from miniprogram_contract.photos import PhotoLinks
from miniprogram_contract.stations import StationReference

# What the code on a poster opens: this page, with the scene `activity=<id>`.
ACTIVITY_PAGE = "pages/activity/activity"

Day = Annotated[date, Field(ge=date(2020, 1, 1), le=date(2199, 12, 31))]


class _DaySpan(PageQuery):
    """Which days of Shanghai's calendar, and which page."""

    from_day: Day | None = Field(None, description="What ended before this day is left out", examples=["2026-12-15"])
    until_day: Day | None = Field(None, description="What begins after this day is left out", examples=["2026-12-21"])
    station: Id | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_day and self.until_day and self.until_day < self.from_day:
            raise wrong("until_day", "结束日期不能早于开始日期")
        return self


class ActivityFilter(_DaySpan):
    """Filters; those left out do not narrow the list. Without `from_day` it is what is running and what comes."""

    area: Id | None = Field(
        None,
        description="What takes place in this area or below it: a community's own; with a town, also its communities'. "
        "What is near home: `home.town_id` of `GET /me`, or `home.county_id`",
    )
    category: line(40) | None = Field(None, description="Code of a category", examples=["culture"])  # type: ignore[valid-type]
    query: line(40) | None = Field(  # type: ignore[valid-type]
        None,
        description="Words in the title or the text; searched in what is running and what comes",
        examples=["体检"],
    )


class StaffActivityFilter(_DaySpan):
    """Filters; those left out do not narrow the list."""

    phase: list[ActivityPhase] = Field(default=[], description="May be given several times")


class SeriesSummary(ContractModel):
    """That an activity comes again."""

    id: Id
    every_weeks: int
    words: str = Field(examples=["每周一次", "每2周一次"])


class ActivityBase(ContractModel):
    """An activity in a list."""

    id: Id
    phase: ActivityPhase
    phase_words: str
    title: str
    category: str
    category_name: str
    station: StationReference
    area: str = Field(description="Where it takes place: the area's name")
    place: str
    starts_at: Moment
    ends_at: Moment
    booking_opens_at: Moment
    seats: int
    seats_free: int = Field(description="Neither booked nor offered to anybody in line")
    waiting: int = Field(description="Bookings in line; they are served first")
    will_wait: bool = Field(
        description="Who books now may have to stand in line: no seat is free, or somebody waits for it"
    )
    series: SeriesSummary | None


class ActivitySummary(ActivityBase):
    """An activity that somebody may be looking for."""

    photo: PhotoLinks | None = Field(description="The first of its photos")


class PostSummary(ContractModel):
    """What volunteers do at an activity."""

    id: Id
    title: str
    text: str
    places: int
    places_free: int


class SeriesDate(ContractModel):
    """Another time a series comes."""

    id: Id
    starts_at: Moment


class ActivityDetail(ActivityBase):
    """The page of an activity, whoever reads it. One's own booking: /activities/{activity_id}/my-booking."""

    text: str
    where: AreaReference
    priority_until: Moment | None = Field(description="Until then only who lives in the areas the station covers")
    booking_closes_at: Moment
    cancellation_until: Moment = Field(description="Who cancels after it cancels late")
    party_most: int = Field(description="Most seats of one booking, never more than there are")
    age_least: int | None
    age_most: int | None
    for_areas: list[AreaReference] = Field(description="Whose residents it is for; empty: for everybody")
    questions: list[Question]
    posts: list[PostSummary]
    photos: list[PhotoLinks]
    other_dates: list[SeriesDate] = Field(description="Of its series, the next ten that are still to come")
    end_reason: str = Field(description="Why it was cancelled")


class ActivityRow(ActivityBase):
    """An activity in the stations' list."""

    seats_taken: int
    seats_held: int = Field(description="Offered to somebody in line, who makes up their mind")
    posts_places: int = Field(description="Volunteers' places in all posts")
    posts_taken: int


class PosterSize(StrEnum):
    """A sheet of A4 to print (1240 x 1754 pixels), or a picture to send on (1080 x 1920)."""

    A4 = "a4"
    PHONE = "phone"


class PosterOptions(ContractModel):
    size: PosterSize = PosterSize.PHONE
