"""Merging a crisis: the joined need keeps its urgency, deadlines, alert and watch, and none is merged away unheard."""

import pytest

from server.domain.needs import crisis_alerts, crisis_openings, duplicates, triage
from server.errors import CrisisNotAcknowledged
from server.models import CrisisAlert, Need, NeedStatus, Urgency
from tests.concurrency import won_and_refused
from tests.conftest import NOW
from tests.factories.needs import hear


@pytest.fixture
async def pair(city):
    """Return a normal need and a crisis of the same person."""
    return await city.need(), await city.need(text="我不想活了")


async def merge(city, need, into, now=NOW):
    return await duplicates.merge(need.id, into=into.id, by=city.staff["陈社工"], now=now)


async def test_crisis_nobody_acknowledged_is_not_merged_away(city, pair):
    normal, crisis = pair

    with pytest.raises(CrisisNotAcknowledged):
        await merge(city, crisis, normal)

    assert (await Need.get(id=crisis.id)).status == NeedStatus.SUBMITTED
    assert (await Need.get(id=normal.id)).urgency == Urgency.NORMAL


async def test_crisis_merged_into_a_normal_need_makes_it_an_emergency(city, pair):
    normal, crisis = pair
    await hear(crisis, by=city.staff["陈社工"], now=NOW)

    await merge(city, crisis, normal)

    joined, merged = await Need.get(id=normal.id), await Need.get(id=crisis.id)
    assert joined.urgency == Urgency.EMERGENCY
    assert joined.response_due_at == merged.response_due_at < normal.response_due_at
    assert joined.completion_due_at == merged.completion_due_at < normal.completion_due_at
    assert joined.overseer_id == merged.overseer_id is not None


async def test_alert_of_a_merged_crisis_goes_with_it(city, pair):
    normal, crisis = pair
    await hear(crisis, by=city.staff["陈社工"], now=NOW)

    await merge(city, crisis, normal)

    alert = await CrisisAlert.get()
    assert (alert.need_id, alert.acknowledged_by_id) == (normal.id, city.staff["陈社工"].person_id)


async def test_normal_need_merged_into_an_open_crisis_leaves_its_alert(city, pair):
    normal, crisis = pair

    await merge(city, normal, crisis)

    assert (await Need.get(id=crisis.id)).urgency == Urgency.EMERGENCY
    assert await CrisisAlert.exists(need_id=crisis.id, acknowledged_at=None)


async def test_two_acknowledged_crises_keep_both_alerts(city):
    crises = [await city.need(text=text) for text in ("我不想活了", "救命")]
    for crisis in crises:
        await hear(crisis, by=city.staff["陈社工"], now=NOW)

    await merge(city, *crises)

    assert await CrisisAlert.all().count() == 2


async def test_overdue_need_merged_into_a_later_one_is_due_from_its_submission(city, clock):
    old = await city.need()
    city.now = clock.forward(days=30)
    new = await city.need()

    await merge(city, old, new, clock.now())

    joined = await Need.get(id=new.id)
    assert joined.response_due_at == joined.completion_due_at == joined.submitted_at


async def test_crisis_merged_and_acknowledged_at_once_is_never_lost(city, pair):
    normal, crisis = pair
    await crisis_openings.open_crisis(crisis.id, reason="接到报警", by=city.staff["陈社工"], now=NOW)
    acknowledging = crisis_alerts.acknowledge(crisis.id, by=city.staff["陈社工"], now=NOW)

    _, refusals = await won_and_refused(merge(city, crisis, normal), acknowledging)

    assert refusals <= {CrisisNotAcknowledged}
    alert = await CrisisAlert.get()
    assert alert.acknowledged_at is not None
    assert alert.need_id == (crisis.id if refusals else normal.id)


async def test_crisis_that_is_over_opens_the_joined_need_to_nobody(city, pair):
    normal, crisis = pair
    await hear(crisis, by=city.staff["孙站长"], now=NOW)
    await triage.accept(crisis.id, by=city.staff["陈社工"], now=NOW)
    chen = city.staff["陈社工"].person_id
    await triage.assign(crisis.id, worker_id=chen, by=city.staff["赵站长"], now=NOW)
    await Need.filter(id=crisis.id).update(status=NeedStatus.ACCEPTED)

    await merge(city, crisis, normal)

    assert await CrisisAlert.exists(need_id=crisis.id)
    assert not await CrisisAlert.exists(need_id=normal.id)
