"""Once a day: staff learn which goods ran low, and which should be used soon."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tortoise.expressions import F
from tortoise.queryset import QuerySet

from server.database import db
from server.domain import notifications, staff, stations
from server.domain.supermarket import queries
from server.domain.supermarket.notifications import GOODS_LOW_STOCK, GOODS_NEAR_USE_BY
from server.domain.supermarket.stock import with_pieces
from server.models import Good

NAMED = 5


async def stations_with_goods() -> list[int]:
    """Ids of all stations that ever listed a good."""
    return await Good.all().distinct().order_by("station_id").values_list("station_id", flat=True)  # type: ignore[return-value]


@db.transaction
async def tell(station_id: int, *, now: datetime) -> None:
    """Tell the station's staff of goods that ran low, anew after each refill, and, once, of those near their use-by."""
    goods = Good.filter(station_id=station_id)
    refilled = with_pieces(goods.filter(low_stock_told_at__isnull=False)).filter(spendable__gt=F("low_stock_pieces"))
    await _mark(refilled, low_stock_told_at=None)
    low = await _mark(queries.low(goods.filter(low_stock_told_at=None), stations.today(now)), low_stock_told_at=now)
    until = await queries.near_until(station_id, now)
    near = await _mark(queries.near(goods.filter(near_use_by_told_at=None), until), near_use_by_told_at=now)
    people = await staff.workers_of(station_id)
    if low:
        await notifications.notify(people, GOODS_LOW_STOCK, subject_id=station_id, now=now, goods=_named(low))
    if near:
        await notifications.notify(people, GOODS_NEAR_USE_BY, subject_id=station_id, now=now, goods=_named(near))


async def _mark(goods: QuerySet[Good], **told: datetime | None) -> Sequence[Good]:
    # Should two workers look at once, the second waits here and finds them told.
    found = await goods.order_by("id").select_for_update()
    await Good.filter(id__in=[good.id for good in found] or [0]).update(**told)
    return found


def _named(goods: Iterable[Good]) -> str:
    names = [good.name for good in goods]
    more = f"等{len(names)}种物品" if len(names) > NAMED else ""
    return "、".join(names[:NAMED]) + more
