"""Service records at the station: approved and paid once, declined, reversed, refused with a reason."""

import asyncio
from datetime import timedelta

import pytest

from miniprogram_contract.base import shown_moment
from server.domain.tasks import minutes_offers
from server.models import Payer, Person
from tests.conftest import NOW
from tests.factories import records as make_records
from tests.factories import tasks, timebank, volunteers
from tests.factories.records import NOTHING, claim, path
from tests.factories.timebank import minutes_of


@pytest.fixture
async def town(client, phone_of):
    return await make_records.town(phone_of)


async def verified(town, **more):
    person = await Person.get(id=town.li.person_id)
    return (await make_records.record(town, person, **{"began": NOW - timedelta(days=2), **more})).id


async def test_approvals_at_once_pay_once(town):
    record_id = await verified(town)

    answers = await asyncio.gather(
        *(phone.post(path(record_id, "/approval"), {}) for phone in (town.worker, town.head) * 4)
    )

    assert sorted(one.status_code for one in answers) == [200] + [409] * 7
    assert {one.json().get("code") for one in answers} == {None, "invalid_state"}
    assert await minutes_of(town.li.person_id) == 60
    await make_records.adds_up()


async def test_approval_with_the_same_key_is_made_once(town):
    record_id = await verified(town)

    first = await town.worker.post(path(record_id, "/approval"), {}, key="one-approval")
    again = await town.worker.post(path(record_id, "/approval"), {}, key="one-approval")

    assert (first.status_code, first.text) == (again.status_code, again.text)
    assert await minutes_of(town.li.person_id) == 60


@pytest.mark.parametrize("amount", [0, -1, 1.5, "60", 2**63, True])
async def test_invalid_amount_is_refused_and_changes_no_ledger(town, amount):
    record_id = await verified(town)

    answer = await town.worker.post(path(record_id, "/approval"), {"minutes": amount})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert await make_records.written() == NOTHING


