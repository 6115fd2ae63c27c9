"""Complaints 投诉 about a station, a worker or a volunteer (plan rule 71)."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.base import Model
from server.models.fields import PersonalField, UtcDatetimeField, new_id
from server.models.needs import Channel
from server.models.people import Person
from server.models.stations import Station


class ComplaintAbout(StrEnum):
    STATION = "station"
    WORKER = "worker"
    VOLUNTEER = "volunteer"


class ComplaintStatus(StrEnum):
    FILED = "filed"
    ANSWERED = "answered"  # the person may appeal, once
    APPEALED = "appealed"
    FINAL = "final"


class Complaint(Model):
    """A complaint about `station` or its people. `decider` is the station that answers it now, never `station`.

    `due_at` is until when; NULL once it is answered.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="complaints", on_delete=fields.RESTRICT
    )
    person_id: int
    entered_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    entered_by_id: int
    channel = fields.CharEnumField(Channel, max_length=10)
    about = fields.CharEnumField(ComplaintAbout, max_length=10)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="complaints", on_delete=fields.RESTRICT
    )
    station_id: int
    named = PersonalField(default="")  # the worker or volunteer, as the person wrote it
    text = PersonalField()
    filed_at = UtcDatetimeField()
    status = fields.CharEnumField(ComplaintStatus, max_length=10)
    decider: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="complaints_to_answer", on_delete=fields.RESTRICT
    )
    decider_id: int
    due_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "complaint"
        indexes = (("person_id", "filed_at", "id"), ("decider_id", "due_at", "id"))


class ComplaintAnswer(Model):
    """An answer to a complaint. `number` 1 is the first, 2 the one after an appeal, whose reason stands beside it."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    complaint: fields.ForeignKeyRelation[Complaint] = fields.ForeignKeyField(
        "models.Complaint", related_name="answers", on_delete=fields.RESTRICT
    )
    complaint_id: int
    number = fields.SmallIntField()
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name=False, on_delete=fields.RESTRICT
    )
    station_id: int
    appeal = PersonalField(default="")  # why the person was not content with the answer before
    appealed_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    appealed_by_id: int | None  # the person, or the worker who wrote it down on their word
    upheld = fields.BooleanField(null=True)  # NULL: not answered yet
    text = PersonalField(default="")
    answered_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    answered_by_id: int | None
    answered_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "complaint_answer"
        unique_together = (("complaint", "number"),)
        constraints = (CheckConstraint(check="number IN (1, 2)", name="complaint_answer_number"),)
