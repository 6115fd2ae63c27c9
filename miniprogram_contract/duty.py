"""The duty roster 值班: shifts of a station or a county, and what they cover."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import ContractModel, Day, Id, Moment, PageQuery, Phone, prose, wrong

LONGEST_SHIFT = timedelta(hours=24)


class DutyShiftStatus(StrEnum):
    """`accepted` and `handed_over` shifts cover their time. A swapped one goes on as a shift of the colleague."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SWAPPED = "swapped"
    HANDED_OVER = "handed_over"
    ENDED = "ended"


DUTY_STATUS_WORDS = {
    DutyShiftStatus.OFFERED: "待确认",
    DutyShiftStatus.ACCEPTED: "已确认",
    DutyShiftStatus.DECLINED: "已谢绝",
    DutyShiftStatus.WITHDRAWN: "已取消",
    DutyShiftStatus.SWAPPED: "已换班",
    DutyShiftStatus.HANDED_OVER: "已交班",
    DutyShiftStatus.ENDED: "已空出",
}


class NewDutyShift(ContractModel):
    """A shift to offer: of a station, or of a county. It covers nothing until the person accepts it."""

    person_id: Id
    station_id: Id | None = None
    county_id: Id | None = Field(None, description="Instead of a station: covers all stations of the county")
    starts_at: Moment
    ends_at: Moment = Field(description="At most 24 hours later")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person_id": 3141592653,
                    "station_id": 7,
                    "starts_at": "2026-11-24T20:00:00+08:00",
                    "ends_at": "2026-11-25T08:00:00+08:00",
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _one_place_and_time(self) -> Self:
        if (self.station_id is None) == (self.county_id is None):
            raise ValueError("station_id 和 county_id 须填且只能填一个")
        if not timedelta() < self.ends_at - self.starts_at <= LONGEST_SHIFT:
            raise wrong("ends_at", "应在开始后24小时内")
        return self


class DutyPhone(ContractModel):
    """The phone that rings while the person is on duty."""

    phone: Phone

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "13812345678"}]})


class DutySwap(ContractModel):
    """The colleague who is asked to take the shift over."""

    person_id: Id

    model_config = ConfigDict(json_schema_extra={"examples": [{"person_id": 3141592653}]})


class DutyHandOver(ContractModel):
    """A note that the next person on duty reads, and nobody else."""

    note: prose(500)  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"note": "夜里有一条紧急需求，已确认，天亮后请再联系本人。"}]}
    )


class DutyPlace(ContractModel):
    """A station, or a county."""

    station_id: Id | None
    county_id: Id | None = Field(description="Null at a station")
    name: str


class DutyShiftDetail(ContractModel):
    id: Id
    status: DutyShiftStatus
    status_words: str
    place: DutyPlace
    person_id: Id
    person: str
    phone: str | None = Field(description="Masked for others than the person; null: not accepted yet")
    starts_at: Moment
    ends_at: Moment
    asked_id: Id | None = Field(description="The colleague who is asked to take it over")
    asked: str | None
    notes: list[str] = Field(description="Left by the person before, for the person of this shift alone")
    allowed_actions: list["DutyAction"] = Field(description="What the reader may do now")


class DutyAction(StrEnum):
    """The last part of the path that does it."""

    ACCEPTANCE = "acceptance"
    DECLINE = "decline"
    SWAP = "swap"
    SWAP_ACCEPTANCE = "swap-acceptance"
    SWAP_DECLINE = "swap-decline"
    HAND_OVER = "hand-over"


class DutyShiftQuery(PageQuery):
    """The caller's shifts that have not ended before a day; null: not ended now."""

    from_day: Day | None = None


class DutyRosterQuery(ContractModel):
    """The roster of a station or a county."""

    station: Id | None = None
    county: Id | None = None
    from_day: Day | None = Field(None, description="Null: today")
    days: int = Field(7, ge=1, le=31)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.station is None) == (self.county is None):
            raise ValueError("station 和 county 须填且只能填一个")
        return self


class DutyGap(ContractModel):
    """A time that no accepted shift covers."""

    starts_at: Moment
    ends_at: Moment


class DutyDay(ContractModel):
    """A day with the shifts that touch it, those of the county too, and its gaps."""

    day: date
    shifts: list[DutyShiftDetail]
    gaps: list[DutyGap]


class DutyRoster(ContractModel):
    days: list[DutyDay]


class DutyState(ContractModel):
    """Whether an accepted shift covers a station now. Only then the response to an emergency is promised in minutes."""

    on_duty: bool
    words: str = Field(examples=["现在没有人值班，明天9:00上班。"])
    begins_at: Moment | None = Field(
        description="When a person is there: now, at the next shift, or in working time; null: nobody acts there"
    )
