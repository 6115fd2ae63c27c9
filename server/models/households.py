"""Households: people who live together, give each other minutes and fetch each other's goods."""

from datetime import datetime

from tortoise import fields

from server.models.base import Model
from server.models.fields import ExactTextField, UtcDatetimeField, new_id
from server.models.people import Person


class Household(Model):
    """People who live together."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    created_at = UtcDatetimeField()

    class Meta:
        table = "household"


class HouseholdMember(Model):
    """A membership of a household. A person has one at a time: `current` is 1 while it lasts, then NULL."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    household: fields.ForeignKeyRelation[Household] = fields.ForeignKeyField(
        "models.Household", related_name="members", on_delete=fields.RESTRICT
    )
    household_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="memberships", on_delete=fields.RESTRICT
    )
    person_id: int
    joined_at = UtcDatetimeField()
    # The person themselves, by an invitation, or staff at the counter.
    entered_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    entered_by_id: int
    left_at: datetime | None = UtcDatetimeField(null=True)
    current: int | None = fields.SmallIntField(null=True, default=1)

    class Meta:
        table = "household_member"
        unique_together = (("person", "current"),)
        indexes = (("household_id", "current"),)


class HouseholdInvitation(Model):
    """A code with which one more person may join, valid once. Only the code's hash is kept."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    household: fields.ForeignKeyRelation[Household] = fields.ForeignKeyField(
        "models.Household", related_name="invitations", on_delete=fields.RESTRICT
    )
    household_id: int
    code_hash = ExactTextField(max_length=64, unique=True)
    invited_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    invited_by_id: int
    invited_at = UtcDatetimeField()
    expires_at = UtcDatetimeField()
    used_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "household_invitation"
        indexes = (("household_id", "expires_at"),)
