"""Requests and replies as pydantic models. Fields of features that the app does not have are empty."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from scripts.benchmarks.peers import words

# The database keeps UTC without saying so.
Moment = Annotated[datetime, AfterValidator(lambda at: at.replace(tzinfo=UTC))]
Line = Annotated[str, Field(min_length=1, max_length=40)]


class NewNeed(BaseModel):
    station_id: int
    category: Line
    text: str = Field(min_length=1, max_length=2000)
    urgency: Literal["normal", "urgent", "emergency"] = "normal"
    contact_name: Line
    contact_phone: str = Field(pattern=words.PHONE)
    at_home: bool = False
    place: str = Field(default="", max_length=100)
    relation: str = Field(default="", max_length=20)
    help_times: str = Field(default="", max_length=200)
    may_share_contact: bool = False


class StationReference(BaseModel):
    id: int
    name: str
    phone: str


class TimelineEntry(BaseModel):
    at: Moment
    actor: str
    message: str
    status: str | None
    photos: list[str] = []


class NeedDetail(BaseModel):
    id: int
    status: str
    status_words: str
    category: str
    category_name: str
    text: str
    urgency: str
    station: StationReference
    submitted_at: Moment
    response_due_at: Moment
    completion_due_at: Moment
    slip_code: str
    route: str
    area: str
    contact_name: str
    contact_phone: str
    at_home: bool
    place: str
    relation: str
    help_times: str
    outcome: str
    escalated: bool
    emergency: dict | None = None
    photos: list[str] = []
    timeline: list[TimelineEntry]
    allowed_actions: list[str] = []
    joined_needs: list[str] = []
    merged_into_id: int | None
    minutes_offered: int | None = None
    task: str | None = None


class NeedRow(BaseModel):
    id: int
    status: str
    status_words: str
    category: str
    category_name: str
    confidential: bool
    urgency: str
    station: StationReference
    area: str
    name: str
    phone: str
    excerpt: str
    assignee: str | None
    assignee_id: int | None
    submitted_at: Moment
    response_due_at: Moment
    completion_due_at: Moment
    next_due_at: Moment | None
    overdue: bool
    reminders: int


class NeedPage(BaseModel):
    items: list[NeedRow]
    next: str | None
    counts: dict[str, int]


class NewBooking(BaseModel):
    answers: dict[str, bool | int | str] = {}


class BookedActivity(BaseModel):
    id: int
    title: str
    place: str
    starts_at: Moment
    ends_at: Moment
    station: StationReference
    phase: str
    phase_words: str
    end_reason: str
    cancellation_until: Moment


class AttendeeDetail(BaseModel):
    id: int
    person_id: int | None
    name: str
    ticket: str | None = None
    checked_in_at: Moment | None


class BookingDetail(BaseModel):
    id: int
    status: str
    status_words: str
    activity: BookedActivity
    post: str | None = None
    is_mine: bool
    seats: int
    bookings_ahead: int | None = None
    offer: str | None = None
    attendees: list[AttendeeDetail]
    answers: dict[str, bool | int | str]
    booked_at: Moment
    seated_at: Moment | None
    ended_at: Moment | None
    cancelled_late: bool
    reason: str
    allowed_actions: list[str] = []
