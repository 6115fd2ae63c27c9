"""Taking hold of a good: the lock comes first, and what the caller may touch is in the query."""

from typing import NoReturn

from server.domain.staff import Staff
from server.errors import HeadRequired, NotAllowed, NotFound
from server.models import Good


async def by_staff(good_id: int, staff: Staff) -> Good:
    """The good, locked, of a station the caller works for; NotAllowed for officers of it, NotFound for others."""
    good = await Good.filter(id=good_id, station_id__in=sorted(staff.station_ids) or [0]).select_for_update().first()
    if good is None:
        await _refuse_outsider(good_id, staff)
    return good


async def by_head(good_id: int, staff: Staff) -> Good:
    """As `by_staff`, for the station's head alone: HeadRequired for its workers."""
    good = await by_staff(good_id, staff)
    must_head(good.station_id, staff)
    return good


def must_head(station_id: int, staff: Staff) -> None:
    """HeadRequired for who works for the station but does not head it."""
    if station_id not in staff.head_of:
        raise HeadRequired


async def must_be_visible(good_id: int, staff: Staff) -> None:
    """NotFound unless the good is of the caller's stations or counties."""
    if not await Good.filter(staff.of_stations(), id=good_id).exists():
        raise NotFound


async def _refuse_outsider(good_id: int, staff: Staff) -> NoReturn:
    await must_be_visible(good_id, staff)
    raise NotAllowed
