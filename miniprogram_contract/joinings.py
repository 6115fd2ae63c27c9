"""Joining: a person entered at the counter and the same human's account on a phone become one."""

from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import ContractModel, Id, Moment, PageQuery, Phone, line, prose


class PersonCode(ContractModel):
    """A code 识别码 to show at a counter, so that the worker finds the account. It counts once; a new one ends it."""

    code: str
    expires_at: Moment

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "7KQ2MX", "expires_at": "2026-11-24T09:10:00+08:00"}]}
    )


class NewJoining(ContractModel):
    """The code that the phone of the same human shows."""

    code: line(20)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "7KQ2MX"}]})


class PersonLookUp(ContractModel):
    """A whole phone number, a slip code, or the code on the person's phone, and why they are looked up."""

    phone: Phone | None = Field(None, description="The phone number on the person's file, whole")
    slip_code: line(20) | None = Field(None, description="Spaces and dashes are tolerated")  # type: ignore[valid-type]
    person_code: line(20) | None = Field(None, description="From `POST /me/code`; it is used up")  # type: ignore[valid-type]
    reason: prose(200)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "13812345678", "reason": "居民来登记需求"}]})

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if sum(one is not None for one in (self.phone, self.slip_code, self.person_code)) != 1:
            raise ValueError("phone、slip_code 和 person_code 必须填且只能填一个")
        return self


class FoundPerson(ContractModel):
    """A person whom the caller may enter needs, bookings and orders for; name and phone are masked."""

    person_id: Id
    name: str
    phone: str
    home_name: str | None
    birth_year: int | None
    has_phone: bool = Field(description="The person uses the mini-program; false: entered at a counter")


class FoundPeople(ContractModel):
    """The people found, the newest first, at most 20. Two of one name may be one human: join them."""

    items: list[FoundPerson]
    left: int = Field(description="How many more look-ups the caller may make in this hour")


class JoiningStatus(StrEnum):
    """Where a joining stands."""

    ASKED = "asked"
    JOINED = "joined"
    REFUSED = "refused"
    UNDONE = "undone"


STATUS_WORDS = {
    JoiningStatus.ASKED: "待确认",
    JoiningStatus.JOINED: "已合并",
    JoiningStatus.REFUSED: "未合并",
    JoiningStatus.UNDONE: "已撤销",
}


class JoiningAction(StrEnum):
    """An act on a joining that the caller may do."""

    CONFIRMATION = "confirmation"
    REFUSAL = "refusal"
    UNDOING = "undoing"


class JoiningReason(ContractModel):
    """Why a joining is refused or undone. Staff read it."""

    reason: prose(200)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "核对身份证，不是同一个人"}]})


class JoiningFilter(PageQuery):
    """Joinings of the caller's stations and counties."""

    status: JoiningStatus | None = None


class JoiningDetail(ContractModel):
    """A joining 档案合并 as staff see it. Names are masked."""

    id: Id
    status: JoiningStatus
    status_words: str
    person_id: Id = Field(description="The person entered at the counter")
    person: str
    account_id: Id = Field(description="The person of the account on the phone: use it from now on")
    account: str
    station_id: Id
    station_name: str
    asked_by: str
    asked_at: Moment
    decide_until: Moment | None = Field(description="null: nothing is to be decided")
    decided_by: str | None
    joined_at: Moment | None
    undo_until: Moment | None = Field(description="null: it cannot be undone")
    reason: str = Field(description="Why it was refused or undone")
    points: int = Field(description="Points that were moved to the account")
    minutes: int = Field(description="Minutes that were moved to the account")
    allowed_actions: list[JoiningAction]


class OwnJoining(ContractModel):
    """A joining to the caller's account."""

    status: JoiningStatus
    status_words: str
    station_id: Id
    station_name: str
    asked_at: Moment
    joined_at: Moment | None
    undo_until: Moment | None = Field(description="Until then the station can undo it; null: it cannot")
    points: int
    minutes: int


class OwnJoinings(ContractModel):
    """The joinings to the caller's account, the latest first."""

    items: list[OwnJoining]
