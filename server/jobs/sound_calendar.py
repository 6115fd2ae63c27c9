"""Sound the alarm about a missing calendar. The subject is the day: one alarm a day."""

from server.domain import daily_jobs
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Sound it unless the calendar was entered meanwhile; raises AlarmFailed."""
    alarm = await daily_jobs.calendar_alarm(tools.clock.now())
    if alarm is not None:
        text, phones = alarm
        await tools.alarms.sound(key=f"calendar:{job.subject}", kind="calendar", text=text, phones=phones)
