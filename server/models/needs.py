"""Needs 需求, with their timelines, referrals, extensions, appeals and crisis alerts."""

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from server.models.areas import Area
from server.models.base import Model
from server.models.categories import Category, Urgency
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.people import Person, StandIn
from server.models.stations import Station


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


NEEDS_OPEN = frozenset(
    {
        NeedStatus.SUBMITTED,
        NeedStatus.ACCEPTED,
        NeedStatus.ASSIGNED,
        NeedStatus.REFERRED,
        NeedStatus.IN_PROGRESS,
        NeedStatus.REOPENED,
    }
)


class DueRank(IntEnum):
    """The place of a need among others before its next deadline is compared: the lowest comes first."""

    EMERGENCY = 0
    OTHER = 1
    NOTHING_DUE = 2


class Channel(StrEnum):
    PHONE_APP = "phone_app"
    COUNTER = "counter"
    TELEPHONE = "telephone"


# The most urgent first. The rest of the columns lets counts and other orders do without the rows.
BY_DUE = ("due_rank", "next_due_at", "id", "status", "category_id", "submitted_at")
# What decides when a need is due.
DUE_FROM = ("status", "urgency", "accepted_at", "response_due_at", "completion_due_at")


def due_columns(need: Mapping[str, Any]) -> dict[str, Any]:
    """Return `next_due_at` and `due_rank` of a need with these columns, `DUE_FROM` among them.

    The response is due until the need is accepted, then the completion; nothing once it is resolved or has ended.
    """
    if need["status"] not in NEEDS_OPEN:
        return {"next_due_at": None, "due_rank": DueRank.NOTHING_DUE.value}
    due = need["response_due_at"] if need["accepted_at"] is None else need["completion_due_at"]
    rank = DueRank.EMERGENCY if need["urgency"] == Urgency.EMERGENCY else DueRank.OTHER
    return {"next_due_at": due, "due_rank": rank.value}


