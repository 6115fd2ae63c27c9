"""Activities 活动: the public list and page, and the list of a station's activities."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from miniprogram_contract.activities_staff import ActivityPhase, Question
from miniprogram_contract.areas import AreaReference
from miniprogram_contract.base import ContractModel, Day, Id, Moment, PageQuery, SignedLink, line, wrong
from miniprogram_contract.photos import PhotoLinks
from miniprogram_contract.stations import Location, StationReference

# The code on a poster opens this page, with the scene `activity=<id>`.
ACTIVITY_PAGE = "pages/activity/activity"


class _DaySpan(PageQuery):
    """A range of days by Shanghai's calendar, and a page."""

    from_day: Day | None = Field(
        None, description="Leave out activities that ended before this day", examples=["2026-12-15"]
    )
    until_day: Day | None = Field(
        None, description="Leave out activities that begin after this day", examples=["2026-12-21"]
    )
    station: Id | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_day and self.until_day and self.until_day < self.from_day:
            raise wrong("until_day", "结束日期不能早于开始日期")
        return self


class ActivityFilter(_DaySpan):
    """Fields that are left out do not narrow the list. Without `from_day` it has running and coming activities."""

    area: Id | None = Field(
        None,
        description="Activities in this area or below it: a community's own; with a town, also its communities'. "
        "What is near home: `home.town_id` of `GET /me`, or `home.county_id`",
    )
    category: line(40) | None = Field(None, description="Code of a category", examples=["culture"])  # type: ignore[valid-type]
    query: line(40) | None = Field(  # type: ignore[valid-type]
        None,
        description="Words in the title or the text; only running and coming activities are searched",
        examples=["体检"],
    )


class StaffActivityFilter(_DaySpan):
    """Fields that are left out do not narrow the list."""

    phase: list[ActivityPhase] = Field(default=[], description="May be given several times")


class SeriesSummary(ContractModel):
    """The series of an activity that repeats."""

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
    area: str = Field(description="Name of the area where it takes place")
    place: str
    starts_at: Moment
    ends_at: Moment
    booking_opens_at: Moment
    seats: int
    seats_free: int = Field(description="Neither booked nor held for an offer")
    waiting_bookings: int = Field(description="Waiting bookings; they get seats first")
    may_have_to_wait: bool = Field(description="A booking now may have to wait: no seat is free, or others wait")
    series: SeriesSummary | None


class ActivitySummary(ActivityBase):
    """An activity in the public list."""

    photo: PhotoLinks | None = Field(description="The first of its photos")


class PostSummary(ContractModel):
    """A post for volunteers at an activity."""

    id: Id
    title: str
    text: str
    places: int
    places_free: int


class SeriesDate(ContractModel):
    """Another date of the series."""

    id: Id
    starts_at: Moment


class ActivityDetail(ActivityBase):
    """The public page of an activity. The caller's booking is at /activities/{activity_id}/my-booking."""

    text: str
    area_reference: AreaReference = Field(description="The area where it takes place, with its path")
    priority_until: Moment | None = Field(
        description="Until then only residents of the areas that the station covers may book"
    )
    booking_closes_at: Moment
    cancellation_until: Moment = Field(description="A cancellation after this time is late")
    max_party_size: int = Field(description="Maximum number of seats of one booking, no more than the activity has")
    min_age: int | None
    max_age: int | None
    for_areas: list[AreaReference] = Field(description="Only for residents of these areas; empty: for everybody")
    questions: list[Question]
    posts: list[PostSummary]
    photos: list[PhotoLinks]
    poster: str = Field(description="A link to the poster for phones (PNG); with `?size=a4` a sheet to print")
    location: Location | None = Field(description="For `wx.openLocation`, always in gcj02; null: not known")
    other_dates: list[SeriesDate] = Field(description="The next ten coming activities of its series")
    end_reason: str = Field(description="Why it was cancelled")


class ActivityRow(ActivityBase):
    """An activity in a station's list."""

    seats_taken: int
    seats_held: int = Field(description="Held for offers in the waiting list")
    post_places: int = Field(description="Volunteers' places in all posts")
    post_places_taken: int


class PosterSize(StrEnum):
    """A sheet of A4 to print (1240 x 1754 pixels), or an image to share (1080 x 1920)."""

    A4 = "a4"
    PHONE = "phone"


class PosterOptions(ContractModel):
    size: PosterSize = PosterSize.PHONE


class StationPosterOptions(SignedLink):
    size: PosterSize = PosterSize.PHONE
