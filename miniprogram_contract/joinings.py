"""Joining: a person entered at the counter and the same human's account on a phone become one."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, Id, Moment, PageQuery, line, prose


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


class JoiningStatus(StrEnum):
    """Where a joining stands."""

    ASKED = "asked"
    JOINED = "joined"
    REFUSED = "refused"
    UNDONE = "undone"


STATUS_NAMES = {
    JoiningStatus.ASKED: "待确认",
    JoiningStatus.JOINED: "已合并",
    JoiningStatus.REFUSED: "未合并",
    JoiningStatus.UNDONE: "已撤销",
}


class JoiningAction(StrEnum):
    """An act on a joining that the caller may do."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    UNDO = "undo"


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
    status_name: str
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
    status_name: str
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
