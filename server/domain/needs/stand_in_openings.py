"""Opening a confidential need as a stand-in: where nobody works, people above the station read it by a logged act."""

from datetime import datetime

from server.database import db
from server.database.condition import select, where
from server.domain import audit
from server.domain.needs import access, takings, timeline
from server.domain.needs.timeline import TimelineEntry, clause
from server.domain.staff import Staff
from server.errors import NotAllowed
from server.models import Need, ReadingKind


@db.transaction
async def open_need(need_id: int, *, reason: str, by: Staff, now: datetime) -> Need:
    """Open a need of a station that the caller stands in for, and return it.

    They read it, and act on it, until somebody is appointed at the station or another station takes it. Each act is
    logged with its reason, and the resident sees it. Raises `NotAllowed` for others than stand-ins, and as
    `takings.require_none`.
    """
    need = await access.lock_for_station(need_id, by)
    if need.stands_in is None:
        raise NotAllowed
    await takings.require_none(need, by.person_id)
    subject, kind = f"need:{need.id}", ReadingKind.CONFIDENTIAL
    await audit.read(subject, kind, of=need.person_id, by=by.person_id, reason=reason, now=now)
    if not await select("n.id", "need n", where("n.id = ?", need.id) & access.opened_standing_in(by.person_id)):
        text = f"代管人员打开了您的需求，查看了内容，原因：{clause(reason)}。"
        await timeline.add(need, TimelineEntry(access.STAND_IN_OPENED, by.person_id, text=text), now=now)
    return need


async def end_all(station_id: int, *, by: int | None, now: datetime) -> None:
    """End the openings of stand-ins at a station where somebody works now. For verbs that appoint one."""
    db.require_transaction()
    opened = where("n.station_id = ?", station_id) & access.opened_standing_in()
    for row in await select("n.id", "need n", opened, "ORDER BY n.id"):
        need = await access.lock_need(row["id"])
        text = "站点已有工作人员，代管人员不再查看您的需求。"
        await timeline.add(need, TimelineEntry(access.OPENING_ENDED, by, text=text), now=now)
