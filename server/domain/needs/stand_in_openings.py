"""Opening a confidential need as a stand-in: where nobody works, people above the station read it by a logged act."""

from datetime import datetime, timedelta

from server.database import db
from server.database.condition import among, select, where
from server.domain import audit
from server.domain.needs import access, timeline
from server.domain.needs.timeline import TimelineEntry, clause
from server.domain.staff import Staff
from server.errors import EndedThoseRoles, NotAllowed
from server.models import Need, ReadingKind


@db.transaction
async def open_need(need_id: int, *, reason: str, by: Staff, now: datetime) -> Need:
    """Open a need of a station that the caller stands in for, and return it.

    They read it, and act on it, until somebody is appointed at the station or another station takes it. Each act is
    logged with its reason, and the resident sees it. Raises `NotAllowed` for others than stand-ins, and as
    `require_took_from_nobody`.
    """
    need = await access.lock_for_station(need_id, by)
    if need.stands_in is None:
        raise NotAllowed
    await require_took_from_nobody(need, by.person_id)
    subject, kind = f"need:{need.id}", ReadingKind.CONFIDENTIAL
    await audit.read(subject, kind, of=need.person_id, by=by.person_id, reason=reason, now=now)
    if not await select("n.id", "need n", where("n.id = ?", need.id) & access.opened_standing_in(by.person_id)):
        text = f"代管人员打开了您的需求，查看了内容，原因：{clause(reason)}。"
        await timeline.add(need, TimelineEntry(access.STAND_IN_OPENED, by.person_id, text=text), now=now)
    return need


# A request may wait so long for a lock: what it writes is older than it.
MARGIN = timedelta(minutes=10)
MOVES_NEEDS = ("station.suspended", "station.closing", "station.offers", "station.covers", "station.uncovers")


async def require_took_from_nobody(need: Need, person_id: int) -> None:
    """Raise `EndedThoseRoles` for an officer who took the need from people who could read it, since it was submitted.

    They ended a role at a station that had the need, or changed the set-up of such a station, by which needs move.
    """
    _, found = await db.execute("SELECT DISTINCT station_id FROM need_event WHERE need_id = ?", [need.id])
    stations = {row["station_id"] for row in found if row["station_id"] is not None} | {need.station_id}
    since = need.submitted_at - MARGIN
    ended = among("station_id", sorted(stations)) & where("ended_by_id = ? AND ended_at >= ?", person_id, since)
    changed = among("subject", [f"station:{one}" for one in sorted(stations)]) & among("action", MOVES_NEEDS)
    changed &= where("person_id = ? AND at >= ?", person_id, since)
    if await select("id", "role", ended, "LIMIT 1") or await select("id", "audit_entry", changed, "LIMIT 1"):
        raise EndedThoseRoles


async def end_all(station_id: int, *, by: int | None, now: datetime) -> None:
    """End the openings of stand-ins at a station where somebody works now. For verbs that appoint one."""
    db.require_transaction()
    opened = where("n.station_id = ?", station_id) & access.opened_standing_in()
    for row in await select("n.id", "need n", opened, "ORDER BY n.id"):
        need = await access.lock_need(row["id"])
        text = "站点已有工作人员，代管人员不再查看您的需求。"
        await timeline.add(need, TimelineEntry(access.OPENING_ENDED, by, text=text), now=now)
