"""Locks on a good: the lock comes first, and the query decides whether the caller may touch the good."""

from typing import NoReturn

from server.domain.staff import Staff
from server.errors import HeadRequired, NotAllowed, NotFound
from server.models import Good


async def lock_for_staff(good_id: int, staff: Staff) -> Good:
    """Return a good, locked, of a station that the caller works for.

    Raises `NotAllowed` for the station's officers, and `NotFound` for everyone else.
    """
    good = await Good.filter(id=good_id, station_id__in=sorted(staff.station_ids) or [0]).select_for_update().first()
    if good is None:
        await _refuse_outsider(good_id, staff)
    return good


async def lock_for_head(good_id: int, staff: Staff) -> Good:
    """Return a good, locked, to the head of its station.

    Raises `HeadRequired` for its workers, else as `lock_for_staff`.
    """
    good = await lock_for_staff(good_id, staff)
    require_head(good.station_id, staff)
    return good


def require_head(station_id: int, staff: Staff) -> None:
    """Refuse with `HeadRequired` workers of the station who are not its head."""
    if station_id not in staff.head_of:
        raise HeadRequired


async def require_visible(good_id: int, staff: Staff) -> None:
    """Refuse with `NotFound` a good that is not of the caller's stations or counties."""
    if not await Good.filter(staff.of_stations(), id=good_id).exists():
        raise NotFound


async def _refuse_outsider(good_id: int, staff: Staff) -> NoReturn:
    await require_visible(good_id, staff)
    raise NotAllowed
