"""Locks on an earning: the lock comes first, and the query decides whether the caller may touch it; four eyes 四眼."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from server.domain import households
from server.domain.staff import Staff
from server.errors import InvolvedInPoints, NotAllowed, NotFound
from server.models import Earning


async def lock_for_station(by: Staff, **which: Any) -> Earning:
    """Return an earning, locked, of a station that the caller works for.

    Raises `NotAllowed` for officers, who only read, and `NotFound` for everyone else.
    """
    mine = Earning.filter(station_id__in=sorted(by.station_ids), **which)
    earning = await mine.select_for_update().first()
    if earning is not None:
        return earning
    if await Earning.filter(by.of_stations(), **which).exists():
        raise NotAllowed
    raise NotFound


async def require_uninvolved(earning: Earning, by: int, *others: int | None, now: datetime) -> None:
    """Refuse with `InvolvedInPoints` the earner, their household, the person who entered the earning, and `others`."""
    if by in {earning.claimed_by_id, *others} or await households.near(by, earning.person_id, now=now):
        raise InvolvedInPoints


async def without_involvement(earnings: Sequence[Earning], by: int, *, now: datetime) -> list[Earning]:
    """Return the earnings that `require_uninvolved` lets the person decide about, by one statement for all."""
    if not earnings:
        return []
    near = await households.near_ids(by, now=now)
    return [one for one in earnings if one.claimed_by_id != by and one.person_id not in near]
