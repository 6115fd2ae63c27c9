"""The steps that a task shows to staff are those that succeed: in every state, for every reader, with four eyes."""

from datetime import timedelta

import pytest

from miniprogram_contract.tasks_staff import StaffTaskAction
from server.domain.tasks import cancellation, disputes, service_confirmation
from server.domain.tasks.disputes import Statement
from server.models import Dispute, Need, Person, Task, Volunteer, VolunteerStatus
from tests.conftest import NOW
from tests.domain.tasks import arguing
from tests.factories import records, tasks
from tests.factories.tasks import ENDS, HERE, STARTS
from tests.shown_steps import Steps, compare, live_together, of_any, phones_of, without_workers

MOMENT, DAY = timedelta(microseconds=1), timedelta(days=1)
SERVED = STARTS + timedelta(hours=1)
# From then on staff need not wait for the resident.
SILENT = SERVED + 7 * DAY
BODIES = {
    "confirmation": None,
    "beneficiary-confirmation": {"verification": "电话核实，本人表示满意"},
    "dispute-decision": {"granted": True, "reason": "按实际认定。", "minutes": 30},
}
AT_STATION = {"refusal", "cancellation"}


@pytest.fixture
async def phones(client, town):
    return await phones_of(client, town)


async def compared(make, phones):
    async def shown(phone, task):
        page = await phone.get(f"/station/tasks/{task.id}")
        return page.json()["allowed_actions"] if page.status_code == 200 else []

    async def take(phone, task, step):
        return await phone.post(f"/station/tasks/{task.id}/{step}", BODIES.get(step, {"reason": "时间有变"}))

    return await compare(Steps(make, shown, take, list(StaffTaskAction)), phones)


async def without_phone(town):
    await Person.filter(id=town.grandma.id).update(openid=None)
    return await tasks.finished(town)


async def confirmed_by_resident(town):
    task = await tasks.finished(town)
    await service_confirmation.confirm_by_beneficiary(task.id, by=town.grandma.id, now=SERVED)
    return task


async def disputed(town):
    return await arguing.disputed(town, await tasks.finished(town))


async def decided(town):
    task = await disputed(town)
    await arguing.decide(town, task, 30)
    return task


async def disputed_after_confirmation(town):
    """Return a task that its volunteer disputed after the head had confirmed it for the resident."""
    task, by = await without_phone(town), town.staff["赵站长"]
    await service_confirmation.confirm_by_staff(task.id, how="电话核实", by=by, now=SERVED)
    await disputes.raise_dispute(task.id, Statement("服务了两小时"), by=task.volunteer_id, now=ENDS)
    return task


async def approved(town):
    task = await confirmed_by_resident(town)
    await records.approve(town, await records.of_task(task))
    return task


async def cancelled(town):
    return await cancellation.cancel((await tasks.claimed(town)).id, reason="有变", by=town.staff["陈社工"], now=NOW)


async def no_show(town):
    task = await tasks.confirmed(town)
    return await cancellation.record_no_show(task.id, reason="没有来", by=town.staff["陈社工"], now=ENDS)


def own_of_station(step):
    async def made(town):
        return await step(town, await tasks.station_task(town))

    return made


# How a task is made, when it is read, and the steps of the workers and, beyond them, of the head.
STATES = {
    "published": (tasks.published, NOW, {"cancellation"}, set()),
    "claimed": (tasks.claimed, ENDS - MOMENT, AT_STATION | {"confirmation"}, set()),
    "claimed until its end": (tasks.claimed, ENDS, AT_STATION, set()),
    "confirmed": (tasks.confirmed, STARTS, AT_STATION, set()),
    "begun": (tasks.confirmed, STARTS + MOMENT, AT_STATION | {"no-show"}, set()),
    "started": (tasks.started, ENDS, {"cancellation"}, set()),
    "finished": (tasks.finished, SILENT - MOMENT, set(), set()),
    "finished, silent": (tasks.finished, SILENT, {"beneficiary-confirmation"}, set()),
    "finished, without phone": (without_phone, SERVED, {"beneficiary-confirmation"}, set()),
    "confirmed by the resident": (confirmed_by_resident, SILENT, set(), set()),
    "disputed": (disputed, ENDS, set(), {"dispute-decision"}),
    "disputed after the head confirmed it": (disputed_after_confirmation, ENDS, set(), set()),
    "decided": (decided, ENDS, set(), set()),
    "approved": (approved, SILENT, set(), set()),
    "cancelled": (cancelled, NOW, set(), set()),
    "no-show": (no_show, ENDS, set(), set()),
    "of the station, published": (tasks.station_task, NOW, {"cancellation"}, set()),
    "of the station, claimed": (own_of_station(tasks.claimed), NOW, AT_STATION | {"confirmation"}, set()),
    "of the station, confirmed": (own_of_station(tasks.confirmed), ENDS, AT_STATION | {"no-show"}, set()),
    "of the station, finished": (own_of_station(tasks.finished), SILENT, set(), set()),
}


@pytest.mark.parametrize("state", STATES)
async def test_shown_steps_of_a_task_are_those_that_succeed(town, phones, clock, state):
    make, moment, of_workers, of_head = STATES[state]
    clock.set(moment)

    shown = await compared(lambda: make(town), phones)

    assert shown == of_any(陈社工=of_workers, 林社工=of_workers, 赵站长=of_workers | of_head)


