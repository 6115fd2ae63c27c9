"""Needs 需求 for residents."""

from enum import StrEnum

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from miniprogram_contract.base import ContractModel, Id, Moment, Phone, line, prose
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.photos import PhotoLinks
from miniprogram_contract.stations import StationReference
from miniprogram_contract.tasks import NeedTask


class NeedStatus(StrEnum):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"
    DECLINED = "declined"
    REFERRED = "referred"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    MERGED = "merged"


STATUS_WORDS: dict[str, str] = {
    NeedStatus.SUBMITTED: "待受理",
    NeedStatus.ACCEPTED: "已受理",
    NeedStatus.ASSIGNED: "已派单",
    NeedStatus.IN_PROGRESS: "服务中",
    NeedStatus.RESOLVED: "已办结",
    NeedStatus.CLOSED: "已归档",
    NeedStatus.DECLINED: "不予受理",
    NeedStatus.REFERRED: "转介中",
    NeedStatus.WITHDRAWN: "已撤回",
    NeedStatus.REOPENED: "重新办理",
    NeedStatus.MERGED: "已合并办理",
}


class Urgency(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class NewNeed(ContractModel):
    """A new need of a resident.

    An emergency, or one with words of crisis, is filed whatever else is missing or wrong.
    """

    category: line(40) = Field(description="Code of a category of `GET /categories`; `not_sure` when unsure")  # type: ignore[valid-type]
    text: prose(2000) = Field(description="The need in the resident's own words")  # type: ignore[valid-type]
    urgency: Urgency = Field(Urgency.NORMAL, description="`emergency` is the emergency button: a duty phone rings")
    contact_name: line(30) = Field(description="Name of the person to contact")  # type: ignore[valid-type]
    contact_phone: Phone
    area_id: Id | None = Field(None, description="Community of the need; null: the home community")
    at_home: bool = Field(default=False, description="Help is needed at home: then `place` is asked for")
    place: line(100, 0) = Field(  # type: ignore[valid-type]
        "", validate_default=True, description="The address of the home, or another place; empty: none is needed"
    )
    relation: line(20, 0) = Field("", description="Relation to the person it is for, such as 女儿; empty: the caller")  # type: ignore[valid-type]
    help_times: line(200, 0) = Field("", description="Times that suit for help")  # type: ignore[valid-type]
    may_share_contact: bool = Field(default=False, description="Contact details may be passed to a volunteer")
    photo_ids: list[Id] = Field(default=[], max_length=9, description="Ids from `POST /photos`")

    @field_validator("place")
    @classmethod
    def _home_has_an_address(cls, place: str, others: ValidationInfo) -> str:
        if others.data.get("at_home") and not place:
            raise ValueError("请写下上门的地址，例如楼栋和门牌号")
        return place

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "category": "elder_care",
                    "text": "家里老人独居，腿脚不便，想请人帮忙买药。",
                    "urgency": "normal",
                    "contact_name": "王秀英",
                    "contact_phone": "13812345678",
                    "at_home": True,
                    "place": "先锋村3组12号",
                    "help_times": "工作日上午",
                }
            ]
        }
    )


class NewReminder(ContractModel):
    """A reminder to the station, with or without a message."""

    message: prose(500, 0) = Field("", description="Staff read it in the timeline")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"message": "老人今天又没有吃药"}]})


class NewMessage(ContractModel):
    """A message of the resident about their need, with or without photos."""

    text: prose(1000)  # type: ignore[valid-type]
    photo_ids: list[Id] = Field(default=[], max_length=9, description="Ids from `POST /photos`")

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "我说的是星期二，药盒的照片在下面。"}]})


class JoinedNeed(ContractModel):
    """A need of the same household that was merged into this one."""

    id: Id
    text: str
    submitted_at: Moment


class TimelineEntry(ContractModel):
    """An entry of the timeline, as the resident reads it."""

    at: Moment
    actor: str = Field(
        description="The person who did it: 您, a worker with station, or 系统",
        examples=["陈社工（邻玉街道社会工作服务站）"],
    )
    message: str = Field(description="What happened, in plain words")
    status: NeedStatus | None = Field(description="The new status; null: unchanged")
    photos: list[PhotoLinks] = Field(description="Those that came with it")


class NeedSummary(ContractModel):
    """A need in the resident's list."""

    id: Id
    status: NeedStatus
    status_words: str
    category: str
    category_name: str
    text: str
    urgency: Urgency
    station: StationReference
    submitted_at: Moment
    response_due_at: Moment = Field(description="Promised time of response")
    completion_due_at: Moment = Field(description="Promised time of completion")
    slip_code: str = Field(description="Shows the state without signing in")
    merged_into_id: Id | None = Field(description="The need it was merged into, to be shown in its place; null: none")


class NeedAction(StrEnum):
    """The last part of the path that does it."""

    WITHDRAWAL = "withdrawal"
    REMINDERS = "reminders"
    MESSAGES = "messages"
    APPEAL = "appeal"
    REOPENING = "reopening"
    RATING = "rating"


class NeedDetail(NeedSummary, HeardReply):
    """A need with all details for its resident."""

    route: str = Field(description="Why this station is responsible, in plain words")
    area: str = Field(description="Name of the community")
    contact_name: str
    contact_phone: str
    at_home: bool
    place: str
    relation: str
    help_times: str
    outcome: str = Field(description="What was done, or who can help instead")
    escalated: bool = Field(description="Overdue and overseen by the parent station (督办)")
    photos: list[PhotoLinks] = Field(description="Those that the need was filed with")
    timeline: list[TimelineEntry] = Field(description="The newest 200 entries, oldest first")
    allowed_actions: list[NeedAction] = Field(description="Actions possible now", examples=[["reminders"]])
    joined_needs: list[JoinedNeed] = Field(description="Merged into this one, oldest first")
    minutes_offered: int | None = Field(description="Minutes of the time bank offered for help; null: none")
    task: NeedTask | None


class SlipDetail(ContractModel):
    """The state of a need for a person who has its slip: no personal data, and not even the category."""

    status: NeedStatus
    status_words: str
    station: StationReference
    submitted_at: Moment
    response_due_at: Moment
    completion_due_at: Moment
    escalated: bool
