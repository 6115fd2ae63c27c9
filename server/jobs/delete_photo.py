"""Delete the files of a photo that was forgotten. The subject is its name."""

from server.domain import daily_jobs, photos
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """See to it that the store has neither size of it; raises PhotosUnavailable."""
    if not await daily_jobs.may_delete_files(job.subject):
        return
    await tools.photos.delete(photos.file_name(job.subject, "large"))
    await tools.photos.delete(photos.file_name(job.subject, "small"))
