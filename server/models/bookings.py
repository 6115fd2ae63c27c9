"""Bookings 报名: seats for a party, the waiting list 候补, offers, attendance and no-shows 爽约."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.activities import Activity, Post
from server.models.base import Model
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.needs import Channel
from server.models.people import Person
from server.models.service_records import ServiceRecord
from server.models.stations import Station


class BookingStatus(StrEnum):
    BOOKED = "booked"
    WAITING = "waiting"
    OFFERED = "offered"  # a seat is held while they decide
    ATTENDED = "attended"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # refused an offer
    LAPSED = "lapsed"  # did not answer an offer in time
    NOT_REACHED = "not_reached"  # waited until the activity was over


# Statuses in which a person cannot book the same activity again.
BOOKINGS_CURRENT = (BookingStatus.BOOKED, BookingStatus.WAITING, BookingStatus.OFFERED, BookingStatus.ATTENDED)


class Booking(Model):
    """A party's seats at an activity, all or none, a volunteer's place in a post, or a place in the waiting list.

    `number` is the order of booking. Until `penalty_until` all other waiting bookings come first.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    activity: fields.ForeignKeyRelation[Activity] = fields.ForeignKeyField(
        "models.Activity", related_name="bookings", on_delete=fields.RESTRICT
    )
    activity_id: int
    post: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="bookings", null=True, on_delete=fields.RESTRICT
    )
    post_id: int | None
    status = fields.CharEnumField(BookingStatus, max_length=12)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="bookings", on_delete=fields.RESTRICT
    )
    person_id: int  # the holder, who answers for the party
    booked_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    booked_by_id: int
    channel = fields.CharEnumField(Channel, max_length=12)
    size = fields.SmallIntField()
    number = fields.IntField()
    penalty_until: datetime | None = UtcDatetimeField(null=True)
    answers = PersonalField(default="")  # JSON: the answers by the question's name
    booked_at = UtcDatetimeField()
    seated_at: datetime | None = UtcDatetimeField(null=True)
    ended_at: datetime | None = UtcDatetimeField(null=True)
    late = fields.BooleanField(default=False)  # cancelled after the deadline
    reason = PersonalField(default="")
    # Set where they were read or written with it: its attendees, and how many waiting bookings come before it.
    party: list["Attendee"]
    ahead: int | None

    class Meta:
        table = "booking"
        constraints = (CheckConstraint(check="size > 0 AND number > 0", name="booking_size"),)
        unique_together = (("activity", "number"),)
        indexes = (
            # A place in a waiting list of thousands is counted from the index alone.
            ("activity_id", "status", "number", "penalty_until", "size"),
            ("activity_id", "penalty_until"),
            ("person_id", "booked_at", "id"),
            ("booked_by_id", "booked_at", "id"),
        )


class CheckInWay(StrEnum):
    OWN_PHONE = "own_phone"
    LIST = "list"
    SCAN = "scan"  # by a steward's phone, perhaps without a network


class Attendee(Model):
    """One seat of a booking and its person, with an account or by name only.

    `current` is 1 while the booking is alive and NULL afterwards, so that a person has one seat at an activity.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    activity: fields.ForeignKeyRelation[Activity] = fields.ForeignKeyField(
        "models.Activity", related_name="attendees", on_delete=fields.RESTRICT
    )
    activity_id: int
    booking: fields.ForeignKeyRelation[Booking] = fields.ForeignKeyField(
        "models.Booking", related_name="attendees", on_delete=fields.RESTRICT
    )
    booking_id: int
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="attendances", null=True, on_delete=fields.RESTRICT
    )
    person_id: int | None
    name = PersonalField(default="")
    birth_year = fields.SmallIntField(null=True)
    current: int | None = fields.SmallIntField(null=True, default=1)
    left_at: datetime | None = UtcDatetimeField(null=True)  # taken out of a party that continues without them
    checked_in_at: datetime | None = UtcDatetimeField(null=True)
    checked_in_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    checked_in_by_id: int | None
    check_in_way: Any = fields.CharEnumField(CheckInWay, max_length=10, null=True)
    check_in_step = fields.BigIntField(null=True)  # the scanned code cannot check out as well
    checked_out_at: datetime | None = UtcDatetimeField(null=True)
    checked_out_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    checked_out_by_id: int | None
    service_record: fields.OneToOneNullableRelation[ServiceRecord] = fields.OneToOneField(
        "models.ServiceRecord", related_name="attendee", null=True, on_delete=fields.RESTRICT
    )
    service_record_id: int | None

    class Meta:
        table = "attendee"
        constraints = (
            CheckConstraint(
                check="checked_out_at IS NULL OR checked_out_at >= checked_in_at", name="attendee_in_and_out"
            ),
        )
        unique_together = (("activity", "person", "current"),)
        indexes = (("person_id", "id"), ("activity_id", "current", "checked_in_at"))


class SeatOfferStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"  # the booking or the activity was cancelled, or staff gave the seat at once


class SeatOffer(Model):
    """A freed seat, held for one waiting booking for a limited time. `open` is 1, then NULL: one at a time."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    booking: fields.ForeignKeyRelation[Booking] = fields.ForeignKeyField(
        "models.Booking", related_name="offers", on_delete=fields.RESTRICT
    )
    booking_id: int
    activity: fields.ForeignKeyRelation[Activity] = fields.ForeignKeyField(
        "models.Activity", related_name="offers", on_delete=fields.RESTRICT
    )
    activity_id: int
    state = fields.CharEnumField(SeatOfferStatus, max_length=10, default=SeatOfferStatus.OPEN)
    seats = fields.SmallIntField()
    offered_at = UtcDatetimeField()
    expires_at = UtcDatetimeField()
    ended_at: datetime | None = UtcDatetimeField(null=True)
    open: int | None = fields.SmallIntField(null=True, default=1)

    class Meta:
        table = "seat_offer"
        constraints = (CheckConstraint(check="seats > 0 AND expires_at > offered_at", name="seat_offer_time"),)
        unique_together = (("booking", "open"),)
        indexes = (("activity_id", "open", "expires_at"),)


