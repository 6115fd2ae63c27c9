"""Offers of roles: accepted on the invitee's phone, confirmed by a third person."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields

from server.models.areas import Area
from server.models.base import Model
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.people import Person, RoleKind
from server.models.stations import Station


class RoleOfferStatus(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"  # waits for a confirmation
    CONFIRMED = "confirmed"  # the role has begun
    ENDED = "ended"  # withdrawn, or not confirmed


class RoleOffer(Model):
    """An offer of a role by a code, to the person who enters it on their phone. Only the hash of the code is kept."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    kind = fields.CharEnumField(RoleKind, max_length=16)
    station: fields.ForeignKeyNullableRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    station_id: int | None
    area: fields.ForeignKeyNullableRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    area_id: int | None
    name = PersonalField()  # of the invitee, as colleagues and residents will read it
    code_hash = ExactTextField(max_length=64, unique=True)
    status = fields.CharEnumField(RoleOfferStatus, max_length=10)
    offered_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    offered_by_id: int
    offered_at = UtcDatetimeField()
    expires_at = UtcDatetimeField()
    accepted_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="role_offers", null=True, on_delete=fields.RESTRICT
    )
    accepted_by_id: int | None
    accepted_at: datetime | None = UtcDatetimeField(null=True)
    decided_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: int | None
    decided_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "role_offer"
        indexes = (("station_id", "offered_at", "id"), ("area_id", "offered_at", "id"), ("offered_at", "id"))
