"""The ledger of minutes, points and pieces: accounts, transfers, entries and holds."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.base import Model
from server.models.fields import ExactTextField, UtcDatetimeField, new_id
from server.models.people import Person


class Account(Model):
    """An owner's account in a unit, written only by server/domain/ledger: its balance is the sum of its entries.

    `may_overdraw` marks accounts of the outside world, where minutes, points and pieces come from.
    """

    id = fields.BigIntField(primary_key=True)
    owner = ExactTextField(max_length=40)  # person:7, station:3:pool, shelf:9
    unit = ExactTextField(max_length=24)  # minutes, points, good:9
    may_overdraw = fields.BooleanField(default=False)
    balance = fields.BigIntField(default=0)
    held = fields.BigIntField(default=0)
    entry_count = fields.IntField(default=0)
    chain = ExactTextField(max_length=32, default="")  # hash of its newest entry

    class Meta:
        table = "account"
        constraints = (CheckConstraint(check="held >= 0 AND (may_overdraw OR balance >= held)", name="account_floor"),)
        unique_together = (("owner", "unit"),)


class TransferKind(StrEnum):
    """The reason of a transfer, as statements show it."""

    SERVICE = "service"  # minutes for an approved service record
    GIFT = "gift"  # minutes within a household
    DONATION = "donation"  # minutes to a public pool
    HELP_PAID = "help_paid"  # minutes spent on help
    POOL_PAID = "pool_paid"  # minutes a public pool spent on help
    POINTS_SERVICE = "points_service"
    POINTS_ACTIVITY = "points_activity"
    POINTS_DEED = "points_deed"
    REDEEMED = "redeemed"  # points for goods
    EXPIRED = "expired"  # expired points
    DONATED = "donated"  # pieces given or bought
    HANDED_OVER = "handed_over"  # pieces for an order
    COUNTED = "counted"  # pieces found or missing in a stock-taking
    JOINED = "joined"  # people who were joined, or no longer are
    REVERSAL = "reversal"


class Transfer(Model):
    """An amount moved between two accounts, once for its cause. Rows are added, never changed."""

    id = fields.BigIntField(primary_key=True)
    cause = ExactTextField(max_length=64, unique=True)  # service_record:41:approved
    kind = fields.CharEnumField(TransferKind, max_length=16)
    amount = fields.BigIntField()
    source: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name=False, on_delete=fields.RESTRICT
    )
    source_id: int
    target: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name=False, on_delete=fields.RESTRICT
    )
    target_id: int
    at = UtcDatetimeField()
    by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    by_id: int | None
    note = ExactTextField(max_length=100, default="")  # names no person
    reverses: fields.OneToOneNullableRelation["Transfer"] = fields.OneToOneField(
        "models.Transfer", related_name="reversal", null=True, on_delete=fields.RESTRICT
    )
    reverses_id: int | None
    # The hold that it was captured from.
    hold: fields.OneToOneNullableRelation["Hold"] = fields.OneToOneField(
        "models.Hold", related_name="transfer", null=True, on_delete=fields.RESTRICT
    )
    hold_id: int | None

    class Meta:
        table = "transfer"
        constraints = (CheckConstraint(check="amount > 0 AND source_id <> target_id", name="transfer_moves"),)


class Entry(Model):
    """One side of a transfer: numbered without a gap in its account, with the balance after it and a chained hash."""

    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name=False, on_delete=fields.RESTRICT
    )
    account_id: int
    number = fields.IntField()
    transfer: fields.ForeignKeyRelation[Transfer] = fields.ForeignKeyField(
        "models.Transfer", related_name="entries", on_delete=fields.RESTRICT
    )
    transfer_id: int
    amount = fields.BigIntField()
    balance = fields.BigIntField()
    at = UtcDatetimeField()
    chain = ExactTextField(max_length=32)

    class Meta:
        table = "entry"
        constraints = (CheckConstraint(check="amount <> 0 AND number > 0", name="entry_moves"),)
        unique_together = (("account", "number"),)
        indexes = (("transfer_id",),)


class HoldState(StrEnum):
    OPEN = "open"
    CAPTURED = "captured"
    RELEASED = "released"
    EXPIRED = "expired"


class Hold(Model):
    """An amount that cannot be spent until it is captured in whole or in part, released or expired."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    cause = ExactTextField(max_length=64, unique=True)  # order:7:points
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="holds", on_delete=fields.RESTRICT
    )
    account_id: int
    amount = fields.BigIntField()
    captured = fields.BigIntField(default=0)
    state = fields.CharEnumField(HoldState, max_length=8, default=HoldState.OPEN)
    placed_at = UtcDatetimeField()
    expires_at = UtcDatetimeField()
    resolved_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "hold"
        constraints = (
            CheckConstraint(check="amount > 0 AND captured >= 0 AND captured <= amount", name="hold_amounts"),
        )
        indexes = (("account_id", "state"),)