class Scan(Model):
    """A scan of a steward's phone, sent later under an id from the phone and stored once."""

    id = fields.BigIntField(primary_key=True)
    activity: fields.ForeignKeyRelation[Activity] = fields.ForeignKeyField(
        "models.Activity", related_name="scans", on_delete=fields.RESTRICT
    )
    activity_id: int
    client_id = ExactTextField(max_length=40)
    attendee: fields.ForeignKeyNullableRelation[Attendee] = fields.ForeignKeyField(
        "models.Attendee", related_name="scans", null=True, on_delete=fields.RESTRICT
    )
    attendee_id: int | None
    out = fields.BooleanField(default=False)
    scanned_at = UtcDatetimeField()
    received_at = UtcDatetimeField()
    sent_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    sent_by_id: int
    outcome = ExactTextField(max_length=24)

    class Meta:
        table = "scan"
        unique_together = (("activity", "client_id"),)


class Exemption(StrEnum):
    """Why a no-show does not count."""

    AGE = "age"
    FIRST_TIME = "first_time"
    LATE_SEAT = "late_seat"  # got the seat after the cancellation deadline
    FORGIVEN = "forgiven"


class NoShow(Model):
    """A no-show 爽约: a booked person who neither came nor cancelled, with the excuse and the decision."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    booking: fields.OneToOneRelation[Booking] = fields.OneToOneField(
        "models.Booking", related_name="no_show", on_delete=fields.RESTRICT
    )
    booking_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="no_shows", on_delete=fields.RESTRICT
    )
    person_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="no_shows", on_delete=fields.RESTRICT
    )
    station_id: int
    at = UtcDatetimeField()  # when the activity began
    exemption: Any = fields.CharEnumField(Exemption, max_length=10, null=True)
    excuse = PersonalField(default="")
    excused_at: datetime | None = UtcDatetimeField(null=True)
    decided_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: int | None
    decided_at: datetime | None = UtcDatetimeField(null=True)
    decision = PersonalField(default="")

    class Meta:
        table = "no_show"
        indexes = (
            ("person_id", "at"),
            ("station_id", "at", "id"),
            ("at", "id"),  # the city's list
            # With an excuse, and undecided.
            ("station_id", "decided_at", "excused_at", "id"),
            ("decided_at", "exemption", "excused_at", "id"),
        )


class ActivityRating(Model):
    """One rating per person and attended activity, 1 to 5 stars."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    activity: fields.ForeignKeyRelation[Activity] = fields.ForeignKeyField(
        "models.Activity", related_name="ratings", on_delete=fields.RESTRICT
    )
    activity_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="activity_ratings", on_delete=fields.RESTRICT
    )
    person_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="activity_ratings", on_delete=fields.RESTRICT
    )
    station_id: int
    stars = fields.SmallIntField()
    tags: Any = fields.JSONField(default=list)
    comment = PersonalField(default="")
    rated_at = UtcDatetimeField()
    changed_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "activity_rating"
        constraints = (CheckConstraint(check="stars BETWEEN 1 AND 5", name="activity_rating_stars"),)
        unique_together = (("activity", "person"),)
        indexes = (("station_id", "rated_at"),)