async def test_refusal_of_an_approval_has_its_code(town):
    record_id, entered = await verified(town), (await claim(town)).json()["id"]
    asked = {
        path(record_id, "/approval"): ({"minutes": 61}, 409, "minutes_exceed_served"),
        path(record_id, "/review"): ({}, 409, "not_applicable"),
        path(record_id, "/reversal"): ({"reason": "错"}, 403, "role_required"),
        path(entered, "/approval"): ({}, 409, "review_required"),
        path(entered, "/review"): ({"exception_reason": "停电"}, 403, "role_required"),
        path(777, "/approval"): ({}, 404, "not_found"),
    }

    for where, (body, status, code) in asked.items():
        answer = await town.worker.post(where, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await make_records.written() == NOTHING


async def test_approval_by_the_first_reviewer_or_the_volunteer_is_refused(town):
    record_id = (await claim(town)).json()["id"]
    await town.worker.post(path(record_id, "/review"), {})
    worker = await Person.get(id=town.worker.person_id)
    await volunteers.approved(worker, town.station, NOW)
    own = await make_records.record(town, worker)

    again = await town.worker.post(path(record_id, "/approval"), {})
    itself = await town.worker.post(path(own.id, "/approval"), {})

    assert (again.status_code, again.json()["code"]) == (403, "conflict_of_interest")
    assert (itself.status_code, itself.json()["code"]) == (403, "conflict_of_interest")
    assert await make_records.written() == NOTHING


async def test_declined_record_shows_the_reason(town):
    record_id = await verified(town)

    declined = await town.worker.post(path(record_id, "/refusal"), {"reason": "没有来"})

    assert declined.json()["status_words"] == "未通过"
    assert (await town.li.get(f"/service-records/{record_id}")).json()["decision"] == "没有来"
    assert (await town.worker.get(path(record_id))).json()["decision"] == "没有来"
    assert (await town.officer.get(path(record_id))).json()["decision"] == ""


async def test_approval_is_reversed_once_unless_it_was_spent(town):
    record_id, spent = await verified(town), await verified(town, began=NOW.replace(day=5))
    for one in (record_id, spent):
        await town.worker.post(path(one, "/approval"), {})

    turned = await town.head.post(path(record_id, "/reversal"), {"reason": "时间记错"})
    again = await town.head.post(path(record_id, "/reversal"), {"reason": "时间记错"})
    await town.li.post("/timebank/donations", {"station_id": town.station.id, "minutes": 60})
    late = await town.head.post(path(spent, "/reversal"), {"reason": "时间记错"})

    assert (turned.json()["status_words"], again.json()["code"]) == ("已撤销", "invalid_state")
    assert (late.status_code, late.json()["code"]) == (409, "not_enough_minutes")
    assert late.json()["message"] == "时间银行的分钟数不足"
    await make_records.adds_up()


async def test_help_for_grandma_is_confirmed_approved_and_paid(town, phone_of, clock):
    """She offers minutes and confirms on her phone; 小李 gets the whole hour, she pays what she offered."""
    grandma = await phone_of("wangnainai")
    await Person.filter(id=grandma.person_id).update(name="王秀英", home_id=town.areas["团结村"].id)
    await timebank.minutes(100, grandma.person_id, town.station, NOW)
    need = await tasks.need(town, by=grandma.person_id)
    await minutes_offers.offer_minutes(need.id, 30, by=grandma.person_id, now=NOW)
    task = await tasks.published(town, need, payer=Payer.BENEFICIARY)
    finished = await tasks.finished(town, task, town.volunteer)
    clock.set(finished.finished_at)
    record_id = (await make_records.of_task(task)).id

    early = await town.worker.post(path(record_id, "/approval"), {})
    assert (early.status_code, early.json()["code"]) == (409, "too_early")
    await make_records.confirm(task, grandma.person_id)
    assert (await town.worker.get(path(record_id))).json()["confirmed_by"] == "服务对象"
    await town.worker.post(path(record_id, "/approval"), {})

    assert await minutes_of(grandma.person_id) == 70
    assert await minutes_of(town.li.person_id) == 60
    await make_records.adds_up()


async def test_late_check_out_shows_the_minutes_that_do_not_count(town):
    task = await tasks.finished(town, await tasks.station_task(town), town.volunteer, minutes=29 * 60)
    record_id = (await make_records.of_task(task)).id

    answers = [
        (await town.li.get("/service-records")).json()["items"][0],
        (await town.li.get(f"/service-records/{record_id}")).json(),
        (await town.worker.get("/station/service-records")).json()["items"][0],
        (await town.worker.get(path(record_id))).json(),
    ]

    assert [(one["minutes"], one["uncounted_minutes"]) for one in answers] == [(180, 29 * 60 - 180)] * 4


async def test_record_shows_the_planned_times(town):
    task = await tasks.finished(town, await tasks.station_task(town), town.volunteer, minutes=170)
    of_task, entered = (await make_records.of_task(task)).id, (await claim(town)).json()["id"]

    listed = {one["id"]: one for one in (await town.worker.get("/station/service-records")).json()["items"]}
    shown = {one: (await town.worker.get(path(one))).json() for one in (of_task, entered)}

    for records in (listed, shown):
        said = {one: [record["planned_minutes"], record["planned_ends_at"]] for one, record in records.items()}
        assert said == {of_task: [task.expected_minutes, shown_moment(task.ends_at)], entered: [None, None]}


async def test_approval_after_silence_needs_a_reason_and_names_the_worker_who_asked(town, clock):
    first = await tasks.finished(town, by=town.volunteer)
    record_id = (await make_records.of_task(first)).id
    clock.set(first.finished_at)
    clock.forward(days=7)

    unexplained = await town.worker.post(path(record_id, "/approval"), {})
    assert (unexplained.status_code, unexplained.json()["code"]) == (409, "reason_required")
    await make_records.confirm(first, town.worker.person_id)

    assert (await town.head.get(path(record_id))).json()["confirmed_by"] == "陈社工"
    assert (await town.head.post(path(record_id, "/approval"), {"reason": "已电话核实"})).status_code == 200
