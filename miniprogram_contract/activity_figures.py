"""Figures of activities, for staff: who booked, came and stayed away, volunteers' time, ratings."""

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from miniprogram_contract.needs import StationBrief
from miniprogram_contract.satisfaction import FIRST_DAY, LAST_DAY, TagCount
from miniprogram_contract.shapes import Id, Shape, wrong


class RatingFigures(Shape):
    """Ratings of activities: never without their response rate, and nothing below the least number of them."""

    may_rate: int = Field(description="People who attended with an account of their own")
    ratings: int
    response_percent: int | None = Field(description="Of 100 who may rate so many did; null: nobody may")
    shown_from: int = Field(description="Below so many ratings average, distribution and tags are null")
    average: float | None = Field(description="Stars, to one decimal")
    distribution: list[int] | None = Field(description="How many gave 1, 2, 3, 4 and 5 stars")
    tags: list[TagCount] | None = Field(description="The most frequent first")


class AttendanceFigures(Shape):
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


class ActivityFigures(AttendanceFigures):
    """An activity as it stands; most is known when it is finished."""

    activity_id: Id
    rating: RatingFigures


class StationActivityFigures(AttendanceFigures):
    """All activities of a station that began in these days and are finished."""

    station: StationBrief
    held: int = Field(description="Activities that were held")
    cancelled: int = Field(description="Activities that were cancelled after they had been published")
    rating: RatingFigures


class ActivityFiguresQuery(Shape):
    """Of activities that began in a span of days."""

    station: Id | None = Field(None, description="One station; left out: every station one sees")
    from_: date | None = Field(
        None, alias="from", ge=FIRST_DAY, le=LAST_DAY, description="First day; left out: a year before the last"
    )
    until: date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, description="Last day; left out: today")
    after: Id | None = Field(None, description="`next` of the page before")
    limit: int = Field(20, ge=1, le=100)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.until and self.from_ > self.until:
            raise wrong("until", "开始日期不能晚于结束日期")
        return self


class ActivityCommentsQuery(Shape):
    after: Id | None = Field(None, description="`next` of the page before")
    limit: int = Field(20, ge=1, le=100)
