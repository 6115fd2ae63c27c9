"""Goods of a station: what they are, what they cost, and whether they can be ordered."""

from collections.abc import Collection
from datetime import date

from server import db
from server.errors import GoodNotOffered, NotFound
from server.models import Good, Station, StationStatus


async def hold_orderable(good_ids: Collection[int], station_id: int, today: date) -> dict[int, Good]:
    """The station's goods by id, as they are until the transaction ends; `today` is the day in Shanghai.

    Raises NotFound when one is not this station's, and GoodNotOffered when one cannot be ordered.
    """
    db.must_be_in_transaction()
    wanted = sorted(set(good_ids))
    goods = await Good.filter(id__in=wanted, station_id=station_id).order_by("id").select_for_update()
    if len(goods) != len(wanted):
        raise NotFound
    is_open = await Station.exists(id=station_id, status=StationStatus.OPEN)
    refused = [good.id for good in goods if not (is_open and good.active and not is_past(good, today))]
    if refused:
        raise GoodNotOffered(goods=refused)
    return {good.id: good for good in goods}


def is_past(good: Good, today: date) -> bool:
    """Whether its use-by date is over; on the day itself it may still be used."""
    return good.use_by is not None and good.use_by < today
