"""Jobs that take several transactions. Each may be killed and repeated without doing anything twice."""

from server.domain import daily_jobs, photos, station_lifecycle
from server.domain.activities import attendance_points
from server.domain.needs import rerouting
from server.domain.points import expiry
from server.domain.supermarket import stock_warnings
from server.jobs.context import JobContext
from server.models import Job


async def delete_photo(job: Job, context: JobContext) -> None:
    """Delete both files of a photo that no row names. The subject is its name. Raises `PhotosUnavailable`."""
    if not await daily_jobs.may_delete_files(job.subject):
        return
    await context.photo_store.delete(photos.file_name(job.subject, "large"))
    await context.photo_store.delete(photos.file_name(job.subject, "small"))


async def expire_points(job: Job, context: JobContext) -> None:
    """Expire the points of a batch of accounts. The subject is the year and where the batch begins."""
    now = context.clock.now()
    batch = await expiry.get_batch(job.subject)
    # Planned first: a batch that fails for good must not be the last one.
    await expiry.schedule_next_batch(batch, now=now)
    for person_id in await expiry.list_affected(batch):
        await expiry.expire(person_id, year=batch.year, now=now)


async def reward_activity(job: Job, context: JobContext) -> None:
    """Give everybody who attended an activity the points of its rule. The subject is the activity's id."""
    after: int | None = 0
    while after is not None:
        after = await attendance_points.reward(int(job.subject), after=after, now=context.clock.now())


async def reroute_needs(job: Job, context: JobContext) -> None:
    """Move a portion of the needs that a change of the set-up gave to other stations.

    The subject is the changed station, with a day if its coverage begins or ends on that day. The last portion of a
    closing station closes it.
    """
    now = context.clock.now()
    if await rerouting.move_portion(job.subject, now=now) and job.subject.isdecimal():
        await station_lifecycle.finish_closing(int(job.subject), now=now)


async def watch_stock(_: Job, context: JobContext) -> None:
    """Notify each station's staff of goods that run low or come near their use-by date."""
    now = context.clock.now()
    for station_id in await stock_warnings.list_stations_with_goods():
        await stock_warnings.notify_station(station_id, now=now)


async def sweep_photos(_: Job, context: JobContext) -> None:
    """Delete all photos that nobody used."""
    while await daily_jobs.sweep_photos(now=context.clock.now()):
        pass
