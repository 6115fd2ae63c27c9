"""Complaints 投诉 about a station, a worker or a volunteer. The station above answers, never who is complained of."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, CounterChannel, Id, Moment, PageQuery, line, prose
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.stations import StationReference


class ComplaintAbout(StrEnum):
    STATION = "station"
    WORKER = "worker"
    VOLUNTEER = "volunteer"


ABOUT_WORDS = {
    ComplaintAbout.STATION: "站点",
    ComplaintAbout.WORKER: "工作人员",
    ComplaintAbout.VOLUNTEER: "志愿者",
}


class ComplaintStatus(StrEnum):
    FILED = "filed"
    ANSWERED = "answered"
    APPEALED = "appealed"
    FINAL = "final"


STATUS_WORDS = {
    ComplaintStatus.FILED: "待答复",
    ComplaintStatus.ANSWERED: "已答复",
    ComplaintStatus.APPEALED: "复核中",
    ComplaintStatus.FINAL: "已复核",
}


class NewComplaint(ContractModel):
    """A complaint of the caller."""

    about: ComplaintAbout
    station_id: Id = Field(description="The station, or that of the worker or volunteer")
    named: line(30, 0) = Field("", description="The worker or volunteer, as the caller knows them")  # type: ignore[valid-type]
    text: prose(2000)  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"about": "worker", "station_id": 3, "named": "陈社工", "text": "约好的时间没有来，也没有打电话。"}
            ]
        }
    )


class NewCounterComplaint(NewComplaint):
    """A complaint that staff enter for a person at the counter or on the telephone."""

    person_id: Id = Field(description="A person whom the station has served or found")
    channel: CounterChannel

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "about": "station",
                    "station_id": 3,
                    "text": "去了两次都没有开门。",
                    "person_id": 4503599627370495,
                    "channel": "counter",
                }
            ]
        }
    )


class ComplaintAppeal(ContractModel):
    reason: prose(1000)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "答复没有说明为什么没有来"}]})


class CounterComplaintAppeal(ComplaintAppeal):
    """An appeal on the word of a person without a phone."""

    person_id: Id = Field(description="The person, whom the caller looked up within a day")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "答复没有说明为什么没有来", "person_id": 4503599627370495}]}
    )


class ComplaintContact(ContractModel):
    """Name and phone of the person who complained, unmasked. The reading is logged, and the person sees it."""

    name: str
    phone: str | None = Field(description="Null: the station has no number")


class NewComplaintAnswer(ContractModel):
    """The answer to a complaint; the person reads it."""

    upheld: bool = Field(description="Whether the complaint is justified")
    text: prose(2000)  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"upheld": True, "text": "情况属实，已要求站点当天上门道歉并补办。"}]}
    )


class ComplaintAnswerDetail(ContractModel):
    """An answer that was given, or that is due."""

    station: StationReference
    appeal: str = Field(description="Why the person appealed; empty for the first answer")
    upheld: bool | None = Field(description="Null: not answered yet")
    text: str
    answered_at: Moment | None


class ComplaintAction(StrEnum):
    """The last part of the path that does it."""

    APPEAL = "appeal"
    ANSWER = "answer"


class ComplaintRow(ContractModel):
    """A complaint in a list, without its words."""

    id: Id
    about: ComplaintAbout
    about_words: str
    station: StationReference = Field(description="The station complained of")
    status: ComplaintStatus
    status_words: str
    answered_by: StationReference = Field(description="The station that answers it")
    filed_at: Moment
    due_at: Moment | None = Field(description="Until when it is answered; null: it is answered")
    overdue: bool


class ComplaintDetail(ComplaintRow, HeardReply):
    """A complaint with its words and answers."""

    named: str
    text: str
    answers: list[ComplaintAnswerDetail]
    allowed_actions: list[ComplaintAction] = Field(examples=[["appeal"]])


class ComplaintReceipt(HeardReply):
    """A complaint that staff have entered: its words are for those who answer it."""

    id: Id
    due_at: Moment = Field(description="Until when the station above answers")


class ComplaintFilter(PageQuery):
    answered: bool = Field(default=False, description="Those that are answered, instead of those that wait")
