"""Joining: a person entered at the counter and the same human's account on a phone become one."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields

from server.models.base import Model
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.people import Person
from server.models.stations import Station


class PersonCode(Model):
    """A code that a phone shows, so that a worker finds its person, once and for minutes. Only its hash is kept."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="codes", on_delete=fields.RESTRICT
    )
    person_id: int
    code_hash = ExactTextField(max_length=64, unique=True)
    made_at = UtcDatetimeField()
    expires_at = UtcDatetimeField()
    used_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "person_code"
        indexes = (("person_id", "expires_at"),)


class JoiningStatus(StrEnum):
    ASKED = "asked"  # waits for another person to confirm it
    JOINED = "joined"
    REFUSED = "refused"
    UNDONE = "undone"


class Joining(Model):
    """The joining of `person`, entered at the counter, to the `account` of a phone.

    `open` is 1 while it is asked or joined: a person is joined to one account at a time.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="joinings", on_delete=fields.RESTRICT
    )
    person_id: int
    account: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="joined", on_delete=fields.RESTRICT
    )
    account_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name=False, on_delete=fields.RESTRICT
    )
    station_id: int
    status = fields.CharEnumField(JoiningStatus, max_length=8)
    asked_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    asked_by_id: int
    asked_at = UtcDatetimeField()
    decided_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: int | None
    joined_at: datetime | None = UtcDatetimeField(null=True)
    undo_until: datetime | None = UtcDatetimeField(null=True)  # by the policy of the day of joining
    undone_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    undone_by_id: int | None
    ended_at: datetime | None = UtcDatetimeField(null=True)  # refused or undone
    reason = PersonalField(default="")  # why it was refused or undone
    points = fields.IntField(default=0)  # moved by it
    minutes = fields.IntField(default=0)
    open: int | None = fields.SmallIntField(null=True, default=1)

    class Meta:
        table = "joining"
        unique_together = (("person", "open"),)
        indexes = (("station_id", "asked_at", "id"), ("account_id", "asked_at", "id"), ("asked_at", "id"))


class JoinedRow(Model):
    """A row that a joining moved to the account: exactly these go back if it is undone."""

    id = fields.BigIntField(primary_key=True)
    joining: fields.ForeignKeyRelation[Joining] = fields.ForeignKeyField(
        "models.Joining", related_name="rows", on_delete=fields.RESTRICT
    )
    joining_id: int
    table_name = ExactTextField(max_length=32)
    row_id = fields.BigIntField()

    class Meta:
        table = "joined_row"
        unique_together = (("joining", "table_name", "row_id"),)
