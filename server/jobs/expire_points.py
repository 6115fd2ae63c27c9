"""Points that were kept long enough lapse. The subject is the year they are of and where a batch of accounts begins."""

from server.domain.points import expiry
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Take them from each owner of the batch; the next one follows at once."""
    now = tools.clock.now()
    batch = await expiry.batch_of(job.subject)
    for person_id in await expiry.losing(batch):
        await expiry.expire(person_id, year=batch.year, now=now)
    await expiry.go_on(batch, now=now)
