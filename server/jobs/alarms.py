"""Jobs that sound an alarm: a crisis, a missing calendar, a broken ledger, broken data."""

import logging
from datetime import timedelta

from server.adapters.alarm_gateway import AlarmFailed
from server.domain import daily_jobs, invariants, job_queue, ledger
from server.domain.needs import crisis_alerts
from server.jobs.context import JobContext
from server.models import Job

log = logging.getLogger("server.jobs")

# Longer than the gateway may take, and short, because another runner or an instance rings if this one dies meanwhile.
CRISIS_SECONDS = 15


async def sound_crisis(job: Job, context: JobContext) -> None:
    """Ring the duty phones about a crisis alert and plan the next ringing. Raises `AlarmFailed`."""
    alert = await crisis_alerts.get_unacknowledged(int(job.subject))
    if alert is None:
        return
    text, phones = await crisis_alerts.alarm_text_and_phones(alert)
    if not await _still_claimed(job, context):
        return
    # A retry of the same ringing has the same key; the next ringing has another.
    key = f"crisis:{alert.id}:{int(job.due_at.timestamp())}"
    try:
        await context.alarms.sound(key=key, kind="crisis", text=text, phones=phones)
    except AlarmFailed:
        if not job.attempts:
            await crisis_alerts.notify_alarm_failed(alert.id, now=context.clock.now())
        raise
    await crisis_alerts.plan_repetition(alert.id, now=context.clock.now())


async def _still_claimed(job: Job, context: JobContext) -> bool:
    """Claim the job once more, right before the phones ring.

    A process that was frozen wakes up without noticing. Another one has rung in its place meanwhile.
    """
    lease = await job_queue.renew(job, kept=2 * timedelta(seconds=CRISIS_SECONDS), now=context.clock.now())
    if lease is None:
        log.error("job %s %s %s was taken over by another process", job.id, job.kind, job.subject)
        return False
    job.lease = lease
    return True


async def sound_alarm(job: Job, context: JobContext) -> None:
    """Ring the city desk about the system itself. The subject is the kind and the day. Raises `AlarmFailed`."""
    kind, _, _ = job.subject.partition(":")
    alarm = await daily_jobs.alarm_text_and_phones(kind, now=context.clock.now())
    if alarm is not None:
        text, phones = alarm
        await context.alarms.sound(key=job.subject, kind=kind, text=text, phones=phones)


async def audit_ledger(_: Job, context: JobContext) -> None:
    """Audit the ledger. If it does not balance, notify officers and plan an alarm."""
    report = await ledger.audit()
    _log(report)
    await daily_jobs.ledger_audited(report, now=context.clock.now())


async def check_data(_: Job, context: JobContext) -> None:
    """Check every invariant. If one is broken, notify officers and plan an alarm."""
    report = await invariants.check()
    _log(report)
    await daily_jobs.data_checked(report, now=context.clock.now())


def _log(report: ledger.Report | invariants.Report) -> None:
    log.log(logging.INFO if report.holds else logging.CRITICAL, "%s", report)
