"""Every night: does what must always hold, hold? An alarm says what does not."""

import logging

from server.domain import checks, chores
from server.jobs.tools import Tools
from server.models import Job

log = logging.getLogger("server.jobs")


async def do(_: Job, tools: Tools) -> None:
    """Ask after every law, tell officers and sound the alarm; raises AlarmFailed."""
    report = await checks.check()
    now = tools.clock.now()
    if report.holds:
        log.info("%s", report)
    else:
        log.critical("%s", report)
        key = f"data:{now.date().isoformat()}"
        await tools.alarms.sound(key=key, kind="data", text=chores.DATA_BROKEN, phones=await chores.desk_phones())
    await chores.data_checked(report, now=now)
