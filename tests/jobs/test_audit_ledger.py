"""The nightly audit, and its alarm if the ledger is inconsistent."""

from server.domain import daily_jobs
from server.models import Account, Entry, Job, Notice
from tests.conftest import NOW
from tests.domain.ledger.moving import give, points_of
from tests.jobs.working import work_off

GRANDMA = points_of(1)


async def test_audit_runs_every_night_and_schedules_the_next(database, context):
    await give(100, GRANDMA)
    await daily_jobs.seed(now=NOW)

    await work_off(context)

    job = await Job.get(kind="audit_ledger", state="waiting")
    assert job.state == "waiting"
    assert job.due_at.isoformat() == "2026-03-10T19:00:00+00:00"


async def test_inconsistent_ledger_alarms_the_city_officers(city, context, fake_wechat):
    await give(100, GRANDMA)
    await Account.filter(owner=GRANDMA.owner).update(balance=1000)
    await daily_jobs.seed(now=NOW)

    await work_off(context)

    [alarm] = [one for one in fake_wechat.alarms() if one["kind"] == "ledger"]
    assert alarm["key"] == "ledger:2026-03-10"
    assert await Notice.filter(person_id=city.staff["卫处长"].person_id, template="ledger_broken").count() == 1
    assert await Entry.all().count() == 2
