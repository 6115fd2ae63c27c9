"""When a worker leaves a station, what they were working on goes back to it."""

from datetime import datetime

from server.database import db
from server.domain.needs.notifications import NEED_HANDED_BACK, notify_heads
from server.domain.needs.timeline import Line
from server.domain.needs.transitions import S, shift
from server.models import Need

IN_HAND = (S.ASSIGNED, S.IN_PROGRESS, S.REOPENED, S.REFERRED)


async def hand_back(person_id: int, *, station_id: int, by: int, now: datetime) -> int:
    """Take the worker off their open needs at the station, each with a line; the head assigns them anew."""
    db.must_be_in_transaction()
    held = Need.filter(assignee_id=person_id, station_id=station_id, status__in=IN_HAND)
    needs = await held.order_by("id").select_for_update()
    for need in needs:
        # What two stations are talking about stays with them; whoever gets it assigns it.
        status = None if need.status == S.REFERRED else S.ACCEPTED
        line = Line("handed_back", by, said="原经办人已离岗，站点会重新安排工作人员。")
        await shift(need, status, line, now=now, assignee_id=None)
        await notify_heads(station_id, need, NEED_HANDED_BACK, now=now)
    return len(needs)
