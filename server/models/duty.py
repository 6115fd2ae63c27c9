"""The duty roster 值班: shifts that people accept, and gaps of a station that were announced."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from server.models.areas import Area
from server.models.base import Model
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.people import Person
from server.models.stations import Station


class DutyShiftStatus(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # by who offers shifts there
    SWAPPED = "swapped"  # a colleague took it over: it goes on as another row
    HANDED_OVER = "handed_over"  # it covers until its end, which is then at most the begin of the next one
    ENDED = "ended"  # the person left, or the station closed


# A shift in one of these states covers its place from its begin to its end.
COVERING = (DutyShiftStatus.ACCEPTED, DutyShiftStatus.HANDED_OVER)


class DutyShift(Model):
    """A shift of one person for a station or for a county, with the phone that rings."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    scope = ExactTextField(max_length=24)  # station:7 or area:3, as that of a role
    station: fields.ForeignKeyNullableRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="duty_shifts", null=True, on_delete=fields.RESTRICT
    )
    station_id: int | None
    county: fields.ForeignKeyNullableRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="duty_shifts", null=True, on_delete=fields.RESTRICT
    )
    county_id: int | None
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="duty_shifts", on_delete=fields.RESTRICT
    )
    person_id: int
    phone = PersonalField(default="")  # given when it is accepted
    status = fields.CharEnumField(DutyShiftStatus, max_length=11)
    starts_at = UtcDatetimeField()
    ends_at = UtcDatetimeField()
    offered_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="duty_shifts_offered", on_delete=fields.RESTRICT
    )
    offered_by_id: int
    offered_at = UtcDatetimeField()
    answered_at: datetime | None = UtcDatetimeField(null=True)
    ended_at: datetime | None = UtcDatetimeField(null=True)  # declined, withdrawn, swapped, handed over, ended
    # The colleague who was asked to take it over.
    asked: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="duty_shifts_asked", null=True, on_delete=fields.RESTRICT
    )
    asked_id: int | None
    # The shift that it takes the place of, after a swap.
    replaces: fields.ForeignKeyNullableRelation["DutyShift"] = fields.ForeignKeyField(
        "models.DutyShift", related_name="replaced_by", null=True, on_delete=fields.RESTRICT
    )
    replaces_id: int | None
    # The shift that it was handed over to, whose person reads the note.
    handed_to: fields.ForeignKeyNullableRelation["DutyShift"] = fields.ForeignKeyField(
        "models.DutyShift", related_name="handed_from", null=True, on_delete=fields.RESTRICT
    )
    handed_to_id: int | None
    note = PersonalField(default="")

    class Meta:
        table = "duty_shift"
        constraints = (CheckConstraint(check="ends_at >= starts_at", name="duty_shift_time"),)
        indexes = (
            Index(fields=["scope", "ends_at"]),
            Index(fields=["person_id", "ends_at"]),
            Index(fields=["asked_id", "ends_at"]),
            Index(fields=["ends_at"]),
        )


class DutyGap(Model):
    """A time without a shift at a station, from its begin on, that its head and officers know of."""

    id = fields.BigIntField(primary_key=True)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="duty_gaps", on_delete=fields.RESTRICT
    )
    station_id: int
    starts_at = UtcDatetimeField()

    class Meta:
        table = "duty_gap"
        unique_together = (("station", "starts_at"),)
