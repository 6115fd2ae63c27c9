"""Coverage of an area begins or ends on this day: its waiting needs are re-routed. The subject is area and day."""

from server.domain import coverage
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Re-route what waits in the area."""
    await coverage.take_effect(job.subject, now=tools.clock.now())
