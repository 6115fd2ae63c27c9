"""Opening a confidential need as a stand-in: where nobody works, people above the station read it by a logged act."""

from datetime import datetime

from server.database import db
from server.database.condition import select, where
from server.domain import audit
from server.domain.needs import access, timeline
from server.domain.needs.timeline import TimelineEntry, clause
from server.domain.staff import Staff
from server.errors import EndedThoseRoles, NotAllowed
from server.models import Need, ReadingKind


@db.transaction
async def open_need(need_id: int, *, reason: str, by: Staff, now: datetime) -> Need:
    """Open a need of a station that the caller stands in for, and return it.

    They read it, and act on it, until somebody is appointed at the station. Each act is logged with its reason, and the
    resident sees it. Raises `NotAllowed` for others than stand-ins, and `EndedThoseRoles` for an officer who ended a
    role at the station after the need was submitted: nobody takes it from its readers to read it.
    """
    need = await access.lock_for_station(need_id, by)
    if need.stands_in is None:
        raise NotAllowed
    ended = where("station_id = ? AND ended_by_id = ?", need.station_id, by.person_id)
    if await select("id", "role", ended & where("ended_at >= ?", need.submitted_at), "LIMIT 1"):
        raise EndedThoseRoles
    subject, kind = f"need:{need.id}", ReadingKind.CONFIDENTIAL
    await audit.read(subject, kind, of=need.person_id, by=by.person_id, reason=reason, now=now)
    if not await select("n.id", "need n", where("n.id = ?", need.id) & access.opened_by(by)):
        text = f"代管人员打开了您的需求，查看了内容，原因：{clause(reason)}。"
        await timeline.add(need, TimelineEntry(access.STAND_IN_OPENED, by.person_id, text=text), now=now)
    return need
