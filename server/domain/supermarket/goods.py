"""Goods of a station: listed and changed by its head, held for an order."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, photos, stations
from server.domain.staff import Staff
from server.domain.supermarket import access
from server.domain.supermarket.stock import subject_key
from server.errors import GoodExists, GoodNotAvailable, NotAllowed, NotFound, UseByPassed
from server.models import Good, Photo, Station, StationStatus


@dataclass(frozen=True)
class Listing:
    """What a station says of a new good: one delivery's worth, since all its pieces have one use-by date."""

    station_id: int
    name: str
    points_price: int
    text: str = ""
    use_by: date | None = None
    person_month_limit: int | None = None
    household_month_limit: int | None = None
    low_stock_pieces: int = 0


def can_be_ordered(today: date) -> Q:
    """The condition that a good is on the list, not past its use-by date (a Shanghai day), and of an open station."""
    return Q(active=True, station__status=StationStatus.OPEN) & not_past(today)


def not_past(today: date) -> Q:
    """The condition that a good may still be used: it may on the day it bears."""
    return Q(use_by__isnull=True) | Q(use_by__gte=today)


async def hold_orderable(good_ids: Collection[int], station_id: int, today: date) -> dict[int, Good]:
    """The station's goods by id, as they are until the transaction ends; `today` is the day in Shanghai.

    Raises NotFound when one is not this station's, and GoodNotAvailable when one cannot be ordered.
    """
    db.require_transaction()
    wanted = sorted(set(good_ids))
    goods = await Good.filter(id__in=wanted, station_id=station_id).order_by("id").select_for_update()
    if len(goods) != len(wanted):
        raise NotFound
    # Held by now, they can no longer change between these two questions.
    offered = set(await Good.filter(can_be_ordered(today), id__in=wanted).values_list("id", flat=True))
    if refused := [good.id for good in goods if good.id not in offered]:
        raise GoodNotAvailable(goods=refused)
    return {good.id: good for good in goods}


@db.transaction
async def add(listing: Listing, photo_ids: Sequence[int], *, by: Staff, now: datetime) -> Good:
    """List a good, of which there is no piece yet; by the station's head, who sets its price.

    Raises GoodExists for a name and use-by date the station has, UseByPassed, PhotoNotAvailable.
    """
    await _hold_station(listing.station_id, by)
    must_not_be_past(listing.use_by, now)
    twin = await Good.get_or_none(station_id=listing.station_id, name=listing.name, use_by=listing.use_by)
    if twin is not None:
        raise GoodExists(id=twin.id)
    good = await Good.create(**asdict(listing), created_at=now)
    await photos.attach(photo_ids, subject_key(good.id), owner_id=by.person_id)
    facts = {"station": good.station_id, "points_price": good.points_price}
    await audit.note("good.listed", subject_key(good.id), by=by.person_id, now=now, **facts)
    return good


async def _hold_station(station_id: int, by: Staff) -> None:
    """Two heads who list the same good at once come one after the other: no key compares dates that are not there."""
    if station_id not in by.station_ids:
        raise NotAllowed
    access.must_head(station_id, by)
    await Station.filter(id=station_id).select_for_update().first()


def must_not_be_past(use_by: date | None, now: datetime) -> None:
    """UseByPassed for what nobody may use any more."""
    if use_by is not None and use_by < stations.today(now):
        raise UseByPassed(use_by=use_by)


@db.transaction
async def change(
    good_id: int, changes: dict[str, Any], photo_ids: Sequence[int] | None, *, by: Staff, now: datetime
) -> Good:
    """Change what the station's head may change: price, text, limits, whether it is on the list.

    `photo_ids` are all it shall have; None leaves them. Orders that were placed keep their price.
    """
    good = await access.by_head(good_id, by)
    if changes:
        await Good.filter(id=good_id).update(**changes)
    if photo_ids is not None:
        await _put_photos(good_id, photo_ids, owner_id=by.person_id)
    await audit.note("good.changed", subject_key(good_id), by=by.person_id, now=now, **changes)
    return good.update_from_dict(changes)


async def _put_photos(good_id: int, photo_ids: Sequence[int], *, owner_id: int) -> None:
    wanted = set(photo_ids)
    theirs = Photo.filter(subject_key=subject_key(good_id))
    stay = set(await theirs.filter(id__in=sorted(wanted) or [0]).values_list("id", flat=True))
    # One that belongs to nothing is swept after a day.
    await theirs.exclude(id__in=sorted(stay) or [0]).update(subject_key=None)
    await photos.attach(sorted(wanted - stay), subject_key(good_id), owner_id=owner_id)