@pytest.mark.parametrize("state", ["claimed", "begun", "finished, silent", "disputed"])
async def test_steps_are_shown_to_stand_ins_where_nobody_works(town, phones, clock, state):
    make, moment, of_workers, of_head = STATES[state]
    clock.set(moment)

    shown = await compared(without_workers(town, HERE, lambda: make(town)), phones)

    assert shown == of_any(孙站长=of_workers | of_head, 冯科长=of_workers | of_head)


# What is left to a head who is near to either side.
FOUR_EYES = {"claimed": AT_STATION, "finished, silent": set(), "disputed": set()}
NEAR = {
    "volunteer": lambda town, task: live_together(task.volunteer_id, town.staff["赵站长"].person_id),
    "resident": lambda town, _: live_together(town.grandma.id, town.staff["赵站长"].person_id),
}


@pytest.mark.parametrize("side", NEAR)
@pytest.mark.parametrize("state", FOUR_EYES)
async def test_staff_near_to_either_side_are_shown_no_step_of_four_eyes(town, phones, clock, state, side):
    make, moment, of_workers, _ = STATES[state]
    clock.set(moment)

    async def made():
        task = await make(town)
        await NEAR[side](town, task)
        return task

    shown = await compared(made, phones)

    assert shown == of_any(陈社工=of_workers, 林社工=of_workers, 赵站长=FOUR_EYES[state])


@pytest.mark.parametrize("ago", [30 * DAY, 30 * DAY + MOMENT])
async def test_staff_who_moved_out_are_near_for_thirty_days(town, phones, clock, ago):
    clock.set(SILENT)
    await live_together(town.grandma.id, town.staff["赵站长"].person_id, left_at=SILENT - ago)

    shown = await compared(lambda: tasks.finished(town), phones)

    assert ("赵站长" in shown) is (ago > 30 * DAY)


@pytest.mark.parametrize("state", ["published", "claimed", "begun", "finished, silent", "disputed"])
async def test_resident_of_the_need_is_shown_no_step_as_staff(town, phones, clock, state):
    make, moment, *_ = STATES[state]
    clock.set(moment)

    async def made():
        task, zhao = await make(town), town.staff["赵站长"].person_id
        await Need.filter(id=task.need_id).update(person_id=zhao, submitted_by_id=zhao)
        return task

    assert "赵站长" not in await compared(made, phones)


async def banned(_, task):
    await Volunteer.filter(person_id=task.volunteer_id).update(status=VolunteerStatus.BANNED)


async def shut_out(_, task):
    await Person.filter(id=task.volunteer_id).update(disabled_at=NOW)


async def moved_in(town, task):
    await live_together(town.grandma.id, task.volunteer_id)


@pytest.mark.parametrize("change", [banned, shut_out, moved_in])
async def test_claim_of_a_volunteer_who_may_not_help_any_more_is_not_confirmed(town, phones, change):
    async def made():
        task = await tasks.claimed(town)
        await change(town, task)
        return task

    assert (await compared(made, phones))["林社工"] == AT_STATION


@pytest.mark.parametrize("decided_by", ["赵站长", "卫处长"])
async def test_appeal_to_the_city_desk_is_decided_by_another_officer_of_the_city(town, phones, clock, decided_by):
    clock.set(ENDS)

    async def made():
        task = await decided(town)
        await disputes.appeal(task.id, reason="请再核实", by=task.volunteer_id, now=ENDS)
        desk, by = town.stations["市级服务台"].id, town.staff[decided_by].person_id
        await Dispute.filter(task_id=task.id).update(station_id=desk, decided_by_id=by)
        return task

    shown = await compared(made, phones)

    assert shown == ({"卫处长": {"dispute-decision"}} if decided_by == "赵站长" else {})


async def test_answer_of_a_step_shows_the_next_steps(town, phones):
    task, lin = await tasks.claimed(town), phones["林社工"]

    answer = await lin.post(f"/station/tasks/{task.id}/confirmation")

    assert set(answer.json()["allowed_actions"]) == AT_STATION
    assert await Task.exists(id=task.id, status="confirmed")


async def appealed_to_head_station(town):
    task = await decided(town)
    await disputes.appeal(task.id, reason="请再核实", by=task.volunteer_id, now=ENDS)
    return task


async def near_to_head(town):
    task = await disputed(town)
    await live_together(task.volunteer_id, town.staff["赵站长"].person_id)
    return task


async def near_to_head_of_resident(town):
    await live_together(town.grandma.id, town.staff["赵站长"].person_id)
    return await disputed(town)


async def decided_by_the_same_head(town):
    task = await appealed_to_head_station(town)
    await Dispute.filter(task_id=task.id).update(decided_by_id=town.staff["孙站长"].person_id)
    return task


DECIDES = {"dispute-decision"}
DISPUTES = {
    disputed: {"赵站长": DECIDES},
    decided: {},
    disputed_after_confirmation: {},
    near_to_head: {},
    near_to_head_of_resident: {},
    appealed_to_head_station: {"孙站长": DECIDES},
    decided_by_the_same_head: {},
}


@pytest.mark.parametrize("make", DISPUTES)
async def test_list_of_disputes_shows_who_can_decide(town, phones, clock, make):
    clock.set(ENDS)

    async def shown(phone, task):
        rows = (await phone.get("/disputes?limit=50")).json()["items"]
        return [action for row in rows if row["task_id"] == task.id for action in row["allowed_actions"]]

    async def take(phone, task, step):
        return await phone.post(f"/station/tasks/{task.id}/{step}", BODIES[step])

    assert await compare(Steps(lambda: make(town), shown, take, DECIDES), phones) == DISPUTES[make]
