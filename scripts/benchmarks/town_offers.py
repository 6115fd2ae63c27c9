"""The offers of a station: activities to come, a shelf of rice, points to spend on it."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from server.domain import ledger
from server.domain.ledger import POINTS, NewTransfer, account_keys
from server.models import Activity, ActivityStatus, Category, Good, Station, TransferKind

ACTIVITIES, SEATS, PIECES, POINTS_EACH, LINES = 200, 100_000, 10**6, 10**6, 40
MOVES_AT_ONCE = 50


async def activities(station_id: int, worker_id: int, now: datetime) -> list[int]:
    """Published, one every three hours from tomorrow, whose booking is open; their ids."""
    station, kind = await Station.get(id=station_id).select_related("area"), await Category.get(code="culture")
    place = {"area": station.area, "town": station.area, "county_id": station.area.parent_id}
    by = {"created_by_id": worker_id, "published_by_id": worker_id, "created_at": now, "published_at": now}
    made = []
    for number in range(ACTIVITIES):
        starts = now + timedelta(days=1, hours=3 * number)
        one = Activity(
            status=ActivityStatus.PUBLISHED, listed=1, station=station, category=kind, **place, **by,
            title=f"合唱团第{number}期", text="欢迎居民前来参加，请提前十分钟到场。" * 8, place="一楼",
            starts_at=starts, ends_at=starts + timedelta(hours=2), booking_opens_at=now - timedelta(days=1),
            booking_closes_at=starts, cancellation_until=starts - timedelta(hours=12),
            seats=SEATS, check_in_secret=secrets.token_hex(32),
        )  # fmt: skip
        made.append(one)
    await Activity.bulk_create(made)
    return [one.id for one in made]


async def goods(station_id: int, now: datetime) -> int:
    """Rice for 50 points; its id."""
    good = await Good.create(station_id=station_id, name="大米5公斤", points_price=50, created_at=now)
    await ledger.post(
        NewTransfer("stock", TransferKind.DONATED, PIECES, account_keys.donors(good.id), account_keys.shelf(good.id)),
        now=now,
    )
    made: int = good.id
    return made


async def points(station_id: int, person_ids: Sequence[int], *, lines_of: Sequence[int], now: datetime) -> None:
    """Points for everybody, and for some a statement of many lines."""
    given = [_given(station_id, one, 0, POINTS_EACH) for one in person_ids]
    given += [_given(station_id, one, line, 10) for one in lines_of for line in range(1, LINES)]
    for first in range(0, len(given), MOVES_AT_ONCE):
        await ledger.post(*given[first : first + MOVES_AT_ONCE], now=now)


def _given(station_id: int, person_id: int, line: int, amount: int) -> NewTransfer:
    source, target = account_keys.issuing(station_id, POINTS), account_keys.person(person_id, POINTS)
    return NewTransfer(f"given:{person_id}:{line}", TransferKind.POINTS_DEED, amount, source, target)
