"""Opening a crisis: the people whom it alarms read name, phone and words by a logged act, in every category."""

from datetime import datetime

from server.database import db
from server.database.condition import select, where
from server.domain import audit
from server.domain.needs import access, crisis_access, timeline
from server.domain.needs.timeline import TimelineEntry, clause
from server.domain.staff import Staff
from server.errors import NoCrisis
from server.models import Need, NeedEvent, ReadingKind


@db.transaction
async def open_crisis(need_id: int, *, reason: str, by: Staff, now: datetime) -> Need:
    """Return the need for showing name, phone, place and words to a person whom its alert reached.

    They may acknowledge the alert from now on, and read the need while the crisis lasts (`crisis_access.lasting`). It
    may be repeated. Each time the reading is logged with its reason, and the resident sees it; the timeline names the
    person once for each alert. Raises `NoCrisis` if the need has no crisis, or it is over.
    """
    need = await access.lock_for_crisis(need_id, by)
    if not await select("n.id", "need n", where("n.id = ?", need_id) & crisis_access.lasting()):
        raise NoCrisis
    await audit.read(f"need:{need.id}", ReadingKind.CRISIS, of=need.person_id, by=by.person_id, reason=reason, now=now)
    if await note_opening(need, reason=reason, by=by.person_id, now=now):
        text = f"值班人员打开了您的求助，查看了您的姓名、电话和内容，原因：{clause(reason)}。"
        entry = TimelineEntry("crisis_opened", by.person_id, text=text, acting_for=access.acting_for(need, by))
        await timeline.add(need, entry, now=now)
    return need


async def list_written(need: Need) -> list[str]:
    """Return the pleas that were written in the need after it was filed, oldest first."""
    written = NeedEvent.filter(need_id=need.id, kind__in=timeline.PLEA_KINDS).order_by("number")
    return [event.text for event in await written]


async def note_opening(need: Need, *, reason: str, by: int, now: datetime) -> bool:
    """Note that the person has read the contact of a locked need, if it has an alert. Return whether that is new."""
    db.require_transaction()
    opened, _ = await db.execute(
        f"""INSERT INTO crisis_opening (alert_id, raised_at, person_id, opened_at, reason)
        SELECT c.id, c.raised_at, ?, ?, ? FROM crisis_alert c WHERE c.need_id = ?
        {db.unless_taken("crisis_opening", "alert_id")}""",  # noqa: S608 - names of ours
        [by, now, reason, need.id],
    )
    return bool(opened)
