"""Venues of a station, and when each is in use: never by two at once."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from server.models.fields import ExactTextField, UtcDatetimeField, new_id
from server.models.people import Person
from server.models.stations import Station


class VenueKind(StrEnum):
    """Plan rule 51: the venues of a station, the quiet ones and the lively ones."""

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
    """A venue that can be booked. Its row is locked by whoever books it."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="venues", on_delete=fields.RESTRICT
    )
    station_id: int
    kind = fields.CharEnumField(VenueKind, max_length=16)
    name = ExactTextField(max_length=40)
    people_most = fields.IntField()
    active = fields.BooleanField(default=True)
    created_at = UtcDatetimeField()

    class Meta:
        table = "venue"
        constraints = (CheckConstraint(check="people_most > 0", name="venue_people"),)
        unique_together = (("station", "name"),)


class VenueUse(Model):
    """A venue taken from when until when: by an activity, or by staff for something of the station's own."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    venue: fields.ForeignKeyRelation[Venue] = fields.ForeignKeyField(
        "models.Venue", related_name="uses", on_delete=fields.RESTRICT
    )
    venue_id: int
    starts_at = UtcDatetimeField()
    ends_at = UtcDatetimeField()
    purpose = ExactTextField(max_length=60)  # names nobody
    taken_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    taken_by_id: int
    taken_at = UtcDatetimeField()
    given_back_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "venue_use"
        constraints = (CheckConstraint(check="ends_at > starts_at", name="venue_use_time"),)
        indexes = (("venue_id", "ends_at"),)