class Need(Model):
    """A resident's need, with the one station responsible for it."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    status = fields.CharEnumField(NeedStatus, max_length=12)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="needs", on_delete=fields.RESTRICT
    )
    station_id: int
    category: fields.ForeignKeyRelation[Category] = fields.ForeignKeyField(
        "models.Category", related_name="needs", on_delete=fields.RESTRICT
    )
    category_id: int
    urgency = fields.CharEnumField(Urgency, max_length=10)
    channel = fields.CharEnumField(Channel, max_length=10)
    # The person it is for; submitted_by is different if a relative, a neighbour or staff submitted it.
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="needs", on_delete=fields.RESTRICT
    )
    person_id: int
    submitted_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="submitted_needs", on_delete=fields.RESTRICT
    )
    submitted_by_id: int
    area: fields.ForeignKeyRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="needs", on_delete=fields.RESTRICT
    )
    area_id: int

    text = PersonalField()
    contact_name = PersonalField()
    contact_phone = PersonalField()
    at_home = fields.BooleanField(default=False)  # then a volunteer needs the place
    place = PersonalField(default="")
    relation = ExactTextField(
        max_length=20, default=""
    )  # to the person it is for: 女儿, 邻居; empty: it is the same person
    help_times = ExactTextField(max_length=200, default="")
    may_share_contact = fields.BooleanField(default=False)

    route = ExactTextField(max_length=1000)  # how it came to this station, in words a resident understands
    slip_code = ExactTextField(max_length=12, unique=True)
    outcome = PersonalField(default="")  # what was done, or who can help instead

    submitted_at = UtcDatetimeField()
    response_due_at = UtcDatetimeField()
    completion_due_at = UtcDatetimeField()
    # Since when the completion time runs, if it began again; NULL: since the need was submitted.
    completion_since: datetime | None = UtcDatetimeField(null=True)
    # Both are `due_columns` of the columns above, in every write.
    next_due_at: datetime | None = UtcDatetimeField(null=True)  # NULL: nothing is due
    due_rank = fields.SmallIntField()
    accepted_at: datetime | None = UtcDatetimeField(null=True)
    resolved_at: datetime | None = UtcDatetimeField(null=True)
    ended_at: datetime | None = UtcDatetimeField(null=True)
    urged_at: datetime | None = UtcDatetimeField(null=True)
    escalated_at: datetime | None = UtcDatetimeField(null=True)

    first_worker: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="first_inquiries", null=True, on_delete=fields.RESTRICT
    )
    first_worker_id: int | None
    assignee: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="assigned_needs", null=True, on_delete=fields.RESTRICT
    )
    assignee_id: int | None
    handler: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="resolved_needs", null=True, on_delete=fields.RESTRICT
    )
    handler_id: int | None
    merged_into: fields.ForeignKeyNullableRelation["Need"] = fields.ForeignKeyField(
        "models.Need", related_name="merged", null=True, on_delete=fields.RESTRICT
    )
    merged_into_id: int | None
    joined_needs = fields.SmallIntField(default=0)  # so many are merged into it
    # The station it is referred to, and the station that oversees it because it is overdue, urgent or appealed.
    referred_to: fields.ForeignKeyNullableRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="offered_needs", null=True, on_delete=fields.RESTRICT
    )
    referred_to_id: int | None
    overseer: fields.ForeignKeyNullableRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="overseen_needs", null=True, on_delete=fields.RESTRICT
    )
    overseer_id: int | None
    urgings = fields.SmallIntField(default=0)
    times_returned = fields.SmallIntField(default=0)
    reopenings = fields.SmallIntField(default=0)
    event_count = fields.IntField(default=0)
    decided_by_head = fields.BooleanField(default=False)  # returned too often: the next receiver must take it

    stands_in: StandIn | None = None  # no column: the capacity of the caller for whom the need is locked
    kept: set[int] | None = None  # no column: who is kept from it, if it was submitted just now
    duty: Any = None  # no column: who is on duty, if the need was alerted just now

    class Meta:
        table = "need"
        constraints = (
            CheckConstraint(
                check="urgings >= 0 AND times_returned >= 0 AND reopenings >= 0 AND event_count >= 0 "
                "AND joined_needs >= 0",
                name="need_counts",
            ),
            CheckConstraint(
                check="response_due_at >= submitted_at AND completion_due_at >= response_due_at", name="need_clock"
            ),
            CheckConstraint(
                check="(due_rank = 2 AND next_due_at IS NULL) OR (due_rank IN (0, 1) AND next_due_at IS NOT NULL)",
                name="need_next_due",
            ),
        )
        indexes = (
            # The staff's list names one of these: without a name, MariaDB reads and sorts every need of a station.
            Index(
                fields=("station_id", "status", "submitted_at", "id", "category_id"), name="need_of_station_by_status"
            ),
            Index(fields=("station_id", "category_id", "submitted_at", "id"), name="need_of_station_by_category"),
            Index(fields=("station_id", "submitted_at", "id"), name="need_of_station"),
            Index(fields=("station_id", *BY_DUE), name="need_of_station_by_due"),
            Index(fields=("status", "submitted_at", "id", "category_id", "station_id"), name="need_by_status"),
            Index(fields=("submitted_at", "id", "category_id", "station_id"), name="need_by_time"),
            Index(fields=(*BY_DUE, "station_id"), name="need_by_due"),
            Index(fields=("contact_phone",), name="need_by_phone"),
            Index(fields=("contact_name",), name="need_by_name"),
            ("person_id", "submitted_at", "id"),
            ("submitted_by_id", "submitted_at", "id"),
            ("assignee_id", "status"),
            ("assignee_id", "submitted_at", "id"),
            ("area_id", "status"),
            ("merged_into_id",),
            ("referred_to_id", "submitted_at", "id"),
            ("overseer_id", "submitted_at", "id"),
        )


class NeedEvent(Model):
    """An entry of a timeline: added, never changed, numbered without a gap. `text` is for the resident."""

    id = fields.BigIntField(primary_key=True)
    need: fields.ForeignKeyRelation[Need] = fields.ForeignKeyField(
        "models.Need", related_name="events", on_delete=fields.RESTRICT
    )
    need_id: int
    number = fields.IntField()
    at = UtcDatetimeField()
    kind = ExactTextField(max_length=24)
    actor: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="events", null=True, on_delete=fields.RESTRICT
    )
    actor_id: int | None
    # The station the actor acted for; NULL: an officer.
    station: fields.ForeignKeyNullableRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="events", null=True, on_delete=fields.RESTRICT
    )
    station_id: int | None
    # The capacity in which the actor stood in for the station, at which nobody worked.
    stands_in = fields.CharEnumField(StandIn, max_length=16, null=True)
    from_status = fields.CharEnumField(NeedStatus, max_length=12, null=True)
    to_status = fields.CharEnumField(NeedStatus, max_length=12, null=True)
    text = PersonalField(default="")  # empty: staff only
    note = PersonalField(default="")  # staff only
    service_minutes = fields.SmallIntField(default=0)

    class Meta:
        table = "need_event"
        constraints = (CheckConstraint(check="number > 0 AND service_minutes >= 0", name="need_event_counts"),)
        unique_together = (("need", "number"),)
        indexes = (("station_id", "kind", "at"),)  # what a station did in a period


class Referral(Model):
    """A referral 转介 to another station, answered once. The sender stays responsible until it is accepted.

    Without an answer `accepted` stays NULL: it was recalled, or the need was withdrawn or got another station.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    need: fields.ForeignKeyRelation[Need] = fields.ForeignKeyField(
        "models.Need", related_name="referrals", on_delete=fields.RESTRICT
    )
    need_id: int
    from_station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="referrals_sent", on_delete=fields.RESTRICT
    )
    from_station_id: int
    to_station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="referrals_received", on_delete=fields.RESTRICT
    )
    to_station_id: int
    status_before = fields.CharEnumField(NeedStatus, max_length=12)
    reason = PersonalField()
    referred_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="referrals", on_delete=fields.RESTRICT
    )
    referred_by_id: int
    referred_at = UtcDatetimeField()
    answer_due_at = UtcDatetimeField()  # then it is recalled of itself
    answered_at: datetime | None = UtcDatetimeField(null=True)
    accepted = fields.BooleanField(null=True)
    answer_reason = PersonalField(default="")
    open: int | None = fields.SmallIntField(null=True, default=1)

    class Meta:
        table = "referral"
        constraints = (CheckConstraint(check="from_station_id <> to_station_id", name="referral_stations"),)
        unique_together = (("need", "open"),)
        indexes = (("to_station_id", "open"),)


