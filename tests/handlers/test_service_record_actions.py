"""The steps that a service record shows to staff are those that succeed: in every state, with four eyes, in time."""

from datetime import timedelta

import pytest

from miniprogram_contract.service_records import ServiceRecordAction
from server.domain import timebank
from server.domain.tasks import disputes, service_confirmation
from server.models import Activity, Dispute, Person, ServiceRecord
from tests.domain.tasks import arguing
from tests.factories import check_ins, points, records, tasks, volunteers
from tests.factories.records import HERE, LATER, of_task
from tests.factories.tasks import ENDS, STARTS
from tests.shown_steps import Steps, compare, live_together, of_any, phones_of, without_workers

MOMENT, DAY = timedelta(microseconds=1), timedelta(days=1)
# From then on the station need not wait for the person who was helped.
SILENT = STARTS + timedelta(hours=1) + 7 * DAY
BODIES = {
    "review": {},
    "approval": {"reason": "电话核实"},
    "refusal": {"reason": "没有这次服务"},
    "reversal": {"reason": "时间记错了"},
}
DECIDE = {"approval", "refusal"}


@pytest.fixture
async def phones(client, town):
    return await phones_of(client, town)


async def compared(make, phones):
    async def shown(phone, record):
        page = await phone.get(f"/station/service-records/{record.id}")
        return page.json()["allowed_actions"] if page.status_code == 200 else []

    async def take(phone, record, step):
        return await phone.post(f"/station/service-records/{record.id}/{step}", BODIES[step])

    return await compare(Steps(make, shown, take, list(ServiceRecordAction)), phones)


async def claimed(town):
    """Return two hours that a new volunteer entered."""
    return await records.claimed(town, await records.volunteer(town))


async def reviewed(town):
    return await records.review(town, await claimed(town))


async def reviewed_by_head(town):
    return await records.review(town, await claimed(town), by="赵站长", exception_reason="停电")


async def declined(town):
    return await records.decline(town, await claimed(town))


async def helped(town):
    return await of_task(await tasks.finished(town))


async def confirmed_by_staff(town):
    await Person.filter(id=town.grandma.id).update(openid=None)
    task, by = await tasks.finished(town), town.staff["林社工"]
    await service_confirmation.confirm_by_staff(task.id, how="电话核实", by=by, now=ENDS)
    return await of_task(task)


async def disputed(town):
    return await of_task(await arguing.disputed(town, await tasks.finished(town)))


async def of_station(town):
    """Return the record of a task of the station itself, which 陈社工 published and confirmed."""
    return await of_task(await tasks.finished(town, await tasks.station_task(town)))


async def of_activity(town):
    """Return the record of an activity that 赵站长 published, where 林社工 checked the volunteer in and out by hand."""
    activity = await check_ins.health_check(town)
    await Activity.filter(id=activity.id).update(published_by_id=town.staff["赵站长"].person_id)
    li = await check_ins.add_volunteer(town, activity)
    await check_ins.list_in(town, activity, li)
    await check_ins.list_out(town, activity, li)
    return await check_ins.record_of(li)


async def approved(town):
    return await records.approve(town, await records.helped(town))


async def honour(town):
    """Return approved time that counts, and is worth no minutes."""
    return await records.approve(town, await reviewed(town))


async def spent_minutes(town):
    record = await approved(town)
    await timebank.donate(1, station_id=record.station_id, by=record.volunteer_id, now=LATER)
    return record


async def spent_points(town):
    record = await approved(town)
    await points.spend(record.volunteer_id, record.station_id, 1, LATER)
    return record


async def held_points(town):
    record = await approved(town)
    await points.hold(record.volunteer_id, 1, LATER)
    return record


async def reversed_(town):
    return await records.reverse(town, await approved(town))


async def decided_above(town):
    """Return a record that the head station approved after an appeal."""
    task = await arguing.disputed(town, await tasks.finished(town))
    await arguing.decide(town, task, 30)
    await disputes.appeal(task.id, reason="请再核实", by=task.volunteer_id, now=arguing.LATER)
    await arguing.decide(town, task, 60, by="孙站长")
    return await of_task(task)


