"""The steps that a volunteer, an appeal and the own application show are those that succeed, for every reader."""

import itertools
from datetime import timedelta

import pytest

from miniprogram_contract.volunteers import StaffVolunteerAction, VolunteerAction
from server.domain import households, staff
from server.domain.volunteers import applications, approval
from server.models import Ban, Person, Role, RoleKind, Task, Volunteer, VolunteerStatus
from tests import factories
from tests.conftest import NOW
from tests.domain.volunteers import volunteering
from tests.handlers.volunteers.told import APPLICATION
from tests.people import Phone
from tests.sides import sign_in

S = VolunteerStatus
TOWN = "邻玉社工站"
READERS = ("陈社工", "赵站长", "孙站长", "郑社工", "周社工", "冯科长", "褚科长", "卫处长")
BODIES = {
    "contact": {"reason": "核对时间"},
    "refusal": {"reason": "暂不需要"},
    "trainings": {"title": "岗前培训", "day": "2026-03-08", "training_minutes": 120},
    "ban": {"reason": "多次失约"},
}


@pytest.fixture
def phone(client):
    async def of_person(person_id: int) -> Phone:
        return Phone(client, await sign_in(person_id, NOW), person_id)

    return of_person


@pytest.fixture
async def phones(town, phone):
    return {name: await phone(town.staff[name].person_id) for name in READERS}


async def bring(town, person: Person, state: VolunteerStatus) -> Volunteer:
    """Return the person's application at 邻玉社工站, brought into the state."""
    made = await volunteering.apply(person)
    if state in {S.APPROVED, S.BANNED}:
        await volunteering.approve(town, made, by="林社工")
    if state == S.BANNED:
        await volunteering.ban(town, made)
    elif state == S.DECLINED:
        await approval.decline(made.id, reason="暂不需要", by=town.staff["林社工"], now=NOW)
    elif state == S.LEFT:
        await applications.leave(person.id, now=NOW)
    return await Volunteer.get(id=made.id)


async def compare(phone, make, context) -> list[str]:
    """Check that the shown steps on the volunteer that `make` gives succeed and the others are refused; return them."""
    made = await make()
    page = await phone.get(f"/station/volunteers/{made.id}")
    shown = page.json()["allowed_actions"] if page.is_success else []
    # The steps that are not shown are refused, and change nothing: they are tried on one volunteer.
    for action in sorted(StaffVolunteerAction, key=lambda one: one in shown):
        if action in shown:
            made = await make()

        answer = await phone.post(f"/station/volunteers/{made.id}/{action}", BODIES.get(action, {}))

        assert answer.is_success is (action in shown), (context, action, shown, answer.text)
    return shown


@pytest.mark.parametrize("state", list(S))
async def test_shown_steps_of_staff_are_those_that_succeed(town, phones, state):
    async def make() -> Volunteer:
        return await bring(town, await volunteering.neighbour(town), state)

    for reader in READERS:
        shown = await compare(phones[reader], make, (state, reader))
        assert bool(shown) is (reader in {"陈社工", "赵站长"}), (state, reader, shown)


@pytest.mark.parametrize("state", list(S))
async def test_shown_steps_of_stand_ins_are_those_that_succeed(town, phones, state):
    await Role.filter(station_id=town.stations[TOWN].id).update(current=None, ended_at=NOW)

    async def make() -> Volunteer:
        return await bring(town, await volunteering.neighbour(town), state)

    for reader in READERS:
        shown = await compare(phones[reader], make, (state, reader))
        assert bool(shown) is (reader in {"孙站长", "冯科长"}), (state, reader, shown)


@pytest.mark.parametrize("state", list(S))
async def test_shown_steps_on_themselves_and_their_family_are_those_that_succeed(town, phone, state):
    for is_head, relation in itertools.product((False, True), ("own", "household", "former household")):
        worker = await factories.worker("何社工", town.stations[TOWN], NOW, head=is_head)
        reader = await phone(worker.person_id)

        async def make(relation=relation, worker=worker) -> Volunteer:
            await free(worker.person_id)
            if relation == "own":
                await Person.filter(id=worker.person_id).update(home_id=town.areas["团结村"].id)
                return await bring(town, await Person.get(id=worker.person_id), state)
            person = await volunteering.neighbour(town)
            await volunteering.live_together(person.id, worker.person_id)
            if relation == "former household":
                await households.leave(by=worker.person_id, now=NOW + timedelta(minutes=1))
            return await bring(town, person, state)

        shown = await compare(reader, make, (state, relation, is_head))
        assert {"approval", "refusal", "trainings", "ban-lifting"}.isdisjoint(shown), (state, relation, shown)


