"""Reminders 催办: the resident asks the worker to hurry."""

from datetime import datetime, timedelta

from server.database import db
from server.domain import policies, reference
from server.domain.crisis_words import find_crisis_words
from server.domain.needs import access, hearing, resident_queries, timeline
from server.domain.needs.notifications import NEED_REMINDER, notify_worker
from server.domain.needs.speakers import Speaker, on_word, speaker_id
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import OPEN, require_status
from server.errors import ReminderTooSoon
from server.models import Need


@db.transaction
async def remind_worker(need_id: int, *, message: str = "", by: Speaker, now: datetime) -> Need:
    """Remind the worker for the resident, or on their word, with or without a message.

    Raises `ReminderTooSoon` within `reminder_interval_hours` (a policy), but not if there are words of crisis.
    """
    need = await access.lock_for_resident(need_id, by)
    is_plea = bool(find_crisis_words(message))
    said = f"留言：{timeline.clause(message)}。" if message and not hearing.is_hidden(need, message) else ""
    text = f"您催办了这条需求{on_word(by)}，工作人员已收到提醒。{said}"
    entry = TimelineEntry("reminded", speaker_id(by), text=text)
    return await _remind(need, entry, is_plea=is_plea, now=now)


@db.transaction
async def remind_by_slip(code: str, *, now: datetime) -> Need:
    """Remind the worker for the person who holds the slip with this code: it asks for nothing personal.

    Raises `NotFound` for no such slip, and as `remind_worker`.
    """
    found = await resident_queries.get_by_slip(code)
    need = await access.lock_need(found.id)
    entry = TimelineEntry("reminded", None, text="有人凭查询单催办了这条需求，工作人员已收到提醒。")
    await _remind(need, entry, is_plea=False, now=now)
    return (await reference.attach([need], "station"))[0]


async def _remind(need: Need, entry: TimelineEntry, *, is_plea: bool, now: datetime) -> Need:
    require_status(need, *OPEN)
    hours = await policies.number("reminder_interval_hours", station_id=need.station_id)
    too_soon = need.urged_at is not None and now < need.urged_at + timedelta(hours=hours)
    if too_soon and not is_plea:
        assert need.urged_at is not None
        raise ReminderTooSoon(possible_from=need.urged_at + timedelta(hours=hours))
    await timeline.add(need, entry, now=now, urged_at=now, urgings=need.urgings + 1)
    await notify_worker(need, NEED_REMINDER, now=now, by=entry.by)
    return need
