"""Taking hold of an earning: the lock comes first, what the caller may touch is in the query, and four eyes 四眼."""

from datetime import datetime
from typing import Any

from server.domain import households
from server.domain.staff import Staff
from server.errors import InvolvedInPoints, NotAllowed, NotFound
from server.models import Earning


async def by_station(by: Staff, **which: Any) -> Earning:
    """The earning, locked, of a station the caller works for; NotAllowed for officers, who only read, else NotFound."""
    mine = Earning.filter(station_id__in=sorted(by.station_ids), **which)
    earning = await mine.select_for_update().first()
    if earning is not None:
        return earning
    if await Earning.filter(by.of_stations(), **which).exists():
        raise NotAllowed
    raise NotFound


async def must_have_no_part(earning: Earning, by: int, *others: int | None, now: datetime) -> None:
    """Raise InvolvedInPoints for the earner, who lives or just lived with them, who entered it, and `others`."""
    if by in {earning.claimed_by_id, *others} or await households.near(by, earning.person_id, now=now):
        raise InvolvedInPoints
