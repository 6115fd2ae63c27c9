"""Goods of a station: created and changed by its head, locked for an order."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from tortoise.expressions import Q

from server.database import db, rows
from server.domain import audit, photos, reference, stations
from server.domain.staff import Staff
from server.domain.supermarket import access
from server.domain.supermarket.stock import subject_key
from server.errors import GoodExists, GoodNotAvailable, NotAllowed, NotFound, UseByPassed
from server.models import Good, Photo, StationStatus


@dataclass(frozen=True)
class Listing:
    """A new good of a station; all its pieces have one use-by date."""

    station_id: int
    name: str
    points_price: int
    text: str = ""
    use_by: date | None = None
    person_month_limit: int | None = None
    household_month_limit: int | None = None
    low_stock_pieces: int = 0


def orderable_on(today: date) -> Q:
    """Match active, usable goods, which can be ordered while their station operates; `today` is a day in Shanghai."""
    return Q(active=True) & usable_on(today)


def usable_on(today: date) -> Q:
    """Match goods that may still be used; the use-by day itself included."""
    return Q(use_by__isnull=True) | Q(use_by__gte=today)


LOCK_SQL = "SELECT * FROM good WHERE station_id = ? AND id IN ({goods}) ORDER BY id"


async def lock_orderable(good_ids: Collection[int], station_id: int, today: date) -> dict[int, Good]:
    """Return the station's goods by id, locked until the transaction ends; `today` is a day in Shanghai.

    Raises `NotFound` for a good of another station, and `GoodNotAvailable` for one that cannot be ordered.
    """
    db.require_transaction()
    statement = LOCK_SQL.format(goods=db.placeholders(good_ids)) + db.for_update()
    goods = [rows.of(Good, row) for row in (await db.execute(statement, [station_id, *good_ids]))[1]]
    if len(goods) != len(set(good_ids)):
        raise NotFound
    operating = await is_operating(station_id)
    if refused := [good.id for good in goods if not (operating and good.active and is_usable(good, today))]:
        raise GoodNotAvailable(goods=refused)
    return {good.id: good for good in goods}


async def is_operating(station_id: int) -> bool:
    """Return whether the station is open."""
    station = await reference.station(station_id)
    return station is not None and station.status == StationStatus.OPEN


def is_usable(good: Good, today: date) -> bool:
    """Return whether the good may still be used; on the use-by day it may."""
    return good.use_by is None or good.use_by >= today


@db.transaction
async def create(listing: Listing, photo_ids: Sequence[int], *, by: Staff, now: datetime) -> Good:
    """Create a good, without pieces yet, as the station's head, who sets its price.

    Raises `GoodExists` for a name and use-by date that the station already has, `UseByPassed` and `PhotoNotAvailable`.
    """
    if listing.station_id not in by.station_ids:
        raise NotAllowed
    access.require_head(listing.station_id, by)
    # Two heads cannot create the same good at once: NULL dates are not unique to a key.
    await stations.lock_row(listing.station_id)
    require_usable(listing.use_by, now)
    twin = await Good.get_or_none(station_id=listing.station_id, name=listing.name, use_by=listing.use_by)
    if twin is not None:
        raise GoodExists(id=twin.id)
    good = await Good.create(**asdict(listing), created_at=now)
    await photos.attach(photo_ids, subject_key(good.id), owner_id=by.person_id)
    facts = {"station": good.station_id, "points_price": good.points_price}
    await audit.note("good.listed", subject_key(good.id), by=by.person_id, now=now, **facts)
    return good


def require_usable(use_by: date | None, now: datetime) -> None:
    """Refuse with `UseByPassed` a good that may no longer be used."""
    if use_by is not None and use_by < stations.today(now):
        raise UseByPassed(use_by=use_by)


@db.transaction
async def change(
    good_id: int, changes: dict[str, Any], photo_ids: Sequence[int] | None, *, by: Staff, now: datetime
) -> Good:
    """Change price, text, limits or activity of a good, as the station's head.

    `photo_ids` replaces all its photos; None keeps them. Placed orders keep their price.
    """
    good = await access.lock_for_head(good_id, by)
    if changes:
        await Good.filter(id=good_id).update(**changes)
    if photo_ids is not None:
        await _replace_photos(good_id, photo_ids, owner_id=by.person_id)
    await audit.note("good.changed", subject_key(good_id), by=by.person_id, now=now, **changes)
    return good.update_from_dict(changes)


async def _replace_photos(good_id: int, photo_ids: Sequence[int], *, owner_id: int) -> None:
    requested = set(photo_ids)
    good_photos = Photo.filter(subject_key=subject_key(good_id))
    kept_ids = set(await good_photos.filter(id__in=sorted(requested) or [0]).values_list("id", flat=True))
    # A photo without a subject is deleted after a day.
    await good_photos.exclude(id__in=sorted(kept_ids) or [0]).update(subject_key=None)
    await photos.attach(sorted(requested - kept_ids), subject_key(good_id), owner_id=owner_id)
