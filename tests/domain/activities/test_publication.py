"""Publication of a draft: who, when, and what follows."""

import asyncio
from datetime import timedelta

import pytest

from server.domain import station_lifecycle
from server.domain.activities import publication
from server.errors import (
    InvalidActivityPlan,
    InvalidActivityState,
    NotAllowed,
    NotFound,
    SeatsOrPostsRequired,
    StationNotOperating,
)
from server.models import Activity, ActivityStatus, AuditEntry, Job
from tests import factories
from tests.conftest import NOW
from tests.factories import activities
from tests.factories.activities import STARTS, fresh
from tests.jobs.working import needs_follow

S = ActivityStatus


async def draft(city, **more):
    unpublished = {"status": S.DRAFT, "listed": 0, "published_by_id": None, "published_at": None}
    return await activities.activity(city, **(unpublished | more))


async def publish(city, one, by="陈社工", now=NOW):
    return await publication.publish(one.id, by=city.staff[by], now=now)


async def test_published_draft_is_listed_and_scheduled(city):
    one = await draft(city)

    published = await publish(city, one)

    assert (published.status, published.listed, published.published_at) == (S.PUBLISHED, 1, NOW)
    assert published.published_by_id == city.staff["陈社工"].person_id
    kept = await fresh(one)
    assert (kept.status, kept.listed, kept.published_by_id) == (S.PUBLISHED, 1, published.published_by_id)
    assert (await Job.get(kind="watch_activity", subject=str(one.id))).due_at == STARTS - timedelta(days=1)
    assert await AuditEntry.exists(action="activity.published", subject=f"activity:{one.id}")


async def test_only_drafts_can_be_published(city):
    for status in (S.PUBLISHED, S.FINISHED, S.CANCELLED):
        one = await draft(city, status=status)
        with pytest.raises(InvalidActivityState) as refused:
            await publish(city, one)
        assert refused.value.details == {"status": status}


async def test_officer_cannot_publish_and_strangers_do_not_find_the_draft(city):
    one = await draft(city)

    with pytest.raises(NotAllowed):
        await publish(city, one, by="冯科长")
    for name in ("周社工", "褚科长"):
        with pytest.raises(NotFound):
            await publish(city, one, by=name)


async def test_station_that_is_not_operating_cannot_publish(city):
    one = await draft(city)
    await station_lifecycle.suspend(one.station_id, reason="装修", by=city.staff["冯科长"], now=NOW)

    with pytest.raises(StationNotOperating):
        await publish(city, one)

    assert (await fresh(one)).status == S.DRAFT


@pytest.mark.parametrize(
    ("later", "fields"),
    [
        (timedelta(days=2, hours=23), ["booking_closes_at"]),
        (timedelta(days=3), ["starts_at", "booking_closes_at"]),
        (timedelta(days=3, hours=2), ["starts_at", "ends_at", "booking_closes_at"]),
    ],
)
async def test_draft_with_past_times_cannot_be_published(city, later, fields):
    one = await draft(city)

    with pytest.raises(InvalidActivityPlan) as refused:
        await publish(city, one, now=NOW + later)

    assert [one["field"] for one in refused.value.details["fields"]] == fields


async def test_activity_needs_seats_or_posts(city):
    one = await draft(city, seats=0)
    with pytest.raises(SeatsOrPostsRequired):
        await publish(city, one)
    await activities.post(one)

    assert (await publish(city, one)).status == S.PUBLISHED


async def test_reminder_due_before_publication_is_skipped(city):
    one = await draft(city, starts_at=NOW + timedelta(hours=5))

    published = await publish(city, one)

    assert (published.reminded_day_at, published.reminded_hours_at) == (NOW, None)
    due = (await Job.get(kind="watch_activity", subject=str(one.id))).due_at
    assert due == NOW + timedelta(hours=3)


async def test_concurrent_publications_have_one_winner(city):
    for _ in range(5):
        one = await draft(city)

        answers = await asyncio.gather(
            *(publish(city, one, by=name) for name in ("陈社工", "林社工", "赵站长")), return_exceptions=True
        )

        assert sum(isinstance(answer, Activity) for answer in answers) == 1
        assert sum(isinstance(answer, InvalidActivityState) for answer in answers) == 2
        assert await AuditEntry.filter(action="activity.published", subject=f"activity:{one.id}").count() == 1


async def test_publication_while_the_station_closes_is_refused_or_scheduled(city):
    one = await draft(city, station="和平社工室")
    worker = await factories.worker("和平的社工", city.stations["和平社工室"], NOW)

    published, _ = await asyncio.gather(
        publication.publish(one.id, by=worker, now=NOW),
        station_lifecycle.close(one.station_id, reason="撤并", by=city.staff["冯科长"], now=NOW),
        return_exceptions=True,
    )
    await needs_follow()

    if isinstance(published, StationNotOperating):
        assert (await fresh(one)).status == S.DRAFT
    else:
        assert (await Job.get(kind="watch_activity", subject=str(one.id))).due_at == NOW
