"""Crisis alerts of needs: whom each ring reached, and who opened the need for it."""

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from server.models.base import Model
from server.models.fields import PersonalField, UtcDatetimeField, new_id
from server.models.needs import Need
from server.models.people import Person
from server.models.stations import Station


class PleaLock(Model):
    """The lock of a person's pleas: they wait for each other at its row, each before it locks a need.

    Other verbs lock a need first, and then the person, whom the row of its timeline refers to. So the person's own row
    cannot be the lock, and this one refers to nobody.
    """

    person_id = fields.BigIntField(primary_key=True, generated=False)

    class Meta:
        table = "plea_lock"


class CrisisRing(Model):
    """The ringing about one person at one station: it names all their open alerts, and rings until none is left.

    `current` is 1 while it rings and NULL after, so that the database refuses a second one beside it. `sounded` is how
    often it rang, and so the number of the next ringing. With the id it is the gateway's key.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="crisis_rings", on_delete=fields.RESTRICT
    )
    person_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="crisis_rings", on_delete=fields.RESTRICT
    )
    station_id: int
    current: int | None = fields.SmallIntField(null=True, default=1)
    sounded = fields.IntField(default=0)
    # The ringings of which people last got a notice: that it rings again, and that no phone rang. The first is 0.
    announced = fields.IntField(default=0)
    failed = fields.IntField(default=-1)
    due_at = UtcDatetimeField()
    claimed_until: datetime | None = UtcDatetimeField(null=True)  # a process is ringing now

    class Meta:
        table = "crisis_ring"
        constraints = (
            CheckConstraint(check="sounded >= 0 AND announced >= 0 AND failed >= -1", name="crisis_ring_counts"),
        )
        unique_together = (("person", "station", "current"),)
        indexes = (Index(fields=["current", "due_at"]),)


class CrisisAlert(Model):
    """An alert that a person may be in danger, which rings until a worker acknowledges it."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    need: fields.OneToOneRelation[Need] = fields.OneToOneField(
        "models.Need", related_name="crisis", on_delete=fields.RESTRICT
    )
    need_id: int
    ring: fields.ForeignKeyRelation[CrisisRing] = fields.ForeignKeyField(
        "models.CrisisRing", related_name="alerts", on_delete=fields.RESTRICT
    )
    ring_id: int
    words: Any = fields.JSONField(default=list)
    raised_at = UtcDatetimeField()
    sounded_at: datetime | None = UtcDatetimeField(null=True)  # the first ringing that named it
    acknowledged_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="alerts_acknowledged", null=True, on_delete=fields.RESTRICT
    )
    acknowledged_by_id: int | None
    acknowledged_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "crisis_alert"


class CrisisOpening(Model):
    """The logged act by which a person read name, phone and words of a crisis. Only then may they acknowledge it.

    `raised_at` is that of the alert at the time: an alert that is raised again must be opened again.
    """

    id = fields.BigIntField(primary_key=True)
    alert: fields.ForeignKeyRelation[CrisisAlert] = fields.ForeignKeyField(
        "models.CrisisAlert", related_name="openings", on_delete=fields.RESTRICT
    )
    alert_id: int
    raised_at = UtcDatetimeField()
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="crises_opened", on_delete=fields.RESTRICT
    )
    person_id: int
    opened_at = UtcDatetimeField()
    reason = PersonalField()

    class Meta:
        table = "crisis_opening"
        unique_together = (("alert", "person", "raised_at"),)


class CrisisRecipient(Model):
    """A person whom an alert reached: by a notice when it was raised, or by a ringing phone."""

    id = fields.BigIntField(primary_key=True)
    alert: fields.ForeignKeyRelation[CrisisAlert] = fields.ForeignKeyField(
        "models.CrisisAlert", related_name="recipients", on_delete=fields.RESTRICT
    )
    alert_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="crises_received", on_delete=fields.RESTRICT
    )
    person_id: int
    at = UtcDatetimeField()

    class Meta:
        table = "crisis_recipient"
        unique_together = (("alert", "person"),)
