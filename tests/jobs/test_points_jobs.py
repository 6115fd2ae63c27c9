"""Jobs of points that are due."""

import asyncio
from datetime import UTC, datetime, timedelta

from server.domain import daily_jobs, ledger
from server.domain.points import expiry, public_notices
from server.jobs.batches import expire_points
from server.models import Job, Notice, Policy, PublicNotice
from tests import factories
from tests.conftest import NOW
from tests.factories import points
from tests.factories.points import has
from tests.jobs.working import work_off

LAST_YEAR = datetime(2025, 5, 1, tzinfo=UTC)


async def test_two_runners_end_a_public_notice_once(city, context, clock, monkeypatch):
    monkeypatch.setattr(public_notices, "GRANTS_PER_RUN", 2)
    rule = await points.rule(city, public_notice=True, daily_cap=100, monthly_cap=100)
    for _ in range(5):
        await points.approved(city, rule)
    station = city.stations["邻玉社工站"].id
    notice = await public_notices.publish(station, title="公示", by=city.staff["赵站长"], now=NOW)
    clock.set(notice.ends_at)

    await asyncio.gather(*(work_off(context) for _ in range(2)))
    await work_off(context)

    assert await has(city.grandma.id) == 25
    assert (await PublicNotice.get()).ended_at == clock.now()
    assert (await ledger.audit()).holds


async def with_old_points(city, count):
    await Policy.create(name="points_expiry_years", scope="city", value=1, source="测试")
    people = [await factories.person(f"居民{number}", NOW) for number in range(count)]
    for person in people:
        await points.give(person.id, city.stations["邻玉社工站"].id, 5, LAST_YEAR)
    return people


async def test_year_of_points_is_announced_and_expires(city, context, clock, monkeypatch):
    monkeypatch.setattr(expiry, "ACCOUNTS_PER_BATCH", 2)
    people = await with_old_points(city, 5)
    clock.set(datetime(2026, 12, 2, 19, tzinfo=UTC))
    await daily_jobs.seed(now=clock.now())
    await work_off(context)
    assert await Notice.filter(template="points_expiring").count() == 5
    assert [await has(person.id) for person in people] == [5] * 5

    clock.forward(days=30)
    await work_off(context)

    assert [await has(person.id) for person in people] == [0] * 5
    assert await Notice.filter(template="points_expired").count() == 5
    assert (await ledger.audit()).holds


async def test_runner_that_died_half_way_expires_nothing_twice(city, context, clock):
    people = await with_old_points(city, 3)
    job = await Job.create(kind="expire_points", subject="2025:0", due_at=NOW, leased_until=NOW)
    clock.set(datetime(2027, 1, 1, tzinfo=UTC))
    # It expired the points of a first person, and died.
    await expiry.expire(people[0].id, year=2025, now=clock.now())

    for _ in range(2):
        await expire_points(job, context)

    assert [await has(person.id) for person in people] == [0] * 3
    assert await Notice.filter(template="points_expired").count() == 3


async def test_expiry_is_checked_every_night(city, context, clock):
    await daily_jobs.seed(now=NOW)

    await work_off(context)

    assert (await Job.get(kind="watch_points", state="waiting")).due_at == NOW.replace(hour=19)
    assert await Job.filter(kind="announce_points").count() == 0
    assert clock.now() - NOW == timedelta(0)
