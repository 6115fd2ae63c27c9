"""The tables as SQLAlchemy's models. The tables exist already: lengths and indexes are theirs."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from scripts.benchmarks.peers import words


class Base(DeclarativeBase):
    pass


class Area(Base):
    __tablename__ = "area"

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str]
    name: Mapped[str]
    ancestry: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))


class Category(Base):
    __tablename__ = "category"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    explanation: Mapped[str]
    icon: Mapped[str]
    confidential: Mapped[bool]
    active: Mapped[bool]
    position: Mapped[int]


class Station(Base):
    __tablename__ = "station"

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str]
    status: Mapped[str]
    name: Mapped[str]
    address: Mapped[str]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    opening_hours: Mapped[str]
    phone: Mapped[str]
    duty_phone: Mapped[str]
    operator: Mapped[str]
    origin: Mapped[str | None]
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    county_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))


class Person(Base):
    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True, default=words.new_id)
    openid: Mapped[str | None]
    name: Mapped[str | None]
    phone: Mapped[str | None]
    birth_year: Mapped[int | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    home_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))

    home: Mapped[Area | None] = relationship()


class Role(Base):
    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    scope: Mapped[str]
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    current: Mapped[int | None]
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))


class Need(Base):
    __tablename__ = "need"

    id: Mapped[int] = mapped_column(primary_key=True, default=words.new_id)
    status: Mapped[str] = mapped_column(default="submitted")
    urgency: Mapped[str]
    channel: Mapped[str] = mapped_column(default="phone_app")
    text: Mapped[str]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    at_home: Mapped[bool]
    place: Mapped[str]
    relation: Mapped[str]
    help_times: Mapped[str]
    may_share_contact: Mapped[bool]
    route: Mapped[str]
    slip_code: Mapped[str] = mapped_column(default=words.new_slip_code)
    outcome: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime]
    response_due_at: Mapped[datetime]
    completion_due_at: Mapped[datetime]
    next_due_at: Mapped[datetime | None]
    due_rank: Mapped[int]
    accepted_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    urged_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    joined_needs: Mapped[int] = mapped_column(default=0)
    urgings: Mapped[int] = mapped_column(default=0)
    times_returned: Mapped[int] = mapped_column(default=0)
    reopenings: Mapped[int] = mapped_column(default=0)
    event_count: Mapped[int] = mapped_column(default=0)
    decided_by_head: Mapped[bool] = mapped_column(default=False)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    first_worker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"))
    overseer_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    referred_to_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    area: Mapped[Area] = relationship()
    assignee: Mapped[Person | None] = relationship(foreign_keys=assignee_id)
    category: Mapped[Category] = relationship()
    station: Mapped[Station] = relationship(foreign_keys=station_id)
    timeline: Mapped[list["NeedEvent"]] = relationship(order_by="NeedEvent.number")


class NeedEvent(Base):
    __tablename__ = "need_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str | None]
    text: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    service_minutes: Mapped[int] = mapped_column(default=0)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))

    actor: Mapped[Person | None] = relationship()
    station: Mapped[Station | None] = relationship()


class Job(Base):
    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime]
    lease: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="waiting")
    last_error: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]


class Notice(Base):
    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True, default=words.new_id)
    template: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    subject_kind: Mapped[str | None]
    subject_id: Mapped[int | None]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Activity(Base):
    __tablename__ = "activity"

    id: Mapped[int] = mapped_column(primary_key=True, default=words.new_id)
    status: Mapped[str]
    listed: Mapped[int]
    title: Mapped[str]
    text: Mapped[str]
    place: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    booking_opens_at: Mapped[datetime]
    priority_until: Mapped[datetime | None]
    booking_closes_at: Mapped[datetime]
    cancellation_until: Mapped[datetime]
    seats: Mapped[int]
    seats_taken: Mapped[int]
    seats_held: Mapped[int]
    waiting: Mapped[int]
    last_number: Mapped[int]
    max_party_size: Mapped[int]
    min_age: Mapped[int | None]
    max_age: Mapped[int | None]
    questions: Mapped[list[Any]] = mapped_column(JSON)
    check_in_secret: Mapped[str]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str]
    reminded_day_at: Mapped[datetime | None]
    reminded_hours_at: Mapped[datetime | None]
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    county_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    rule_id: Mapped[int | None]
    series_id: Mapped[int | None]
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    town_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    venue_use_id: Mapped[int | None]

    station: Mapped[Station] = relationship()


class Booking(Base):
    __tablename__ = "booking"

    id: Mapped[int] = mapped_column(primary_key=True, default=words.new_id)
    status: Mapped[str] = mapped_column(default="booked")
    channel: Mapped[str] = mapped_column(default="phone_app")
    size: Mapped[int] = mapped_column(default=1)
    number: Mapped[int]
    penalty_until: Mapped[datetime | None]
    answers: Mapped[str] = mapped_column(default="")
    booked_at: Mapped[datetime]
    seated_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    booked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[int | None]

    activity: Mapped[Activity] = relationship()
    attendees: Mapped[list["Attendee"]] = relationship(back_populates="booking")


class Attendee(Base):
    __tablename__ = "attendee"

    id: Mapped[int] = mapped_column(primary_key=True, default=words.new_id)
    name: Mapped[str] = mapped_column(default="")
    birth_year: Mapped[int | None]
    current: Mapped[int | None] = mapped_column(default=1)
    left_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    check_in_way: Mapped[str | None]
    check_in_step: Mapped[int | None]
    checked_out_at: Mapped[datetime | None]
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    checked_in_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    checked_out_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    service_record_id: Mapped[int | None]

    booking: Mapped[Booking] = relationship(back_populates="attendees")
    person: Mapped[Person | None] = relationship(foreign_keys=person_id)
