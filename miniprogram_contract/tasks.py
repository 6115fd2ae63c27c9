"""Tasks 任务 for volunteers, who find, claim and finish them, and disputes about tasks."""

from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import Amount, ContractModel, Id, Moment, PageQuery, line, prose, wrong
from miniprogram_contract.decisions import Decision
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.photos import PhotoLinks
from miniprogram_contract.stations import StationReference


class TaskStatus(StrEnum):
    PUBLISHED = "published"
    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    STARTED = "started"
    FINISHED = "finished"
    DISPUTED = "disputed"
    APPROVED = "approved"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


TASK_WORDS: dict[str, str] = {
    TaskStatus.PUBLISHED: "招募志愿者",
    TaskStatus.CLAIMED: "待站点确认",
    TaskStatus.CONFIRMED: "已确认志愿者",
    TaskStatus.STARTED: "服务中",
    TaskStatus.FINISHED: "待确认服务",
    TaskStatus.DISPUTED: "争议处理中",
    TaskStatus.APPROVED: "已核实",
    TaskStatus.CANCELLED: "已取消",
    TaskStatus.NO_SHOW: "志愿者未到场",
}


class NeedTaskAction(StrEnum):
    """The last part of the path that does it; `statement` and `appeal` below `/dispute`."""

    BENEFICIARY_CONFIRMATION = "beneficiary-confirmation"
    DISPUTE = "dispute"
    STATEMENT = "statement"
    APPEAL = "appeal"


class TaskAction(StrEnum):
    """The last part of the path that does it; `statement` and `appeal` below `/dispute`."""

    CLAIM = "claim"
    CLAIM_WITHDRAWAL = "claim-withdrawal"
    CONTACT = "contact"
    START = "start"
    FINISH = "finish"
    DISPUTE = "dispute"
    STATEMENT = "statement"
    APPEAL = "appeal"


class NeedTask(ContractModel):
    """The need's latest task (供需对接), as the resident's side reads it."""

    id: Id
    status: TaskStatus
    status_words: str
    title: str
    starts_at: Moment
    ends_at: Moment
    expected_minutes: int
    held_minutes: int = Field(description="Set aside for it in the time bank; 0: nothing")
    served_minutes: int | None = Field(description="Between check-in and check-out; null: not finished")
    volunteer: str | None = Field(description="Masked: 李*")
    allowed_actions: list[NeedTaskAction] = Field(
        description="What the resident's side may do now", examples=[["beneficiary-confirmation", "dispute"]]
    )


class TaskFilter(PageQuery):
    """Filters; a field left out does not narrow the list."""

    area: Id | None = Field(None, description="A community, town or county: everything in it")
    skill: list[line(40)] = Field(default=[], description="Codes of categories; may be given several times")  # type: ignore[valid-type]
    matching_only: bool = Field(default=False, description="Only tasks that fit the caller's skills and free times")
    starts_from: Moment | None = Field(None, description="Begins then or later")
    starts_until: Moment | None = Field(None, description="Begins before")


class DisputeDetail(HeardReply):
    """A dispute as one of its two sides reads it."""

    raised_at: Moment
    your_statement: str = Field(description="Empty: not made yet")
    their_statement: str
    minutes: int | None = Field(description="Decided to have been served; null: not decided")
    decision: str
    decided_at: Moment | None
    appeal_until: Moment | None = Field(description="Until when one may appeal, once; null: not decided, or final")
    appealed_at: Moment | None
    settled_at: Moment | None = Field(description="The decision is final since")


class TaskDetail(ContractModel):
    """A task as volunteers read it: without the resident's name, phone number and exact place."""

    id: Id
    status: TaskStatus
    status_words: str
    title: str
    text: str
    category: str
    category_name: str
    area: str = Field(description="Name of the community")
    station: StationReference
    starts_at: Moment
    ends_at: Moment
    expected_minutes: int
    is_mine: bool = Field(description="The caller claimed it")
    claimed_at: Moment | None
    confirmed_at: Moment | None = Field(description="From then on the contact may be read")
    started_at: Moment | None
    finished_at: Moment | None
    end_reason: str = Field(description="Why it was cancelled, or is a no-show, as the station wrote it")
    dispute: DisputeDetail | None
    allowed_actions: list[TaskAction] = Field(description="What the volunteer may do now", examples=[["claim"]])


class TaskContact(HeardReply):
    """The person to help and the place. Each reading is logged and shown to the person."""

    name: str
    phone: str
    place: str = Field(description="The address for help at home, or another place; empty: none is needed")
    area: str


class NewMinutesOffer(ContractModel):
    minutes: Amount = Field(description="Minutes of the caller's time bank; held when a task is published")

    model_config = ConfigDict(json_schema_extra={"examples": [{"minutes": 60}]})


class ContactSharing(ContractModel):
    """Whether a volunteer confirmed by the station may read the contact."""

    allowed: bool

    model_config = ConfigDict(json_schema_extra={"examples": [{"allowed": True}]})


class DisputeStatement(ContractModel):
    """The statement of one side, with photos."""

    text: prose(1000)  # type: ignore[valid-type]
    photo_ids: list[Id] = Field(default=[], max_length=9, description="Of `POST /photos`")

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "只来了十分钟就走了。"}]})


class DisputeAppeal(ContractModel):
    reason: prose(1000)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "签到签退时间都在，请再核实。"}]})


class DisputeSide(StrEnum):
    BENEFICIARY = "beneficiary"
    VOLUNTEER = "volunteer"


class StaffDisputeAction(StrEnum):
    """The last part of the path that does it, below `/station/tasks/{task_id}`."""

    DISPUTE_DECISION = "dispute-decision"


class DisputeRow(ContractModel):
    """A dispute for the head who decides it: both sides' statements and photos, and the decision appealed against."""

    task_id: Id
    title: str
    text: str
    station: StationReference
    volunteer: str | None = Field(description="Masked")
    raised_by: DisputeSide
    raised_at: Moment
    started_at: Moment = Field(description="Checked in")
    finished_at: Moment = Field(description="Checked out")
    served_minutes: int = Field(description="What of the time between counts: the most that can be decided")
    beneficiary_statement: str
    beneficiary_photos: list[PhotoLinks]
    volunteer_statement: str
    volunteer_photos: list[PhotoLinks]
    decision: str = Field(description="Of the station, when there is an appeal against it")
    minutes: int | None
    appeal: str
    appealed_by: DisputeSide | None
    allowed_actions: list[StaffDisputeAction] = Field(
        description="Steps the caller can take now; none if they decided or confirmed it, or are near to either side",
        examples=[["dispute-decision"]],
    )


class DisputeDecision(Decision):
    """Granted: `minutes` says how many count. Refused: the minutes before the request stand.

    Those are all between check-in and check-out or, after an appeal, those of the first decision.
    """

    minutes: int | None = Field(None, ge=0, le=1_000_000, strict=True, description="Minutes served; 0: none")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"granted": True, "reason": "按实际服务时间认定。", "minutes": 30}]}
    )

    @model_validator(mode="after")
    def _minutes_when_granted(self) -> Self:
        if self.granted == (self.minutes is None):
            raise wrong("minutes", "支持争议请求时请填写认定的分钟数，不支持时不填")
        return self


class DisputeDecisionResult(ContractModel):
    task_id: Id
    granted: bool
    service_record_id: Id = Field(description="Who decided for good alone may turn it back")
    minutes: int
    final: bool = Field(description="Settled; else either side may still appeal, once")
