"""No-shows 爽约: one's own, with what follows from them, and a station's, which may forgive them."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from miniprogram_contract.offers import ActivityLine
from miniprogram_contract.shapes import Cursor, Id, Moment, Page, Shape, prose


class NoShowsQuery(Shape):
    """Which page of a list."""

    after: Cursor | None = None
    limit: int = Field(20, ge=1, le=100)


class StationNoShowsQuery(NoShowsQuery):
    station: Id | None = Field(None, description="One of one's stations; null: all of them")


class Exemption(StrEnum):
    """Why a no-show does not count."""

    AGE = "age"
    FIRST_TIME = "first_time"
    UNASKED = "unasked"
    FORGIVEN = "forgiven"


EXEMPTION_WORDS = {
    Exemption.AGE: "高龄居民不计爽约",
    Exemption.FIRST_TIME: "首次参加不计爽约",
    Exemption.UNASKED: "名额给得太晚，不计爽约",
    Exemption.FORGIVEN: "站点已免除",
}


class NoShowShape(Shape):
    """An activity somebody had seats at and neither came to nor cancelled."""

    id: Id
    activity: ActivityLine
    booking_id: Id
    at: Moment = Field(description="When the activity began")
    exemption: Exemption | None = Field(description="Why it does not count; null: it does")
    exemption_words: str
    excuse: str = Field(description="What was said to it; empty: nothing")
    excused_at: Moment | None
    decision: str = Field(description="What the station answered: why it forgave it or, while it counts, why not")
    decided_at: Moment | None


class OwnNoShows(Page[NoShowShape]):
    """A page of one's no-shows, and what follows from those that count."""

    counting: int = Field(description="How many count now")
    borne: int = Field(description="So many put one at the end of every waiting list")
    within_days: int = Field(description="How many days each counts")
    behind_until: Moment | None = Field(description="Until then one stands at the end of every waiting list")


class Excuse(Shape):
    reason: prose(500) = Field(description="Why one did not come; the station reads it")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "那天突然发烧，忘了取消。"}]})


class Upholding(Shape):
    reason: prose(300) = Field(description="Why the excuse does not do; the person reads it")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "当天您在群里说忘了时间。"}]})


class StationNoShow(NoShowShape):
    """The same as staff see it; what was said to it is read where one works."""

    name: str = Field(description="Masked")


class Forgiveness(Shape):
    reason: prose(300) = Field(description="Why; the person reads it")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "已核实当天就医。"}]})
