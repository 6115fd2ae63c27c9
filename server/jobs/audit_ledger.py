"""Every night: does the ledger hold? An alarm says where not."""

import logging

from server.domain import chores, ledger
from server.jobs.tools import Tools
from server.models import Job

log = logging.getLogger("server.jobs")


async def do(_: Job, tools: Tools) -> None:
    """Audit the ledger, tell officers and sound the alarm; raises AlarmFailed."""
    report = await ledger.audit()
    now = tools.clock.now()
    if report.holds:
        log.info("%s", report)
    else:
        log.critical("%s", report)
        key = f"ledger:{now.date().isoformat()}"
        await tools.alarms.sound(key=key, kind="ledger", text=chores.LEDGER_BROKEN, phones=await chores.desk_phones())
    await chores.ledger_audited(report, now=now)
