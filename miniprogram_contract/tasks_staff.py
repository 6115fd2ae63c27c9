"""Tasks 任务 for station staff, who publish, confirm and end them."""

from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import Amount, ContractModel, Id, Moment, PageQuery, line, prose
from miniprogram_contract.stations import StationReference
from miniprogram_contract.tasks import TaskStatus


class Payer(StrEnum):
    """The payer of the minutes: nobody, the resident's side as offered, or the station's public pool 公益池."""

    NOBODY = "nobody"
    BENEFICIARY = "beneficiary"
    POOL = "pool"


class _TaskBase(ContractModel):
    title: line(60) = Field(description="Names nobody, no phone, no exact place")  # type: ignore[valid-type]
    text: prose(1000) = Field(description="Names nobody, no phone, no exact place")  # type: ignore[valid-type]
    starts_at: Moment = Field(description="In the future")
    ends_at: Moment = Field(description="At most 24 hours later")
    expected_minutes: Amount = Field(description="No more than lie between the two")
    reason: prose(200, 0) = Field("", description="Why the public pool pays; needed exactly then")  # type: ignore[valid-type]


def _must_have_reason(asking: _TaskBase, payer: str) -> None:
    if (payer == Payer.POOL) != bool(asking.reason):
        raise ValueError("由公益池支付时须写明原因，其他情况不填")


class NewTask(_TaskBase):
    """A need as a task. Payer `pool` is for the head only, for people in hardship."""

    payer: Payer = Payer.NOBODY

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "陪老人去医院取药",
                    "text": "陪同步行约十分钟，取药后送回家。",
                    "starts_at": "2026-12-01T09:00:00+08:00",
                    "ends_at": "2026-12-01T11:00:00+08:00",
                    "expected_minutes": 90,
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _reason_for_pool(self) -> Self:
        _must_have_reason(self, self.payer)
        return self


class StationTaskPayer(StrEnum):
    """The payer of the minutes for a station's own task."""

    NOBODY = "nobody"
    POOL = "pool"


class NewStationTask(_TaskBase):
    """A task of the station itself."""

    station_id: Id
    area_id: Id
    category: line(40) = Field(description="Code of a category")  # type: ignore[valid-type]
    place: line(100) = Field(description="For the confirmed volunteer alone")  # type: ignore[valid-type]
    payer: StationTaskPayer = StationTaskPayer.NOBODY

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "院坝活动布置场地",
                    "text": "帮忙搬桌椅、布置会场。",
                    "starts_at": "2026-12-01T09:00:00+08:00",
                    "ends_at": "2026-12-01T11:00:00+08:00",
                    "expected_minutes": 90,
                    "station_id": 7,
                    "area_id": 42,
                    "category": "community_governance",
                    "place": "村委会大院",
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _reason_for_pool(self) -> Self:
        _must_have_reason(self, self.payer)
        return self


class StaffTaskFilter(PageQuery):
    """Filters; a field left out does not narrow the list."""

    status: list[TaskStatus] = Field(default=[], description="May be given several times")
    station: Id | None = None
    need: Id | None = None


class TaskRow(ContractModel):
    """A task in the stations' list."""

    id: Id
    status: TaskStatus
    status_words: str
    station: StationReference
    need_id: Id | None = Field(description="Null: the station's own wish")
    title: str
    category: str
    category_name: str
    area: str
    starts_at: Moment
    ends_at: Moment
    expected_minutes: int
    payer: Payer
    volunteer: str | None = Field(description="Masked: 李*")


class TaskEventKind(StrEnum):
    """Kinds of entries in a task's timeline."""

    PUBLISHED = "published"
    CLAIMED = "claimed"
    CLAIM_WITHDRAWN = "claim_withdrawn"
    CLAIM_REFUSED = "claim_refused"
    CONFIRMED = "confirmed"
    CONTACT_READ = "contact_read"
    STARTED = "started"
    FINISHED = "finished"
    NOT_STARTED = "not_started"
    NOT_FINISHED = "not_finished"
    UNCONFIRMED = "unconfirmed"
    SERVICE_CONFIRMED = "service_confirmed"
    APPROVED = "approved"
    SERVICE_DECLINED = "service_declined"
    SERVICE_REVERSED = "service_reversed"
    DISPUTED = "disputed"
    DISPUTE_STATEMENT = "dispute_statement"
    DISPUTE_DECIDED = "dispute_decided"
    DISPUTE_APPEALED = "dispute_appealed"
    DISPUTE_SETTLED = "dispute_settled"
    PAYMENT_EXPIRED = "payment_expired"
    VOLUNTEER_BANNED = "volunteer_banned"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class TaskTimelineEntry(ContractModel):
    """An entry of a task's timeline."""

    number: int
    at: Moment
    kind: TaskEventKind
    actor: str = Field(description="A worker's name, 志愿者 or 居民 (both masked), or 系统")
    note: str
    from_status: TaskStatus | None
    to_status: TaskStatus | None


class StaffTaskAction(StrEnum):
    """The last part of the path that does it."""

    CONFIRMATION = "confirmation"
    REFUSAL = "refusal"
    CANCELLATION = "cancellation"
    NO_SHOW = "no-show"
    BENEFICIARY_CONFIRMATION = "beneficiary-confirmation"
    DISPUTE_DECISION = "dispute-decision"


class StaffTaskDetail(TaskRow):
    """A task as staff read it."""

    text: str
    place: str
    held_minutes: int = Field(description="Set aside for it; 0: nothing, or settled")
    published_at: Moment
    claimed_at: Moment | None
    confirmed_at: Moment | None
    started_at: Moment | None
    finished_at: Moment | None
    ended_at: Moment | None
    service_record_id: Id | None
    volunteer_id: Id | None = Field(description="For their skills and trainings: /station/volunteers/{volunteer_id}")
    timeline: list[TaskTimelineEntry]
    allowed_actions: list[StaffTaskAction] = Field(
        description="Steps the caller can take now", examples=[["confirmation", "refusal", "cancellation"]]
    )


class TaskReason(ContractModel):
    """The reason, which the person concerned reads."""

    reason: prose(200)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "时间有变动"}]})


class BeneficiaryConfirmation(ContractModel):
    verification: prose(200) = Field(  # type: ignore[valid-type]
        description="How the person was asked and what they said, such as 电话核实，本人表示满意"
    )

    model_config = ConfigDict(json_schema_extra={"examples": [{"verification": "电话核实，本人表示满意"}]})