class Extension(Model):
    """A request to extend the completion deadline, one per need, decided by another person."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    need: fields.OneToOneRelation[Need] = fields.OneToOneField(
        "models.Need", related_name="extension", on_delete=fields.RESTRICT
    )
    need_id: int
    until = UtcDatetimeField()
    reason = PersonalField()
    requested_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="extensions_asked", on_delete=fields.RESTRICT
    )
    requested_by_id: int
    requested_at = UtcDatetimeField()
    decided_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="extensions_decided", null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: int | None
    decided_at: datetime | None = UtcDatetimeField(null=True)
    granted = fields.BooleanField(null=True)

    class Meta:
        table = "extension"


class Appeal(Model):
    """A resident's appeal against a declined need, one per need, decided by the parent station."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    need: fields.OneToOneRelation[Need] = fields.OneToOneField(
        "models.Need", related_name="appeal", on_delete=fields.RESTRICT
    )
    need_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="appeals", on_delete=fields.RESTRICT
    )
    station_id: int
    reason = PersonalField()
    made_at = UtcDatetimeField()
    decided_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="appeals_decided", null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: int | None
    decided_at: datetime | None = UtcDatetimeField(null=True)
    granted = fields.BooleanField(null=True)
    decision = PersonalField(default="")

    class Meta:
        table = "appeal"
        indexes = (("station_id", "decided_at"),)
