"""Daily warnings to staff of goods that ran low, and of goods near their use-by date."""

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

MAX_NAMED = 5


async def list_stations_with_goods() -> list[int]:
    """Return the ids of all stations that ever had a good."""
    return await Good.all().distinct().order_by("station_id").values_list("station_id", flat=True)  # type: ignore[return-value]


@db.transaction
async def notify_station(station_id: int, *, now: datetime) -> None:
    """Notify the station's staff of low stock, again after each refill, and once of near use-by dates."""
    goods = Good.filter(station_id=station_id)
    refilled = with_pieces(goods.filter(low_stock_notified_at__isnull=False)).filter(
        spendable__gt=F("low_stock_pieces")
    )
    await _mark_notified(refilled, low_stock_notified_at=None)
    low = await _mark_notified(
        queries.with_low_stock(goods.filter(low_stock_notified_at=None), stations.today(now)), low_stock_notified_at=now
    )
    until = await queries.get_near_until(station_id, now)
    near = await _mark_notified(
        queries.with_near_use_by(goods.filter(near_use_by_notified_at=None), until), near_use_by_notified_at=now
    )
    people = (await staff.of_station(station_id)).acting
    if low:
        await notifications.notify(people, GOODS_LOW_STOCK, subject_id=station_id, now=now, goods=_goods_text(low))
    if near:
        await notifications.notify(people, GOODS_NEAR_USE_BY, subject_id=station_id, now=now, goods=_goods_text(near))


async def _mark_notified(goods: QuerySet[Good], **columns: datetime | None) -> Sequence[Good]:
    # If two runners check at once, the second waits here and finds the goods marked.
    found = await goods.order_by("id").select_for_update()
    await Good.filter(id__in=[good.id for good in found] or [0]).update(**columns)
    return found


def _goods_text(goods: Iterable[Good]) -> str:
    names = [good.name for good in goods]
    more = f"等{len(names)}种物品" if len(names) > MAX_NAMED else ""
    return "、".join(names[:MAX_NAMED]) + more
