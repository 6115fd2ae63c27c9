"""The job of an activity's schedule: each run plans the next."""

from datetime import timedelta

from server.domain.activities import publication
from server.models import ActivityStatus, BookingStatus, Notice
from tests.conftest import NOW
from tests.factories import activities
from tests.factories.activities import STARTS, fresh, row
from tests.jobs.working import work_off


async def test_job_reminds_twice_and_finishes(city, context, clock):
    one = await activities.activity(city, status=ActivityStatus.DRAFT, listed=0)
    await publication.publish(one.id, by=city.staff["陈社工"], now=NOW)
    await row(one, city.grandma, BookingStatus.BOOKED)
    told = []

    for hours in (-24, -2, 1, 13, 14):
        clock.set(STARTS + timedelta(hours=hours))
        await work_off(context)
        told.append(await Notice.filter(person_id=city.grandma.id, template="activity_reminder").count())

    assert told == [1, 2, 2, 2, 2]
    assert (await fresh(one)).status == ActivityStatus.FINISHED
