"""Stock of goods, read from the ledger within the query for the goods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tortoise.expressions import RawSQL
from tortoise.queryset import QuerySet

from server.database import db
from server.domain import photos, reference
from server.domain.ledger import Balance
from server.models import Good, Photo

# The spelling of `account_keys.shelf`; `||` means "or" in MySQL, and SQLite got CONCAT late.
SHELF_KEY_SQL = {
    "sqlite": ("'shelf:' || good.id", "'good:' || good.id"),
    "mysql": ("CONCAT('shelf:', good.id)", "CONCAT('good:', good.id)"),
}


@dataclass(frozen=True)
class GoodWithStock:
    """A good with its station, its pieces on the shelf, some on hold for orders, and its photos."""

    good: Good
    pieces: Balance
    photos: Sequence[Photo]

    @property
    def is_low(self) -> bool:
        return self.pieces.spendable <= self.good.low_stock_pieces

    def is_past(self, today: date) -> bool:
        """Return whether the use-by date is over on a day in Shanghai."""
        return self.good.use_by is not None and self.good.use_by < today


def with_pieces(goods: QuerySet[Good]) -> QuerySet[Good]:
    """Add `balance`, `held` and `spendable` pieces to the query, which can then be filtered by them."""
    return goods.annotate(balance=_shelf("balance"), held=_shelf("held"), spendable=_shelf("balance - held"))


def _shelf(columns: str) -> RawSQL:
    owner, unit = SHELF_KEY_SQL[db.dialect()]
    return RawSQL(f"COALESCE((SELECT {columns} FROM account WHERE owner = {owner} AND unit = {unit}), 0)")  # noqa: S608


async def load_with_stock(goods: QuerySet[Good]) -> list[GoodWithStock]:
    """Return the goods of the query with stock and photos, in two statements."""
    found = await reference.attach(await with_pieces(goods), "station")
    photos_by_key = await photos.of_subjects([subject_key(good.id) for good in found])
    return [GoodWithStock(good, _pieces(good), photos_by_key[subject_key(good.id)]) for good in found]


def _pieces(good: Good) -> Balance:
    columns: dict[str, int] = vars(good)  # what a query adds to a row is no field of its model
    return Balance(columns["balance"], columns["held"])


def subject_key(good_id: int) -> str:
    """Return the key of a good for its photos and for the audit trail."""
    return f"good:{good_id}"
