"""No-shows 爽约: the caller's, and a station's, which staff may forgive."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, Id, Moment, Page, prose
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.seat_offers import ActivityReference


class Exemption(StrEnum):
    """Why a no-show does not count."""

    AGE = "age"
    FIRST_TIME = "first_time"
    LATE_SEAT = "late_seat"
    FORGIVEN = "forgiven"


EXEMPTION_WORDS = {
    Exemption.AGE: "高龄居民不计爽约",
    Exemption.FIRST_TIME: "首次参加不计爽约",
    Exemption.LATE_SEAT: "名额给得太晚，不计爽约",
    Exemption.FORGIVEN: "站点已免除",
}


class NoShowDetail(HeardReply):
    """An activity that the person booked, and neither came to nor cancelled."""

    id: Id
    activity: ActivityReference
    booking_id: Id
    at: Moment = Field(description="When the activity began")
    exemption: Exemption | None = Field(description="Why it does not count; null: it counts")
    exemption_words: str
    excuse: str = Field(description="The person's excuse; empty: none")
    excused_at: Moment | None
    decision: str = Field(description="The station's answer: why it forgave the no-show or, if it counts, why not")
    decided_at: Moment | None


class NoShowPage(Page[NoShowDetail]):
    """A page of the caller's no-shows, and what follows from those that count."""

    counted: int = Field(description="Number of no-shows that count now")
    limit: int = Field(description="From this number on, a person comes last in every waiting list")
    window_days: int = Field(description="Days for which each counts")
    penalty_until: Moment | None = Field(description="Until then the person comes last in every waiting list")


class NewExcuse(ContractModel):
    reason: prose(500) = Field(description="Why the person did not come; the station reads it")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "那天突然发烧，忘了取消。"}]})


class NoShowRow(NoShowDetail):
    """A no-show as staff see it; the texts are shown only to workers of the station."""

    name: str = Field(description="Masked")


class NoShowAnswer(ContractModel):
    """The reason for forgiving the no-show or refusing the excuse. The person reads it."""

    reason: prose(300)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "已核实当天就医。"}]})
