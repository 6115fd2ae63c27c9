"""No-shows 爽约: one's own, with what follows from them, and a station's, which may forgive them."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, Id, Moment, Page, prose
from miniprogram_contract.seat_offers import ActivityReference


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


class NoShowDetail(ContractModel):
    """An activity somebody had seats at and neither came to nor cancelled."""

    id: Id
    activity: ActivityReference
    booking_id: Id
    at: Moment = Field(description="When the activity began")
    exemption: Exemption | None = Field(description="Why it does not count; null: it does")
    exemption_words: str
    excuse: str = Field(description="What was said to it; empty: nothing")
    excused_at: Moment | None
    decision: str = Field(description="What the station answered: why it forgave it or, while it counts, why not")
    decided_at: Moment | None


class NoShowPage(Page[NoShowDetail]):
    """A page of one's no-shows, and what follows from those that count."""

    counting: int = Field(description="How many count now")
    borne: int = Field(description="So many put one at the end of every waiting list")
    within_days: int = Field(description="How many days each counts")
    behind_until: Moment | None = Field(description="Until then one stands at the end of every waiting list")


class NewExcuse(ContractModel):
    reason: prose(500) = Field(description="Why one did not come; the station reads it")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "那天突然发烧，忘了取消。"}]})


class NoShowRow(NoShowDetail):
    """The same as staff see it; what was said to it is read where one works."""

    name: str = Field(description="Masked")


class NoShowAnswer(ContractModel):
    """Why the no-show is forgiven, or why its excuse is not accepted. The person reads it."""

    reason: prose(300)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "已核实当天就医。"}]})
