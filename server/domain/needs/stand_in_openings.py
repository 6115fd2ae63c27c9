"""Opening a confidential need as a stand-in: where nobody works, people above the station read it by a logged act."""

from datetime import datetime, timedelta

from server.database import db
from server.database.condition import among, select, where
from server.domain import audit
from server.domain.needs import access, timeline
from server.domain.needs.timeline import TimelineEntry, clause
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI
from server.errors import EndedThoseRoles, NotAllowed
from server.models import AuditEntry, Need, ReadingKind, Role


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

    They ended a role at a station that had the need, or changed the set-up of such a station, by which needs move. The
    same holds for each need that was merged into it.
    """
    these = [need, *(await Need.filter(merged_into_id=need.id) if need.joined_needs else [])]
    since = min(one.submitted_at for one in these) - MARGIN
    had = await select("DISTINCT station_id", "need_event", among("need_id", [one.id for one in these]))
    stations = sorted({row["station_id"] for row in had if row["station_id"] is not None} | {need.station_id})
    ended = Role.filter(station_id__in=stations, ended_by_id=person_id, ended_at__gte=since)
    subjects = [f"station:{one}" for one in stations]
    changed = AuditEntry.filter(subject__in=subjects, action__in=MOVES_NEEDS, person_id=person_id)
    if await ended.exists() or any(_takes_effect_since(one, since) for one in await changed):
        raise EndedThoseRoles


def _takes_effect_since(change: AuditEntry, since: datetime) -> bool:
    """Return whether the change was made since then, or begins later: coverage may be planned for a day."""
    day = change.facts.get("day")
    return change.at >= since or (day is not None and day >= since.astimezone(SHANGHAI).date().isoformat())


async def end_all(station_id: int, *, by: int | None, now: datetime) -> None:
    """End the openings of stand-ins at a station where somebody works now. For verbs that appoint one."""
    db.require_transaction()
    opened = where("n.station_id = ?", station_id) & access.opened_standing_in()
    for row in await select("n.id", "need n", opened, "ORDER BY n.id"):
        need = await access.lock_need(row["id"])
        text = "站点已有工作人员，代管人员不再查看您的需求。"
        await timeline.add(need, TimelineEntry(access.OPENING_ENDED, by, text=text), now=now)
