"""People, their roles, and their sessions."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index

from server.models.areas import Area
from server.models.base import Model
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id


class Person(Model):
    """A person, with any number of roles. `openid` is null if staff entered them at the counter."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    openid = ExactTextField(max_length=64, null=True, unique=True)
    name = PersonalField(null=True)
    phone = PersonalField(null=True)
    birth_year = fields.SmallIntField(null=True)
    home: fields.ForeignKeyNullableRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="residents", null=True, on_delete=fields.RESTRICT
    )
    home_id: int | None
    created_at = UtcDatetimeField()
    created_by: fields.ForeignKeyNullableRelation["Person"] = fields.ForeignKeyField(
        "models.Person", related_name="entered", null=True, on_delete=fields.RESTRICT
    )
    created_by_id: int | None
    disabled_at: datetime | None = UtcDatetimeField(null=True)
    # The account on a phone that this person, entered at the counter, was joined to.
    joined_to: fields.ForeignKeyNullableRelation["Person"] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    joined_to_id: int | None

    class Meta:
        table = "person"
        indexes = (Index(fields=("phone",), name="person_by_phone"),)


class FormerName(Model):
    """A name that a person had until a moment: what they did before is shown under it."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="former_names", on_delete=fields.RESTRICT
    )
    person_id: int
    name = PersonalField()
    until = UtcDatetimeField()
    changed_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    changed_by_id: int
    reason = PersonalField(default="")

    class Meta:
        table = "former_name"
        indexes = (("person_id", "until"),)


class RoleKind(StrEnum):
    VOLUNTEER = "volunteer"
    SOCIAL_WORKER = "social_worker"
    STATION_HEAD = "station_head"
    COUNTY_OFFICER = "county_officer"
    CITY_OFFICER = "city_officer"


class StandIn(StrEnum):
    """The capacity in which a person acts for a station at which nobody works."""

    PARENT_HEAD = "parent_head"
    COUNTY_OFFICER = "county_officer"
    CITY_OFFICER = "city_officer"


class Role(Model):
    """A role of a person, for a station, an area or the city, with who granted and ended it and when.

    `current` is 1 while it lasts and NULL after, so that the database refuses the same role twice at once.
    """

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="roles", on_delete=fields.RESTRICT
    )
    person_id: int
    kind = fields.CharEnumField(RoleKind, max_length=16)
    scope = ExactTextField(max_length=24)  # station:7, area:3 or city
    station: fields.ForeignKeyNullableRelation["Model"] = fields.ForeignKeyField(
        "models.Station", related_name="roles", null=True, on_delete=fields.RESTRICT
    )
    station_id: int | None
    area: fields.ForeignKeyNullableRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="roles", null=True, on_delete=fields.RESTRICT
    )
    area_id: int | None
    granted_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="granted", null=True, on_delete=fields.RESTRICT
    )
    granted_by_id: int | None
    granted_at = UtcDatetimeField()
    ended_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="ended", null=True, on_delete=fields.RESTRICT
    )
    ended_by_id: int | None
    ended_at: datetime | None = UtcDatetimeField(null=True)
    current: int | None = fields.SmallIntField(null=True, default=1)

    class Meta:
        table = "role"
        unique_together = (("person", "kind", "scope", "current"),)
        indexes = (("station_id", "current"), ("scope", "kind", "current"))


class ShutOut(Model):
    """An account that was shut out 停用, with the reason. `open` is 1 until the person is readmitted.

    `county` is the county whose officers may readmit them; NULL: only the city's. `shut_out_by` is NULL if an
    administrator did it.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="shut_outs", on_delete=fields.RESTRICT
    )
    person_id: int
    county: fields.ForeignKeyNullableRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    county_id: int | None
    reason = PersonalField()
    shut_out_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    shut_out_by_id: int | None
    shut_out_at = UtcDatetimeField()
    readmission_reason = PersonalField(default="")
    readmitted_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    readmitted_by_id: int | None
    readmitted_at: datetime | None = UtcDatetimeField(null=True)
    open: int | None = fields.SmallIntField(null=True, default=1)

    class Meta:
        table = "shut_out"
        unique_together = (("person", "open"),)
        indexes = (("open", "shut_out_at", "id"), ("county_id", "open", "shut_out_at", "id"))


class Session(Model):
    """A signed-in phone. Only the token's hash is kept."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="sessions", on_delete=fields.RESTRICT
    )
    person_id: int
    token_hash = ExactTextField(max_length=64, unique=True)
    device = ExactTextField(max_length=100)
    created_at = UtcDatetimeField()
    last_used_at = UtcDatetimeField()
    expires_at = UtcDatetimeField()
    revoked_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "session"
        indexes = (("person_id", "expires_at"),)
