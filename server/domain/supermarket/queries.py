"""Lists of goods: what residents may redeem, and what staff should look after."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from tortoise.expressions import F, Q
from tortoise.queryset import QuerySet

from server.domain import policies, stations
from server.domain.pagination import Place, Window, older
from server.domain.staff import Staff
from server.domain.supermarket.goods import can_be_ordered, not_past
from server.domain.supermarket.stock import Stocked, stocked, with_pieces
from server.domain.working_time import SHANGHAI
from server.errors import NotFound
from server.models import Good


async def offered(station_id: int, words: str, window: Window, *, now: datetime) -> list[Stocked]:
    """A page of what can be redeemed at the station now, with such words in the name, newest first."""
    found = with_pieces(Good.filter(can_be_ordered(stations.today(now)), station_id=station_id))
    found = found.filter(spendable__gt=0)
    if words:
        found = found.filter(name__icontains=words)
    return await _newest(found, window)


async def one_offered(good_id: int, *, now: datetime) -> Stocked:
    """A good that can be redeemed, or was: the last piece may be gone. NotFound for any other."""
    return _one(await stocked(Good.filter(can_be_ordered(stations.today(now)), id=good_id)))


async def of_stations(by: Staff, station_id: int | None, window: Window) -> list[Stocked]:
    """A page of all goods of the caller's stations and counties, or of one of the stations, newest first."""
    return await _newest(_theirs(by, station_id), window)


async def one_of_stations(good_id: int, by: Staff) -> Stocked:
    """A good of the caller's stations or counties; NotFound for any other."""
    return _one(await stocked(Good.filter(by.of_stations(), id=good_id)))


async def low_stock(by: Staff, station_id: int | None, window: Window, *, now: datetime) -> list[Stocked]:
    """A page of the goods that should be refilled."""
    return await _newest(low(_theirs(by, station_id), stations.today(now)), window)


async def near_use_by(by: Staff, station_id: int, window: Window, *, now: datetime) -> list[Stocked]:
    """A page of the station's goods whose use-by date is near or over while pieces are left, the earliest first."""
    found = near(_theirs(by, station_id), await near_until(station_id, now))
    if window.after is not None:
        at, last = window.after
        day = at.astimezone(SHANGHAI).date()
        found = found.filter(Q(use_by__gt=day) | Q(use_by=day, id__gt=last))
    return await stocked(found.order_by("use_by", "id").limit(window.limit))


def use_by_place(one: Stocked) -> Place:
    """Where a good stands in the list by use-by dates."""
    assert one.good.use_by is not None
    return datetime.combine(one.good.use_by, time(), SHANGHAI), one.good.id


def low(goods: QuerySet[Good], today: date) -> QuerySet[Good]:
    """Those of the goods on the list of which no more pieces can be ordered than should always be there."""
    return with_pieces(goods.filter(not_past(today), active=True)).filter(spendable__lte=F("low_stock_pieces"))


def near(goods: QuerySet[Good], until: date) -> QuerySet[Good]:
    """Those of the goods of which pieces are left that should be used until the day, or should have been."""
    return with_pieces(goods.filter(use_by__lte=until)).filter(balance__gt=0)


async def near_until(station_id: int, now: datetime) -> date:
    """The last day that is near, as the station's policy has it."""
    return stations.today(now) + timedelta(days=await policies.number("near_expiry_days", station_id=station_id))


def _theirs(by: Staff, station_id: int | None) -> QuerySet[Good]:
    goods = Good.filter(by.of_stations())
    return goods if station_id is None else goods.filter(station_id=station_id)


async def _newest(goods: QuerySet[Good], window: Window) -> list[Stocked]:
    found = goods.filter(older("created_at", window.after)).order_by("-created_at", "-id")
    return await stocked(found.limit(window.limit))


def _one(found: Sequence[Stocked]) -> Stocked:
    if not found:
        raise NotFound
    return found[0]
