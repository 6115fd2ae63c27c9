"""Points that were kept long enough lapse. The subject is the year they are of and where a batch of accounts begins."""

from server.domain.points import expiring
from server.jobs.tools import Tools
from server.models import Job


async def do(job: Job, tools: Tools) -> None:
    """Take them from each owner of the batch; the next one follows at once."""
    now = tools.clock.now()
    batch = await expiring.batch_of(job.subject)
    for person_id in await expiring.losing(batch):
        await expiring.expire(person_id, year=batch.year, now=now)
    await expiring.go_on(batch, now=now)