async def decided_by_city(town):
    record = await decided_above(town)
    await Dispute.filter(task_id=record.task_id).update(station_id=town.stations["市级服务台"].id)
    return record


def of_all(steps):
    return dict.fromkeys(("陈社工", "林社工", "赵站长"), steps)


# How a record is made, when it is read, and the steps of each reader who has any.
STATES = {
    "claimed": (claimed, LATER, of_all({"review", "refusal"})),
    "reviewed": (reviewed, LATER, of_all(DECIDE) | {"陈社工": {"refusal"}}),
    "reviewed by the head": (reviewed_by_head, LATER, of_all(DECIDE) | {"赵站长": {"refusal"}}),
    "declined": (declined, LATER, {}),
    "helped": (helped, SILENT - MOMENT, of_all({"refusal"})),
    "helped, silent": (helped, SILENT, of_all(DECIDE)),
    "confirmed": (records.helped, LATER, of_all(DECIDE)),
    "confirmed by staff": (confirmed_by_staff, LATER, of_all(DECIDE) | {"林社工": {"refusal"}}),
    "disputed": (disputed, SILENT, {}),
    "of the station": (of_station, LATER, of_all(DECIDE) | {"陈社工": {"refusal"}}),
    "of an activity": (of_activity, check_ins.ENDS, of_all({"refusal"}) | {"陈社工": DECIDE}),
    "approved": (approved, LATER, {"赵站长": {"reversal"}}),
    "honour": (honour, LATER, {"赵站长": {"reversal"}}),
    "spent minutes": (spent_minutes, LATER, {}),
    "spent points": (spent_points, LATER, {}),
    "held points": (held_points, LATER, {}),
    "reversed": (reversed_, LATER, {}),
    "decided above": (decided_above, LATER, {"孙站长": {"reversal"}}),
    "decided by the city": (decided_by_city, LATER, {"卫处长": {"reversal"}}),
}


@pytest.mark.parametrize("state", STATES)
async def test_shown_steps_of_a_record_are_those_that_succeed(town, phones, clock, state):
    make, moment, wanted = STATES[state]
    clock.set(moment)

    assert await compared(lambda: make(town), phones) == wanted


@pytest.mark.parametrize("state", ["claimed", "reviewed", "confirmed", "approved"])
async def test_steps_are_shown_to_stand_ins_where_nobody_works(town, phones, clock, state):
    make, moment, wanted = STATES[state]
    clock.set(moment)

    shown = await compared(without_workers(town, HERE, lambda: make(town)), phones)

    assert shown == dict.fromkeys(("孙站长", "冯科长"), wanted["赵站长"])


NEAR = {
    "volunteer": lambda record, _: record.volunteer_id,
    "person helped": lambda _, town: town.grandma.id,
}


@pytest.mark.parametrize("side", NEAR)
@pytest.mark.parametrize("state", ["confirmed", "approved"])
async def test_staff_near_to_either_side_are_shown_no_step(town, phones, clock, state, side):
    make, moment, wanted = STATES[state]
    clock.set(moment)

    async def made():
        record = await make(town)
        await live_together(NEAR[side](record, town), town.staff["赵站长"].person_id)
        return record

    assert await compared(made, phones) == of_any(**wanted | {"赵站长": set()})


@pytest.mark.parametrize("ago", [30 * DAY, 30 * DAY + MOMENT])
async def test_staff_who_moved_out_are_near_for_thirty_days(town, phones, clock, ago):
    clock.set(LATER)
    await live_together(town.grandma.id, town.staff["赵站长"].person_id, left_at=LATER - ago)

    shown = await compared(lambda: records.helped(town), phones)

    assert ("赵站长" in shown) is (ago > 30 * DAY)


async def test_volunteer_who_is_staff_is_shown_no_step_on_the_own_record(town, phones, clock):
    lin = await Person.get(id=town.staff["林社工"].person_id)
    await volunteers.approved(lin, town.stations[HERE], LATER)
    clock.set(LATER)

    async def made():
        await ServiceRecord.filter(volunteer=lin).update(counts=None)  # else the two would overlap
        return await records.record(town, lin)

    assert await compared(made, phones) == {"陈社工": DECIDE, "赵站长": DECIDE}
