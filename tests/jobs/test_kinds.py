"""Jobs of needs, call-backs, coverage and photos that are due."""

import asyncio
from datetime import timedelta

import pytest

from server.domain import coverage, daily_jobs, job_queue, photos, station_lifecycle, stations
from server.domain.needs import timeline
from server.domain.satisfaction import need_rating
from server.models import (
    CallBack,
    IdempotencyKey,
    Job,
    Need,
    NeedEvent,
    NeedStatus,
    Notice,
    Photo,
)
from tests import factories, steps
from tests.conftest import NOW
from tests.factories import ratings
from tests.jobs.working import work_off


async def notices_of(staff, template):
    return await Notice.filter(person_id=staff.person_id, template=template).count()


async def kinds_of(need):
    return [line.kind for line in await NeedEvent.filter(need_id=need.id).order_by("number")]


async def test_the_worker_reminds_at_four_fifths_of_the_time(city, context, clock):
    need = await steps.assign_need(city, await city.need(), NOW)
    due = (await Job.get(kind="watch_need")).due_at
    # Five working days of seven hours each, counted from ten in the morning: the fifth of them is the last fifth.
    assert due.date() == (need.completion_due_at - timedelta(days=1)).date()
    clock.set(due)

    await work_off(context)

    assert await notices_of(city.staff["陈社工"], "completion_nearly_due") == 1
    assert await notices_of(city.staff["林社工"], "completion_nearly_due") == 0


async def test_overdue_goes_to_the_parents_head_visible_to_the_resident(city, context, clock):
    need = await steps.assign_need(city, await city.need(), NOW)
    clock.set(need.completion_due_at)

    await work_off(context)

    assert await notices_of(city.staff["孙站长"], "completion_overdue") == 1
    assert "江阳总站督办" in (await timeline.list_entries(need, for_staff=False))[-1].text
    assert await Notice.exists(person_id=need.person_id, template="need_escalated")


async def test_two_workers_remind_and_escalate_exactly_once(city, context, clock):
    needs = [await city.need(text=f"第{number}件事，请人帮忙。") for number in range(6)]
    for moment in (needs[0].response_due_at - timedelta(minutes=1), needs[0].completion_due_at):
        clock.set(moment)
        await asyncio.gather(*(work_off(context) for _ in range(2)))
        await work_off(context)

    for need in needs:
        said = await kinds_of(need)
        assert said == ["submitted", "response_nearly_due", "response_overdue", "completion_overdue"]
    assert await notices_of(city.staff["孙站长"], "completion_overdue") == 6


async def test_a_worker_that_died_between_the_change_and_its_note_changes_nothing_twice(city, context, clock):
    need = await city.need()
    clock.set(need.completion_due_at)
    job = await Job.get(kind="watch_need")
    await job_queue.claim(job, kept=timedelta(minutes=2), now=clock.now())
    # It did what was due, and died before it could say so.
    from server.jobs.kinds import KINDS

    await KINDS["watch_need"].run(job, context)
    before = await kinds_of(need)

    clock.forward(minutes=2)
    await work_off(context)

    assert await kinds_of(need) == before
    assert (await Job.get(kind="watch_need")).state == "done"


async def test_a_need_without_an_answer_closes_after_fifteen_silent_days(city, context, clock):
    need = await steps.resolve_need(city, await city.need(), NOW)
    clock.forward(days=14, hours=23)
    await work_off(context)
    assert (await Need.get(id=need.id)).status == NeedStatus.RESOLVED

    clock.forward(hours=1)
    await work_off(context)

    assert (await Need.get(id=need.id)).status == NeedStatus.CLOSED


async def test_an_overdue_call_back_reminds_the_heads_each_day(city, context, clock):
    need = await steps.resolve_need(city, await city.need(), NOW)
    await need_rating.rate(need.id, ratings.stars(1), by=need.person_id, now=NOW)
    clock.set((await CallBack.get(need_id=need.id)).due_at)

    for reminders in (1, 2):
        await work_off(context)
        assert await notices_of(city.staff["赵站长"], "call_back_overdue") == reminders
        assert await notices_of(city.staff["孙站长"], "call_back_overdue") == reminders
        clock.forward(days=1)


