"""Bookings as station staff read them, book at the counter, and cancel."""

from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import (
    Channel,
    ContractModel,
    CounterChannel,
    Id,
    Moment,
    PageQuery,
    Phone,
    line,
    prose,
    wrong,
)
from miniprogram_contract.bookings import (
    BirthYear,
    BookingStatus,
    GivenAnswers,
    OpenSeatOffer,
    PostReference,
    SeatRequest,
)


class BookingSort(StrEnum):
    NUMBER = "number"
    WAITING_LIST = "waiting_list"


class StaffBookingFilter(PageQuery):
    """Fields that are left out do not narrow the list."""

    status: list[BookingStatus] = Field(default=[], description="May be given several times")
    sort: BookingSort = Field(
        BookingSort.NUMBER,
        description="`number`: in the order of booking; `waiting_list`: waiting bookings in their order",
    )


class StaffAttendeeDetail(ContractModel):
    id: Id
    person_id: Id | None = Field(description="Null: a person by name only")
    name: str = Field(description="Masked")
    birth_year: int | None
    checked_in_at: Moment | None
    checked_out_at: Moment | None


class StaffBookingAction(StrEnum):
    """The last part of the path that does it."""

    CANCELLATION = "cancellation"
    CONTACT = "contact"
    PROMOTION = "promotion"


class StaffBookingDetail(ContractModel):
    """A booking as its station sees it."""

    id: Id
    activity_id: Id
    number: int = Field(description="The order of booking")
    status: BookingStatus
    status_words: str
    post: PostReference | None
    person_id: Id = Field(description="The holder: with this id the counter can book for them again")
    person: str = Field(description="Masked")
    channel: Channel
    seats: int
    waiting_position: int | None = Field(description="From 1 on; null: it does not wait")
    penalty_until: Moment | None = Field(description="Until then it comes last, because of no-shows")
    offer: OpenSeatOffer | None
    attendees: list[StaffAttendeeDetail]
    booked_at: Moment
    seated_at: Moment | None
    ended_at: Moment | None
    cancelled_late: bool
    reason: str
    allowed_actions: list[StaffBookingAction] = Field(
        description="Steps the caller can take now", examples=[["cancellation", "contact"]]
    )


class NewPerson(ContractModel):
    """A person who is new to the station."""

    name: line(30)  # type: ignore[valid-type]
    phone: Phone
    area_id: Id = Field(description="The community they live in")
    birth_year: BirthYear | None = None


class NewCounterBooking(SeatRequest):
    """Seats for a person at the counter or on the telephone and their party: `me` is this person."""

    person_id: Id | None = Field(None, description="A person whom the station has served")
    newcomer: NewPerson | None = Field(None, description="Or a new person")
    channel: CounterChannel

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "newcomer": {"name": "刘大爷", "phone": "0830-2345678", "area_id": 42, "birth_year": 1948},
                    "channel": "counter",
                    "answers": {"breakfast": False},
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _one_person(self) -> Self:
        if (self.person_id is None) == (self.newcomer is None):
            field = "person_id" if self.person_id is None else "newcomer"
            raise wrong(field, "请选择站点已认识的居民，或登记一位新居民，只选一项")
        return self


class StaffBookingCancellation(ContractModel):
    reason: prose(200) = Field(description="Its people read it")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "按您电话中的要求取消"}]})


class PersonContact(ContractModel):
    name: str
    phone: str | None = Field(description="Null: unknown")
    birth_year: int | None


class BookingContact(ContractModel):
    """Names, phones and answers. Each reading is logged and shown to the people."""

    person: PersonContact = Field(description="The holder")
    attendees: list[PersonContact]
    answers: GivenAnswers
