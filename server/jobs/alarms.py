"""Jobs that sound an alarm: a crisis, a missing calendar, a broken ledger, broken data."""

import logging

from server.adapters.alarm_gateway import AlarmFailed
from server.domain import daily_jobs, invariants, ledger
from server.domain.needs import crisis_alerts
from server.jobs.context import JobContext
from server.models import Job

log = logging.getLogger("server.jobs")


async def sound_crisis(job: Job, context: JobContext) -> None:
    """Ring the duty phones about a crisis alert and plan the next ringing. Raises `AlarmFailed`."""
    alert = await crisis_alerts.get_unacknowledged(int(job.subject))
    if alert is None:
        return
    text, phones = await crisis_alerts.alarm_text_and_phones(alert)
    # A retry of the same ringing has the same key; the next ringing has another.
    key = f"crisis:{alert.id}:{int(job.due_at.timestamp())}"
    try:
        await context.alarms.sound(key=key, kind="crisis", text=text, phones=phones)
    except AlarmFailed:
        if not job.attempts:
            await crisis_alerts.notify_alarm_failed(alert.id, now=context.clock.now())
        raise
    await crisis_alerts.plan_repetition(alert.id, now=context.clock.now())


async def sound_calendar(job: Job, context: JobContext) -> None:
    """Sound the alarm about a missing calendar, once a day while it is missing. Raises `AlarmFailed`."""
    alarm = await daily_jobs.calendar_alarm(context.clock.now())
    if alarm is not None:
        text, phones = alarm
        await context.alarms.sound(key=f"calendar:{job.subject}", kind="calendar", text=text, phones=phones)


async def audit_ledger(_: Job, context: JobContext) -> None:
    """Audit the ledger. If it does not balance, notify officers and sound the alarm. Raises `AlarmFailed`."""
    report = await ledger.audit()
    await _report(report, "ledger", daily_jobs.LEDGER_BROKEN.body, context)
    await daily_jobs.ledger_audited(report, now=context.clock.now())


async def check_data(_: Job, context: JobContext) -> None:
    """Check every invariant. If one is broken, notify officers and sound the alarm. Raises `AlarmFailed`."""
    report = await invariants.check()
    await _report(report, "data", daily_jobs.DATA_BROKEN.body, context)
    await daily_jobs.data_checked(report, now=context.clock.now())


async def _report(report: ledger.Report | invariants.Report, kind: str, text: str, context: JobContext) -> None:
    if report.holds:
        log.info("%s", report)
        return
    log.critical("%s", report)
    key = f"{kind}:{context.clock.now().date().isoformat()}"
    await context.alarms.sound(key=key, kind=kind, text=text, phones=await daily_jobs.desk_phones())