async def test_coverage_that_begins_tomorrow_moves_waiting_needs_tomorrow(city, context, clock):
    need = await city.need()
    room, officer = city.stations["团结社工室"], city.staff["冯科长"]
    tomorrow = stations.today(NOW) + timedelta(days=1)
    area = city.areas["团结村"].id
    await coverage.uncover(room.id, area_ids=[area], valid_until=stations.today(NOW), by=officer, now=NOW)
    await coverage.cover(room.id, area_ids=[area], valid_from=tomorrow, by=officer, now=NOW)
    await factories.employ(city, "团结社工室")
    await station_lifecycle.open_station(room.id, by=officer, now=NOW)
    await work_off(context)
    assert (await Need.get(id=need.id)).station_id == city.stations["邻玉社工站"].id

    clock.forward(days=1)
    await work_off(context)

    assert (await Need.get(id=need.id)).station_id == room.id


@pytest.fixture
async def upload(city, context):
    """Upload a photo of 王奶奶's, as the server does."""

    async def _upload(number, now=NOW):
        name = f"{number:040x}"
        for size in photos.PIXELS:
            await context.photo_store.put(photos.file_name(name, size), b"a picture")
        return await photos.add(name, owner_id=city.grandma.id, width=1, height=1, now=now)

    return _upload


async def stored(context, photo):
    return [await context.photo_store.get(photos.file_name(photo.name, size)) is not None for size in photos.PIXELS]


async def test_a_photo_nobody_used_is_gone_after_a_day_with_both_files(city, context, clock, upload):
    unused, used = await upload(1), await upload(2)
    await city.need(photo_ids=[used.id])
    await daily_jobs.seed(now=NOW)
    await work_off(context)
    assert await Photo.all().count() == 2

    clock.forward(days=1, hours=12)
    await work_off(context)

    assert await Photo.all().values_list("id", flat=True) == [used.id]
    assert await stored(context, unused) == [False, False]
    assert await stored(context, used) == [True, True]


async def test_a_worker_that_dies_while_it_sweeps_leaves_no_link_to_a_missing_file(context, clock, upload):
    photo = await upload(1)
    await daily_jobs.sweep_photos(now=clock.forward(days=2))

    # Here it dies: the row is gone, its files are not; then another worker goes on.
    assert not await Photo.exists(id=photo.id)
    assert await stored(context, photo) == [True, True]
    await work_off(context)

    assert await stored(context, photo) == [False, False]


async def test_the_same_photo_uploaded_again_meanwhile_keeps_its_files(context, clock, upload):
    await upload(1)
    await daily_jobs.sweep_photos(now=clock.forward(days=2))
    again = await upload(1, now=clock.now())

    await work_off(context)

    assert await stored(context, again) == [True, True]


async def test_a_long_list_of_photos_is_swept_to_its_end(context, clock, upload, monkeypatch):
    monkeypatch.setattr(daily_jobs, "PHOTOS_AT_ONCE", 2)
    for number in range(5):
        await upload(number)
    await daily_jobs.seed(now=clock.forward(days=2))

    await work_off(context)

    assert await Photo.all().count() == 0
    assert (await Job.get(kind="sweep_photos", state="waiting")).due_at > clock.now()


async def test_old_keys_and_finished_jobs_are_forgotten_every_night(city, context, clock):
    for number, age in enumerate((timedelta(days=8), timedelta(days=6))):
        await IdempotencyKey.create(id=str(number), request_hash="", person_id=1, operation="", created_at=NOW - age)
    await daily_jobs.seed(now=NOW)

    await work_off(context)

    assert await IdempotencyKey.all().values_list("id", flat=True) == ["1"]
    # Three in the morning in Shanghai.
    assert (await Job.get(kind="forget_old", state="waiting")).due_at == NOW.replace(hour=19)


async def test_second_runner_that_starts_leaves_the_daily_plan_unchanged(city, context, clock):
    await daily_jobs.seed(now=NOW)
    await work_off(context)
    planned = Job.filter(kind__in=list(daily_jobs.RECURRING)).order_by("id").values_list("kind", "subject", "due_at")
    before = await planned

    await daily_jobs.seed(now=clock.forward(minutes=1))

    assert await planned == before
    assert await Job.filter(kind__in=list(daily_jobs.RECURRING), state="waiting").count() == len(daily_jobs.RECURRING)
