"""The love supermarket 爱心超市: goods, donations, stock-takings, orders."""

from datetime import date, datetime
from enum import StrEnum

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.base import Model
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.households import Household
from server.models.ledger import Hold
from server.models.people import Person
from server.models.stations import Station


class Good(Model):
    """A good that a station gives for points. The ledger has its number of pieces."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="goods", on_delete=fields.RESTRICT
    )
    station_id: int
    name = ExactTextField(max_length=40)
    text = ExactTextField(max_length=500, default="")
    points_price = fields.IntField()
    use_by: date | None = fields.DateField(null=True)
    person_month_limit: int | None = fields.IntField(null=True)  # pieces; None: no limit
    household_month_limit: int | None = fields.IntField(null=True)
    low_stock_pieces = fields.IntField(default=0)  # at or below it the station should refill
    active = fields.BooleanField(default=True)
    created_at = UtcDatetimeField()
    # Set when the staff were notified: of low stock again after each refill, of a near use-by date once.
    low_stock_notified_at: datetime | None = UtcDatetimeField(null=True)
    near_use_by_notified_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "good"
        constraints = (
            CheckConstraint(
                check="points_price > 0 AND low_stock_pieces >= 0"
                " AND (person_month_limit IS NULL OR person_month_limit > 0)"
                " AND (household_month_limit IS NULL OR household_month_limit > 0)",
                name="good_numbers",
            ),
        )
        unique_together = (("station", "name", "use_by"),)
        indexes = (
            ("station_id", "created_at", "id"),
            ("created_at", "id"),
            ("active", "created_at", "id"),
            ("station_id", "use_by", "id"),
        )


class Donation(Model):
    """Donated or bought pieces (链接社会资源), with thanks in public by name or anonymously."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    good: fields.ForeignKeyRelation[Good] = fields.ForeignKeyField(
        "models.Good", related_name="donations", on_delete=fields.RESTRICT
    )
    good_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="donations", on_delete=fields.RESTRICT
    )
    station_id: int
    pieces = fields.IntField()
    donor = PersonalField(default="")
    anonymous = fields.BooleanField(default=False)
    received_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    received_by_id: int
    received_at = UtcDatetimeField()
    reversed_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "donation"
        constraints = (CheckConstraint(check="pieces > 0", name="donation_pieces"),)
        indexes = (("station_id", "received_at", "id"),)


class StockTaking(Model):
    """A count (盘点) of the pieces on a shelf, and the difference that it posted."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    good: fields.ForeignKeyRelation[Good] = fields.ForeignKeyField(
        "models.Good", related_name="stock_takings", on_delete=fields.RESTRICT
    )
    good_id: int
    counted_pieces = fields.IntField()
    expected_pieces = fields.IntField()
    reason = ExactTextField(max_length=200)
    counted_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    counted_by_id: int
    counted_at = UtcDatetimeField()

    class Meta:
        table = "stock_taking"
        constraints = (CheckConstraint(check="counted_pieces >= 0", name="stock_taking_pieces"),)
        indexes = (("good_id", "counted_at"),)


class OrderStatus(StrEnum):
    PLACED = "placed"
    READY = "ready"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Order(Model):
    """Goods of a station redeemed for points. `open` is 1 until it ends, so that its code is unique."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    status = fields.CharEnumField(OrderStatus, max_length=12)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="orders", on_delete=fields.RESTRICT
    )
    person_id: int
    # The household when the order was placed: its members may pick it up, and it counts against their limits.
    household: fields.ForeignKeyNullableRelation[Household] = fields.ForeignKeyField(
        "models.Household", related_name="orders", null=True, on_delete=fields.RESTRICT
    )
    household_id: int | None
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="orders", on_delete=fields.RESTRICT
    )
    station_id: int
    points = fields.IntField()
    hold: fields.OneToOneRelation[Hold] = fields.OneToOneField(
        "models.Hold", related_name="order", on_delete=fields.RESTRICT
    )
    hold_id: int
    pickup_code = ExactTextField(max_length=8)
    placed_at = UtcDatetimeField()
    ready_at: datetime | None = UtcDatetimeField(null=True)
    expires_at = UtcDatetimeField()
    ended_at: datetime | None = UtcDatetimeField(null=True)
    handed_over_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    handed_over_by_id: int | None
    fetched_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    fetched_by_id: int | None
    reason = ExactTextField(max_length=200, default="")  # the reason, if cancelled
    open: int | None = fields.SmallIntField(null=True, default=1)

    class Meta:
        table = "supermarket_order"
        constraints = (CheckConstraint(check="points > 0", name="order_points"),)
        unique_together = (("station", "pickup_code", "open"),)
        indexes = (
            ("person_id", "placed_at", "id"),
            ("household_id", "placed_at"),
            ("station_id", "status", "placed_at", "id"),
            ("station_id", "placed_at", "id"),
            ("placed_at", "id"),
        )


class OrderLine(Model):
    """Pieces of one good in an order, at the price they had."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "models.Order", related_name="lines", on_delete=fields.RESTRICT
    )
    order_id: int
    good: fields.ForeignKeyRelation[Good] = fields.ForeignKeyField(
        "models.Good", related_name="order_lines", on_delete=fields.RESTRICT
    )
    good_id: int
    pieces = fields.IntField()
    points_price = fields.IntField()
    hold: fields.OneToOneRelation[Hold] = fields.OneToOneField(
        "models.Hold", related_name="order_line", on_delete=fields.RESTRICT
    )
    hold_id: int

    class Meta:
        table = "order_line"
        constraints = (CheckConstraint(check="pieces > 0 AND points_price > 0", name="order_line_numbers"),)
        unique_together = (("order", "good"),)
