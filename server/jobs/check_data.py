"""Every night: does what must always hold, hold? An alarm says what does not."""

import logging

from server.domain import daily_jobs, invariants
from server.jobs.context import JobContext
from server.models import Job

log = logging.getLogger("server.jobs")


async def do(_: Job, tools: JobContext) -> None:
    """Ask after every law, tell officers and sound the alarm; raises AlarmFailed."""
    report = await invariants.check()
    now = tools.clock.now()
    if report.holds:
        log.info("%s", report)
    else:
        log.critical("%s", report)
        key = f"data:{now.date().isoformat()}"
        await tools.alarms.sound(
            key=key, kind="data", text=daily_jobs.DATA_BROKEN.body, phones=await daily_jobs.desk_phones()
        )
    await daily_jobs.data_checked(report, now=now)
