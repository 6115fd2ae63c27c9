"""Every night: does the ledger hold? An alarm says where not."""

import logging

from server.domain import daily_jobs, ledger
from server.jobs.context import JobContext
from server.models import Job

log = logging.getLogger("server.jobs")


async def do(_: Job, tools: JobContext) -> None:
    """Audit the ledger, tell officers and sound the alarm; raises AlarmFailed."""
    report = await ledger.audit()
    now = tools.clock.now()
    if report.holds:
        log.info("%s", report)
    else:
        log.critical("%s", report)
        key = f"ledger:{now.date().isoformat()}"
        await tools.alarms.sound(
            key=key, kind="ledger", text=daily_jobs.LEDGER_BROKEN.body, phones=await daily_jobs.desk_phones()
        )
    await daily_jobs.ledger_audited(report, now=now)
