"""Satisfaction 满意度 with activities: ratings by participants, and statistics."""

from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import ContractModel, Day, Id, IdPageQuery, Moment, prose, wrong
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.satisfaction import (
    TAG_WORDS,
    ActivityRatingStatistics,
    RatingTag,
    TagLabel,
)
from miniprogram_contract.stations import StationReference


class NewActivityRating(ContractModel):
    """A participant's rating; sending it again within some hours replaces it."""

    stars: int = Field(ge=1, le=5, description="1 to 5")
    tags: list[RatingTag] = Field(
        default=[],
        max_length=len(RatingTag),
        description="；".join(f"`{tag}` {words}" for tag, words in TAG_WORDS.items()),
    )
    comment: prose(500, 0) = Field("", description="Staff read it without a name")  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"stars": 5, "tags": ["kind", "clear"], "comment": "老师教得很耐心"}]}
    )


class ActivityRatingDetail(HeardReply):
    """The caller's rating of an activity."""

    activity_id: Id
    stars: int = Field(description="1 to 5")
    tags: list[TagLabel]
    comment: str
    rated_at: Moment
    changeable_until: Moment


class ActivitySatisfaction(ContractModel):
    """The public satisfaction with an activity, with its response rate. It never changes once it is shown."""

    eligible_raters: int = Field(description="People who attended with an account of their own")
    ratings: int
    response_percent: int | None = Field(description="Percentage of `eligible_raters` who rated; null: there are none")
    min_ratings: int = Field(description="The average is null if fewer people rated")
    average: float | None = Field(description="Stars, to one decimal")


class AttendanceStatistics(ContractModel):
    """Numbers of seats and people; people are residents, except in `volunteers`."""

    seats: int
    booked: int = Field(description="People who kept their seat")
    fill_percent: int | None = Field(description="Percentage of seats that were booked; null: no seats")
    waitlisted: int = Field(description="People who were ever on the waiting list")
    attended: int = Field(description="People who were checked in")
    no_shows: int = Field(description="People of bookings where nobody came")
    no_show_percent: int | None = Field(description="Percentage of booked people who did not come; null: nobody booked")
    late_cancellations: int = Field(description="People who cancelled after the deadline")
    volunteers: int = Field(description="Volunteers at a post who were checked in")
    volunteer_minutes: int = Field(description="Their minutes, approved or not yet decided")


class ActivityStatistics(AttendanceStatistics):
    """Statistics of an activity; complete when it is finished."""

    activity_id: Id
    rating: ActivityRatingStatistics | None = Field(description="Null until no rating can change any more")
    ratings_from: Moment = Field(description="From when `rating` is shown; it does not change afterwards")


class StationActivityStatistics(AttendanceStatistics):
    """Statistics of a station's finished activities that began in these days."""

    station: StationReference
    activities_held: int = Field(description="Activities that were held")
    activities_cancelled: int = Field(description="Activities that were cancelled after they had been published")


class ActivityStatisticsFilter(IdPageQuery):
    """Filter by the days on which activities began."""

    station: Id | None = Field(None, description="One station; left out: all of the caller's stations")
    from_day: Day | None = Field(None, description="First day; left out: a year before the last")
    until_day: Day | None = Field(None, description="Last day; left out: today")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_day and self.until_day and self.from_day > self.until_day:
            raise wrong("until_day", "开始日期不能晚于结束日期")
        return self
