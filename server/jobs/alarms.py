"""Jobs that sound an alarm: a crisis, a missing calendar, a broken ledger, broken data."""

import logging
from datetime import timedelta

from server.adapters.alarm_gateway import AlarmFailed
from server.domain import daily_jobs, invariants, job_queue, ledger
from server.domain.needs import crisis_rings
from server.jobs.context import JobContext
from server.models import Job

log = logging.getLogger("server.jobs")

# Longer than the gateway may take, and short, because another runner or an instance rings if this one dies meanwhile.
CRISIS_SECONDS = 15


async def sound_crisis(job: Job, context: JobContext) -> None:
    """Ring about a person's crisis alerts and plan the next ringing. The subject is the ring. Raises `AlarmFailed`."""
    # From here on the ring itself is claimed: nothing rings before its time, or twice.
    ringing = await crisis_rings.claim(int(job.subject), now=context.clock.now())
    if ringing is None or not await _still_claimed(job, context):
        return
    try:
        await context.alarms.sound(key=ringing.key, kind="crisis", text=ringing.text, phones=ringing.phones)
    except AlarmFailed:
        await crisis_rings.record_failure(ringing, now=context.clock.now())
        raise
    await crisis_rings.record(ringing, now=context.clock.now())


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
