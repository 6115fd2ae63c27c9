"""Bookings 报名: seats and places in the waiting list 候补, for the caller, their household, and others by name."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    ValidationError,
    WrapValidator,
    model_validator,
)

from miniprogram_contract.activities_staff import ActivityPhase
from miniprogram_contract.base import ContractModel, Id, Moment, line, prose
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.seat_offers import ActivityReference


class BookingStatus(StrEnum):
    BOOKED = "booked"
    WAITING = "waiting"
    OFFERED = "offered"
    ATTENDED = "attended"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    LAPSED = "lapsed"
    NOT_REACHED = "not_reached"


BOOKING_WORDS = {
    BookingStatus.BOOKED: "报名成功",
    BookingStatus.WAITING: "候补中",
    BookingStatus.OFFERED: "轮到您了，待确认",
    BookingStatus.ATTENDED: "已参加",
    BookingStatus.NO_SHOW: "未到场",
    BookingStatus.CANCELLED: "已取消",
    BookingStatus.REFUSED: "已放弃候补名额",
    BookingStatus.LAPSED: "候补名额超时未确认",
    BookingStatus.NOT_REACHED: "候补未轮到",
}

BirthYear = Annotated[int, Field(ge=1900, le=2199, strict=True, description="Not later than this year")]
Text = prose(200, 0)


def _wrong_is(problem: str) -> WrapValidator:
    """Report one error for a value that fits none of the kinds, instead of one for each kind."""

    def read(value: Any, check: Callable[[Any], Any]) -> Any:
        try:
            return check(value)
        except ValidationError:
            raise ValueError(problem) from None

    return WrapValidator(read)


AnswerName = Annotated[str, StringConstraints(max_length=30, pattern=r"^[a-z][a-z0-9_]*$"), _wrong_is("没有这个问题")]
Answer = Annotated[
    StrictBool | StrictInt | Text,  # type: ignore[valid-type]
    _wrong_is("应为是或否、整数，或不超过200个字的文字"),
]
Answers = Annotated[
    dict[AnswerName, Answer],
    Field(max_length=8, description="Answers by the names of the activity's questions"),
]


GivenAnswers = Annotated[
    dict[str, bool | int | str],
    Field(description="Answers by the names of the activity's questions", examples=[{"breakfast": True}]),
]


class NewAttendee(ContractModel):
    """One of: the caller, a member of the household, or a person by name."""

    me: bool = False
    person_id: Id | None = Field(None, description="A present member of the caller's household, from `GET /household`")
    name: line(30) | None = Field(None, description="A person by name; needs the year of birth too")  # type: ignore[valid-type]
    birth_year: BirthYear | None = None

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if [self.me, self.person_id is not None, self.name is not None].count(True) != 1:
            raise ValueError("请选择本人、一位家庭成员，或填写一位没有手机的人，只选一项")
        if (self.name is None) != (self.birth_year is None):
            raise ValueError("没有手机的人请填写姓名和出生年份，其他人不用填")
        return self


def _each_once(attendees: list[NewAttendee]) -> None:
    known = [one.person_id for one in attendees if one.name is None]  # None: the caller
    if len(set(known)) != len(known):
        raise ValueError("同一个人只能出现一次")


class SeatRequest(ContractModel):
    """Seats for a party, all or none; a party that does not fit waits."""

    attendees: list[NewAttendee] = Field(
        default=[NewAttendee(me=True)], min_length=1, max_length=20, description="Only the caller if left out"
    )
    answers: Answers = Field(default={})

    @model_validator(mode="after")
    def _everybody_once(self) -> Self:
        _each_once(self.attendees)
        return self


class NewBooking(SeatRequest):
    """Seats for a party, or the caller's place in a volunteers' post."""

    post_id: Id | None = Field(
        None, description="A post instead of seats: for approved volunteers, without a waiting list"
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "attendees": [{"me": True}, {"name": "李小明", "birth_year": 2018}],
                    "answers": {"breakfast": True},
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _post_alone(self) -> Self:
        if self.post_id is not None and (self.attendees != [NewAttendee(me=True)] or self.answers):
            raise ValueError("志愿岗位只能由本人报名，不需要回答问题")
        return self


class BookingCancellation(ContractModel):
    attendee_ids: list[Id] | None = Field(
        None,
        min_length=1,
        max_length=20,
        description="Attendees who do not come; one with a `person_id` must stay. Left out, or all: the whole booking",
    )

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"attendee_ids": [4503599627370495]}]})


class BookedActivity(ActivityReference):
    """The booked activity."""

    phase: ActivityPhase
    phase_words: str
    end_reason: str = Field(description="Why the activity was cancelled with all its bookings; else empty")
    cancellation_until: Moment = Field(description="A cancellation after this time is late")


class PostReference(ContractModel):
    id: Id
    title: str


class AttendeeDetail(ContractModel):
    """A seat and its person."""

    id: Id
    person_id: Id | None = Field(description="Null: a person by name only")
    name: str = Field(description="Not masked: they come together")
    ticket: str | None = Field(
        description="Show it while the booking has its seats, as a QR code and in groups of four; null: none",
        examples=["2F7KM9PQX4WAB3CDE5GHJ6NR"],
    )
    checked_in_at: Moment | None


class OpenSeatOffer(ContractModel):
    """Freed seats, held until they are accepted or refused."""

    id: Id
    seats: int
    expires_at: Moment


class BookingAction(StrEnum):
    """The last part of the action's path; `acceptance` and `refusal` are below the seat offer."""

    CANCELLATION = "cancellation"
    ACCEPTANCE = "acceptance"
    REFUSAL = "refusal"


class BookingDetail(HeardReply):
    """A booking as its people see it."""

    id: Id
    status: BookingStatus
    status_words: str
    activity: BookedActivity
    post: PostReference | None = Field(description="A volunteer's post; null: seats")
    is_mine: bool = Field(description="The caller is its holder")
    seats: int
    bookings_ahead: int | None = Field(description="Number of waiting bookings before it; null: it does not wait")
    offer: OpenSeatOffer | None
    attendees: list[AttendeeDetail] = Field(description="If it has ended, everybody who was in it")
    answers: GivenAnswers
    booked_at: Moment
    seated_at: Moment | None
    ended_at: Moment | None
    cancelled_late: bool = Field(description="Cancelled after the deadline; this is not a no-show")
    reason: str = Field(description="Why the station cancelled this booking; else empty")
    allowed_actions: list[BookingAction] = Field(
        description="Possible actions now. A part is cancelled only while an attendee with a `person_id` stays:"
        " else `account_holder_required`, and all must cancel",
        examples=[["cancellation"]],
    )
