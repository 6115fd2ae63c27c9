"""Ring the duty phones about somebody in danger, until a person acknowledges. The subject is the alert's id."""

from server.adapters.alarm_gateway import AlarmFailed
from server.domain.needs import crisis_alerts
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Sound the alarm and plan its repetition; raises AlarmFailed, of which people are told the first time."""
    alert = await crisis_alerts.get_unacknowledged(int(job.subject))
    if alert is None:
        return
    text, phones = await crisis_alerts.alarm_text_and_phones(alert)
    # The same ringing tried again has the same key, the next ringing another.
    key = f"crisis:{alert.id}:{int(job.due_at.timestamp())}"
    try:
        await tools.alarms.sound(key=key, kind="crisis", text=text, phones=phones)
    except AlarmFailed:
        if not job.attempts:
            await crisis_alerts.notify_alarm_failed(alert.id, now=tools.clock.now())
        raise
    await crisis_alerts.plan_repetition(alert.id, now=tools.clock.now())
