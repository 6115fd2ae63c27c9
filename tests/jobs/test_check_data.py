"""The nightly check, and the alarm when a law is broken."""

from server.domain import daily_jobs
from server.models import Job, Need, Notice
from tests.conftest import NOW
from tests.jobs.working import work_off


async def test_every_night_the_worker_asks_after_every_law_and_plans_the_next(database, context):
    await daily_jobs.seed(now=NOW)

    await work_off(context)

    assert (await Job.get(kind="check_data", state="waiting")).due_at.isoformat() == "2026-03-10T19:00:00+00:00"


async def test_a_broken_law_sounds_the_alarm_and_tells_the_citys_officers(city, context, fake_wechat):
    need = await city.need()
    await Need.filter(id=need.id).update(event_count=9)
    await daily_jobs.seed(now=NOW)

    await work_off(context)

    assert [one["key"] for one in fake_wechat.alarms() if one["kind"] == "data"] == ["data:2026-03-10"]
    assert await Notice.filter(person_id=city.staff["卫处长"].person_id, template="data_broken").count() == 1