async def free(person_id: int) -> None:
    """Give the person's own application to another person, and end their household."""
    other = await factories.person("别人", NOW)
    await Volunteer.filter(person_id=person_id).update(person_id=other.id)
    await Role.filter(person_id=person_id, kind=RoleKind.VOLUNTEER).update(current=None)
    if await households.of(person_id) is not None:
        await households.leave(by=person_id, now=NOW)


async def appealed(town) -> Volunteer:
    return await Volunteer.get(id=(await volunteering.appealed(town)).volunteer_id)


async def refused_appeal(town) -> Volunteer:
    ban = await volunteering.appealed(town)
    await volunteering.decide(town, ban, grant=False)
    return await Volunteer.get(id=ban.volunteer_id)


async def reinstated(town) -> Volunteer:
    ban = await volunteering.appealed(town)
    await volunteering.decide(town, ban)
    return await Volunteer.get(id=ban.volunteer_id)


async def with_task(town) -> Volunteer:
    made = await volunteering.approved(town)
    await volunteering.task_of(town, await Person.get(id=made.person_id))
    return made


OWN = {
    **{state.value: lambda town, state=state: _new(town, state) for state in S},
    "appealed": appealed,
    "appeal refused": refused_appeal,
    "reinstated": reinstated,
    "with a task": with_task,
}


async def _new(town, state: VolunteerStatus) -> Volunteer:
    return await bring(town, await volunteering.neighbour(town), state)


@pytest.mark.parametrize("has_home", [True, False])
@pytest.mark.parametrize("case", OWN)
async def test_shown_steps_on_the_own_application_are_those_that_succeed(town, phone, case, has_home):
    for action in VolunteerAction:
        made = await OWN[case](town)
        if not has_home:
            await Person.filter(id=made.person_id).update(home_id=None)
        li = await phone(made.person_id)
        shown = (await li.get("/volunteers/me")).json()["allowed_actions"]

        answer = await take(li, action)

        assert answer.is_success is (action in shown), (case, has_home, action, shown, answer.text)


async def take(li: Phone, action: VolunteerAction):
    if action == VolunteerAction.VOLUNTEERS:
        return await li.post("/volunteers", APPLICATION)
    bodies = {"changes": {"about": "会修水管"}, "ban-appeal": {"reason": "事先请过假"}}
    return await li.post(f"/volunteers/me/{action}", bodies.get(action, {}))


async def test_ended_task_lets_the_volunteer_leave_again(town, phone):
    made = await with_task(town)
    li = await phone(made.person_id)
    assert "leaving" not in (await li.get("/volunteers/me")).json()["allowed_actions"]

    await Task.all().update(status="approved")

    assert "leaving" in (await li.get("/volunteers/me")).json()["allowed_actions"]


@pytest.mark.parametrize("is_relative", [False, True])
async def test_shown_decision_on_an_appeal_is_one_that_succeeds(town, phones, is_relative):
    for reader in READERS:
        ban, of_reader = await volunteering.appealed(town), phones[reader]
        if is_relative:
            await free(of_reader.person_id)
            await volunteering.live_together(of_reader.person_id, await volunteering.person_of(ban))
        items = (await of_reader.get("/ban-appeals")).json()["items"]
        shown = next((one["allowed_actions"] for one in items if one["ban_id"] == ban.id), [])

        answer = await of_reader.post(f"/ban-appeals/{ban.id}/decision", {"granted": False, "reason": "维持"})

        assert answer.is_success is ("decision" in shown), (reader, shown, answer.text)
        assert bool(shown) is (not is_relative and reader in {"孙站长", "冯科长", "卫处长"}), (reader, shown)


async def test_head_who_banned_is_shown_no_decision_at_the_station_above(town, phones):
    zhao = await Person.get(id=town.staff["赵站长"].person_id)
    await factories.role(zhao, RoleKind.STATION_HEAD, NOW, station=town.stations["江阳总站"])
    ban = await volunteering.appealed(town)

    items = (await phones["赵站长"].get("/ban-appeals")).json()["items"]
    answer = await phones["赵站长"].post(f"/ban-appeals/{ban.id}/decision", {"granted": False, "reason": "维持"})

    assert (items, answer.status_code) == ([], 403)
    assert (await staff.of_person(zhao.id)).head_of > {town.stations[TOWN].id}
    assert (await Ban.get(id=ban.id)).decided_at is None
