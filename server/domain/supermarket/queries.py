"""Goods that residents can redeem, and goods that staff should look after."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from tortoise.expressions import F, Q
from tortoise.queryset import QuerySet

from server.domain import policies, stations
from server.domain.pagination import Place, Window, older
from server.domain.staff import Staff
from server.domain.supermarket.goods import is_operating, orderable_on, usable_on
from server.domain.supermarket.stock import GoodWithStock, load_with_stock, with_pieces
from server.domain.working_time import SHANGHAI, midnight
from server.errors import NotFound
from server.models import Good


async def list_offered(station_id: int, words: str, window: Window, *, now: datetime) -> list[GoodWithStock]:
    """Return a page of the goods that can be redeemed at the station now, newest first; `words` filter by name."""
    if not await is_operating(station_id):
        return []
    found = with_pieces(Good.filter(orderable_on(stations.today(now)), station_id=station_id)).filter(spendable__gt=0)
    if words:
        found = found.filter(name__icontains=words)
    return await _newest(found, window)


async def get_offered(good_id: int, *, now: datetime) -> GoodWithStock:
    """Return a good that can be redeemed, even without pieces left. Raises `NotFound` for any other."""
    found = _require_found(await load_with_stock(Good.filter(orderable_on(stations.today(now)), id=good_id)))
    if not await is_operating(found.good.station_id):
        raise NotFound
    return found


async def list_for_staff(by: Staff, station_id: int | None, window: Window) -> list[GoodWithStock]:
    """Return a page of the goods of the caller's stations and counties, or of one station, newest first."""
    return await _newest(_of_staff(by, station_id), window)


async def get_for_staff(good_id: int, by: Staff) -> GoodWithStock:
    """Return a good of the caller's stations or counties. Raises `NotFound` for any other."""
    return _require_found(await load_with_stock(Good.filter(by.of_stations(), id=good_id)))


async def list_low_stock(by: Staff, station_id: int | None, window: Window, *, now: datetime) -> list[GoodWithStock]:
    """Return a page of the goods that should be refilled."""
    return await _newest(with_low_stock(_of_staff(by, station_id), stations.today(now)), window)


async def list_near_use_by(by: Staff, station_id: int, window: Window, *, now: datetime) -> list[GoodWithStock]:
    """Return a page of the station's goods with pieces left and a use-by date that is near or over, earliest first."""
    found = with_near_use_by(_of_staff(by, station_id), await get_near_until(station_id, now))
    if window.after is not None:
        at, last = window.after
        day = at.astimezone(SHANGHAI).date()
        found = found.filter(Q(use_by__gt=day) | Q(use_by=day, id__gt=last))
    return await load_with_stock(found.order_by("use_by", "id").limit(window.limit))


def use_by_place(one: GoodWithStock) -> Place:
    """Return the cursor position of a good in the list by use-by dates."""
    assert one.good.use_by is not None
    return midnight(one.good.use_by), one.good.id


def with_low_stock(goods: QuerySet[Good], today: date) -> QuerySet[Good]:
    """Narrow to active, usable goods with no more pieces than should always be available."""
    return with_pieces(goods.filter(usable_on(today), active=True)).filter(spendable__lte=F("low_stock_pieces"))


def with_near_use_by(goods: QuerySet[Good], until: date) -> QuerySet[Good]:
    """Narrow to goods with pieces left and a use-by date until the given day."""
    return with_pieces(goods.filter(use_by__lte=until)).filter(balance__gt=0)


async def get_near_until(station_id: int, now: datetime) -> date:
    """Return the last day that counts as near by the station's policy."""
    return stations.today(now) + timedelta(days=await policies.number("near_expiry_days", station_id=station_id))


def _of_staff(by: Staff, station_id: int | None) -> QuerySet[Good]:
    goods = Good.filter(by.of_stations())
    return goods if station_id is None else goods.filter(station_id=station_id)


async def _newest(goods: QuerySet[Good], window: Window) -> list[GoodWithStock]:
    found = goods.filter(older("created_at", window.after)).order_by("-created_at", "-id")
    return await load_with_stock(found.limit(window.limit))


def _require_found(found: Sequence[GoodWithStock]) -> GoodWithStock:
    if not found:
        raise NotFound
    return found[0]
