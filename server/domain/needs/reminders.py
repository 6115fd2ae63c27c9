"""Reminders 催办: the resident asks the worker to hurry."""

from datetime import datetime, timedelta

from server.database import db
from server.domain import policies
from server.domain.crisis_words import find_crisis_words
from server.domain.needs import access, timeline
from server.domain.needs.notifications import NEED_REMINDER, notify_worker
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import OPEN, require_status
from server.errors import ReminderTooSoon
from server.models import Need


@db.transaction
async def remind_worker(need_id: int, *, message: str = "", by: int, now: datetime) -> Need:
    """Remind the worker for the resident, with or without a message.

    Raises `ReminderTooSoon` within `reminder_interval_hours` (a policy), but not if there are words of crisis.
    """
    need = await access.lock_for_resident(need_id, by)
    require_status(need, *OPEN)
    hours = await policies.number("reminder_interval_hours", station_id=need.station_id)
    too_soon = need.urged_at is not None and now < need.urged_at + timedelta(hours=hours)
    if too_soon and not find_crisis_words(message):
        assert need.urged_at is not None
        raise ReminderTooSoon(possible_from=need.urged_at + timedelta(hours=hours))
    text = "您催办了这条需求，工作人员已收到提醒。" + (f"留言：{timeline.clause(message)}。" if message else "")
    entry = TimelineEntry("reminded", by, text=text)
    await timeline.add(need, entry, now=now, urged_at=now, urgings=need.urgings + 1)
    await notify_worker(need, NEED_REMINDER, now=now)
    return need
