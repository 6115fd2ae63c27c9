"""Ratings of activities 满意度, by who attended them."""

from datetime import date
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import ContractModel, Id, IdPageQuery, Moment, prose, wrong
from miniprogram_contract.satisfaction import FIRST_DAY, LAST_DAY, TAG_WORDS, RatingTag, TagCount
from miniprogram_contract.stations import StationReference


class NewActivityRating(ContractModel):
    """What somebody who attended says; sent again within its hours it replaces what was said."""

    stars: int = Field(ge=1, le=5, description="1 to 5; of one or two the station's head learns")
    tags: list[RatingTag] = Field(
        default=[],
        max_length=len(RatingTag),
        description="；".join(f"`{tag}` {words}" for tag, words in TAG_WORDS.items()),
    )
    comment: prose(500, 0) = Field("", description="Staff read it without a name")  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"stars": 5, "tags": ["kind", "clear"], "comment": "老师教得很耐心"}]}
    )


class ActivityRatingDetail(ContractModel):
    """One's rating of an activity."""

    activity_id: Id
    stars: int = Field(description="1 to 5")
    tags: list[RatingTag]
    comment: str
    rated_at: Moment
    changeable_until: Moment


class ActivitySatisfaction(ContractModel):
    """What everybody may know of how an activity was rated: never an average without its response rate."""

    may_rate: int = Field(description="How many attended with an account of their own")
    ratings: int
    response_percent: int | None = Field(description="Of 100 who attended so many rated; null: nobody attended")
    shown_from: int = Field(description="Below so many ratings the average is null")
    average: float | None = Field(description="Stars, to one decimal")


class ActivityRatingStatistics(ContractModel):
    """Ratings of activities: never without their response rate, and nothing below the least number of them."""

    may_rate: int = Field(description="People who attended with an account of their own")
    ratings: int
    response_percent: int | None = Field(description="Of 100 who may rate so many did; null: nobody may")
    shown_from: int = Field(description="Below so many ratings average, distribution and tags are null")
    average: float | None = Field(description="Stars, to one decimal")
    distribution: list[int] | None = Field(description="How many gave 1, 2, 3, 4 and 5 stars")
    tags: list[TagCount] | None = Field(description="The most frequent first")


class AttendanceStatistics(ContractModel):
    """Seats and people: residents, but for `volunteers`."""

    seats: int
    booked: int = Field(description="People who had a seat, to the end")
    fill_percent: int | None = Field(description="Of 100 seats so many were booked; null: there were none")
    waited: int = Field(description="People who ever stood in line")
    attended: int = Field(description="People who were checked in")
    no_shows: int = Field(description="People of bookings of which nobody came")
    no_show_percent: int | None = Field(description="Of 100 booked so many did not come; null: nobody had booked")
    late_cancellations: int = Field(description="People who cancelled after the deadline")
    volunteers: int = Field(description="Volunteers at a post who were checked in")
    volunteer_minutes: int = Field(description="Their minutes, approved or not decided yet")


class ActivityStatistics(AttendanceStatistics):
    """An activity as it stands; most is known when it is finished."""

    activity_id: Id
    rating: ActivityRatingStatistics


class StationActivityStatistics(AttendanceStatistics):
    """All activities of a station that began in these days and are finished."""

    station: StationReference
    held: int = Field(description="Activities that were held")
    cancelled: int = Field(description="Activities that were cancelled after they had been published")
    rating: ActivityRatingStatistics


class ActivityStatisticsFilter(IdPageQuery):
    """Of activities that began in a span of days."""

    station: Id | None = Field(None, description="One station; left out: every station one sees")
    from_: date | None = Field(
        None, alias="from", ge=FIRST_DAY, le=LAST_DAY, description="First day; left out: a year before the last"
    )
    until: date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, description="Last day; left out: today")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.until and self.from_ > self.until:
            raise wrong("until", "开始日期不能晚于结束日期")
        return self
