"""Service records 服务记录: a volunteer's time, its states, and the station's decisions."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from miniprogram_contract.base import Amount, ContractModel, Id, Moment, PageQuery, prose
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.photos import PhotoLinks
from miniprogram_contract.stations import StationReference


class RecordSource(StrEnum):
    TASK = "task"
    ACTIVITY = "activity"
    CLAIM = "claim"


class RecordStatus(StrEnum):
    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    DECLINED = "declined"
    REVERSED = "reversed"


RECORD_WORDS: dict[str, str] = {
    RecordStatus.CLAIMED: "待核实",
    RecordStatus.CONFIRMED: "服务对象已确认",
    RecordStatus.REVIEWED: "已初审",
    RecordStatus.APPROVED: "已通过",
    RecordStatus.DECLINED: "未通过",
    RecordStatus.REVERSED: "已撤销",
}


class NewServiceRecord(ContractModel):
    """Service time without check-in and check-out: it counts as honour, and two workers review it."""

    station_id: Id = Field(description="Whose volunteer one is, or where one has served before; open")
    started_at: Moment
    ended_at: Moment = Field(
        description="Over by now; one minute to 24 hours later. Minutes are whole, a begun one does not count"
    )
    text: prose(500) = Field(description="What one did")  # type: ignore[valid-type]
    photo_ids: list[Id] = Field(default=[], max_length=9, description="Of `POST /photos`")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "station_id": 4,
                    "started_at": "2026-03-09T14:00:00+08:00",
                    "ended_at": "2026-03-09T16:00:00+08:00",
                    "text": "陪老人去医院复查",
                }
            ]
        }
    )


class ServiceRecordDetail(HeardReply):
    """A record as the volunteer reads it."""

    id: Id
    status: RecordStatus
    status_words: str = Field(examples=["待核实"])
    source: RecordSource
    activity_id: Id | None = Field(description="The activity where one had a post")
    verified: bool = Field(description="Checked in and out; else back-entered")
    station: StationReference
    task_id: Id | None
    text: str
    started_at: Moment
    ended_at: Moment
    minutes: int = Field(description="What counts, and once approved was approved")
    uncounted_minutes: int = Field(
        description="What between check-in and check-out, or start and end, does not count: it was too long after the "
        "task or activity, or given elsewhere, the day was full, or it was not approved"
    )
    spendable_minutes: int = Field(
        description="Minutes of an approved record that can be spent; the rest only count as served"
    )
    claimed_at: Moment
    confirmed_at: Moment | None
    reviewed_at: Moment | None
    approved_at: Moment | None
    decision: str = Field(description="Why it was declined or reversed")
    photos: list[PhotoLinks]


class StaffServiceRecordFilter(PageQuery):
    status: RecordStatus | None = Field(None, description="Null: all that wait for the station")


class ServiceRecordRow(ContractModel):
    """A record in the staff's list."""

    id: Id
    status: RecordStatus
    status_words: str
    source: RecordSource
    activity_id: Id | None = Field(description="The activity where they had a post")
    verified: bool
    station: StationReference
    person_id: Id = Field(description="Who served")
    name: str = Field(description="Masked: 王**; whole in one record for staff of its station")
    started_at: Moment
    ended_at: Moment
    minutes: int
    uncounted_minutes: int
    planned_starts_at: Moment | None = Field(description="Of its activity or task; null: back-entered")
    planned_ends_at: Moment | None = Field(description="Of its activity or task; null: back-entered")
    planned_minutes: int | None = Field(
        description="What its task was expected to take, or from start to end of its activity: when more "
        "minutes count, a check-out may have been forgotten; null: back-entered"
    )
    claimed_at: Moment


class CheckMethod(StrEnum):
    """Ways to check a person in or out at an activity."""

    OWN_PHONE = "own_phone"
    LIST = "list"
    SCAN = "scan"
    MANUAL = "manual"


class CheckRecord(ContractModel):
    """A check-in or check-out at an activity: when, how, and by which person."""

    at: Moment
    by: str = Field(description="The person who recorded it; masked unless the caller works for the station")
    is_self: bool = Field(description="The person checked in or out with their own phone")
    method: CheckMethod = Field(description="A check-out that staff made from the list or by a scan is `manual`")


class ServiceRecordAction(StrEnum):
    """The last part of the path that does it."""

    REVIEW = "review"
    APPROVAL = "approval"
    REFUSAL = "refusal"
    REVERSAL = "reversal"


class StaffServiceRecordDetail(ServiceRecordRow):
    """A record as staff read it; texts and photos are empty unless the reader works for the station."""

    task_id: Id | None
    checked_in: CheckRecord | None = Field(description="At an activity; null: elsewhere")
    checked_out: CheckRecord | None = Field(description="At an activity; null: elsewhere")
    text: str
    spendable_minutes: int
    confirmed_by: str | None = Field(description="服务对象, or who of the staff asked them")
    confirmed_at: Moment | None
    reviewed_by: str | None
    reviewed_at: Moment | None
    approved_by: str | None
    approved_at: Moment | None
    exception_reason: str = Field(description="Why back-entered time may be spent")
    decision: str = Field(description="Why it was declined or reversed")
    photos: list[PhotoLinks]
    allowed_actions: list[ServiceRecordAction] = Field(
        description="Steps the caller can take now", examples=[["approval", "refusal"]]
    )


class ServiceRecordReview(ContractModel):
    """The first of two reviews of back-entered time."""

    exception_reason: prose(300, 0) = Field(  # type: ignore[valid-type]
        "", description="The station head alone: why this time may be spent; empty: it counts as honour"
    )

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class ServiceRecordApproval(ContractModel):
    """The approval of service time."""

    minutes: Amount | None = Field(None, description="At most what is recorded; null: all of it")
    reason: prose(300, 0) = Field(  # type: ignore[valid-type]
        "", description="How it was made sure of, when the beneficiary stayed silent; needed then"
    )
    exception_reason: prose(300, 0) = Field(  # type: ignore[valid-type]
        "", description="The station head alone: why this back-entered time may be spent"
    )

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class ServiceRecordDecisionResult(ContractModel):
    id: Id
    status: RecordStatus
    status_words: str
    minutes: int
    spendable_minutes: int
