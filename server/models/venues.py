"""Venues 场地 of a station and their uses, which never overlap."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.base import Model
from server.models.fields import ExactTextField, UtcDatetimeField, new_id
from server.models.people import Person
from server.models.stations import Station


class VenueKind(StrEnum):
    """The kinds of venue in plan rule 51 (接待区、展示区、访谈室 …), quiet and lively ones (静区, 动区)."""

    RECEPTION = "reception"
    DISPLAY = "display"
    INTERVIEW = "interview"
    ACTIVITY = "activity"
    ARCHIVE = "archive"
    CASE_WORK = "case_work"
    GROUP_WORK = "group_work"
    MULTI_PURPOSE = "multi_purpose"
    MEETING = "meeting"
    READING = "reading"
    COUNCIL = "council"
    SINGING = "singing"
    DANCING = "dancing"
    FITNESS = "fitness"


class Venue(Model):
    """A venue that can be reserved. A reservation locks its row."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="venues", on_delete=fields.RESTRICT
    )
    station_id: int
    kind = fields.CharEnumField(VenueKind, max_length=16)
    name = ExactTextField(max_length=40)
    capacity = fields.IntField()
    active = fields.BooleanField(default=True)
    created_at = UtcDatetimeField()

    class Meta:
        table = "venue"
        constraints = (CheckConstraint(check="capacity > 0", name="venue_people"),)
        unique_together = (("station", "name"),)


class VenueUse(Model):
    """A venue reserved for a time: by an activity, or by staff for a purpose of the station."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    venue: fields.ForeignKeyRelation[Venue] = fields.ForeignKeyField(
        "models.Venue", related_name="uses", on_delete=fields.RESTRICT
    )
    venue_id: int
    starts_at = UtcDatetimeField()
    ends_at = UtcDatetimeField()
    purpose = ExactTextField(max_length=60)  # names no person
    reserved_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    reserved_by_id: int
    reserved_at = UtcDatetimeField()
    released_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "venue_use"
        constraints = (CheckConstraint(check="ends_at > starts_at", name="venue_use_time"),)
        indexes = (("venue_id", "ends_at"),)
