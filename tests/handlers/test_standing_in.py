"""Where nobody works, somebody still may act: over HTTP, from the plea to its end."""

import pytest

from server.domain import roles
from server.domain.roles import Appointment
from server.models import Need, NeedEvent, NeedStatus, Notice, Role, RoleKind, StandIn
from tests import factories
from tests.concurrency import at_once
from tests.people import Phone
from tests.sides import sign_in

ROOM, TOWN, DESK = "和平社工室", "邻玉社工站", "市级服务台"
NEED = {"category": "elder_care", "text": "屋顶漏水", "contact_name": "王秀英", "contact_phone": "13812345678"}


@pytest.fixture
def phone_of_officer(client, town, clock):
    """Return the phone of a person of the town's staff."""

    async def sign_in_as(name: str) -> Phone:
        person_id = town.staff[name].person_id
        return Phone(client, await sign_in(person_id, clock.now()), person_id)

    return sign_in_as


async def submitted(town: factories.City, phone_of, place: str = "和平社区", **changes: str) -> str:
    """Submit a need from 王奶奶's phone at a place, and return its path for staff."""
    grandma = await phone_of("grandma")
    answer = await grandma.post("/needs", NEED | {"area_id": town.areas[place].id} | changes)
    assert answer.status_code == 201, answer.text
    return f"/station/needs/{answer.json()['id']}"


@pytest.mark.parametrize("who", ["赵站长", "冯科长"])
async def test_need_of_station_without_workers_is_served_by_stand_ins(town, phone_of, phone_of_officer, who):
    path, acting = await submitted(town, phone_of), await phone_of_officer(who)

    steps = [
        ("contact", {"reason": "电话联系"}),
        ("acceptance", None),
        ("assignment", {"worker_id": acting.person_id}),
        ("start", None),
        ("note", {"message": "明天上门"}),
        ("resolution", {"outcome": "已修好"}),
    ]
    for step, body in steps:
        answer = await acting.post(f"{path}/{step}", body)
        assert answer.status_code == 200, (step, answer.text)

    need = await Need.get(id=path.rsplit("/", 1)[1])
    assert (need.status, need.station_id) == (NeedStatus.RESOLVED, town.stations[ROOM].id)


async def test_need_of_the_city_desk_is_served_by_city_officers(town, phone_of, phone_of_officer):
    await Role.filter(station_id__not_isnull=True).update(current=None)
    path = await submitted(town, phone_of, urgency="emergency")
    need = await Need.get(id=path.rsplit("/", 1)[1])
    await Need.filter(id=need.id).update(station_id=town.stations[DESK].id)
    wei, feng = await phone_of_officer("卫处长"), await phone_of_officer("冯科长")

    assert (await wei.post(f"{path}/contact", {"reason": "电话联系"})).status_code == 200
    assert (await wei.post(f"{path}/crisis-acknowledgement")).status_code == 200
    assert (await wei.post(f"{path}/acceptance")).status_code == 200
    assert (await feng.post(f"{path}/contact", {"reason": "电话联系"})).status_code == 403


async def test_stand_ins_are_named_with_station_and_capacity(town, phone_of, phone_of_officer):
    path, feng = await submitted(town, phone_of), await phone_of_officer("冯科长")
    await feng.post(f"{path}/acceptance")

    line = (await feng.get(path)).json()["timeline"][-1]
    grandma = await phone_of("grandma")
    hers = (await grandma.get(path.removeprefix("/station"))).json()["timeline"][-1]

    assert (line["actor"], line["stands_in"]) == ("冯科长（和平社工室，区县民政干部代管）", "county_officer")
    assert hers["actor"] == "冯科长（和平社工室，区县民政干部代管）"
    event = await NeedEvent.get(need_id=path.rsplit("/", 1)[1], kind="accepted")
    assert (event.stands_in, event.station_id) == (StandIn.COUNTY_OFFICER, town.stations[ROOM].id)


async def test_stand_ins_of_station_without_workers_are_notified_of_a_need(town, phone_of):
    await submitted(town, phone_of)

    notices = await Notice.filter(template="need_submitted")

    assert {one.person_id for one in notices} == {town.staff[name].person_id for name in ("赵站长", "冯科长")}
    assert all(one.body.startswith("和平社工室目前没有工作人员，请您代为办理。") for one in notices)


async def test_need_referred_to_station_without_workers_is_accepted_by_a_stand_in(town, phone_of, phone_of_officer):
    path, chen = await submitted(town, phone_of, "团结村"), await phone_of_officer("陈社工")
    referral = {"station_id": town.stations[ROOM].id, "reason": "已搬到和平社区"}
    assert (await chen.post(f"{path}/referral", referral)).status_code == 200

    accepted = await (await phone_of_officer("冯科长")).post(f"{path}/referral-acceptance")

    assert accepted.json()["station"]["name"] == ROOM
    event = await NeedEvent.get(need_id=path.rsplit("/", 1)[1], kind="referral_accepted")
    assert event.stands_in == StandIn.COUNTY_OFFICER


@pytest.mark.parametrize("who", ["郑社工", "林社工", "褚科长", "周社工"])
async def test_need_of_station_without_workers_is_refused_to_everybody_else(town, phone_of, phone_of_officer, who):
    path = await submitted(town, phone_of)

    answer = await (await phone_of_officer(who)).post(f"{path}/acceptance")

    assert answer.status_code == 404


async def appoint(town: factories.City, station: str) -> None:
    new = await factories.person("新社工", town.now)
    appointment = Appointment(new.id, RoleKind.SOCIAL_WORKER, station_id=town.stations[station].id)
    await roles.appoint(appointment, by=town.staff["冯科长"].person_id, now=town.now)


async def test_stand_in_is_refused_from_the_first_appointment_on(town, phone_of, phone_of_officer):
    path = await submitted(town, phone_of)
    await appoint(town, ROOM)

    answers = {
        name: (await (await phone_of_officer(name)).post(f"{path}/acceptance")).status_code
        for name in ("赵站长", "冯科长")
    }

    assert answers == {"赵站长": 404, "冯科长": 403}


async def test_stand_ins_needs_are_handed_back_when_somebody_is_appointed(town, phone_of, phone_of_officer):
    path, feng = await submitted(town, phone_of), await phone_of_officer("冯科长")
    await feng.post(f"{path}/acceptance")
    await feng.post(f"{path}/assignment", {"worker_id": feng.person_id})

    await appoint(town, ROOM)

    need = await Need.get(id=path.rsplit("/", 1)[1])
    assert (need.status, need.assignee_id) == (NeedStatus.ACCEPTED, None)
    new = await Role.get(station_id=town.stations[ROOM].id)
    assert await Notice.exists(person_id=new.person_id, template="need_handed_back")


async def test_stand_ins_needs_are_handed_back_when_the_role_ends(town, phone_of, phone_of_officer):
    path, zhao = await submitted(town, phone_of), await phone_of_officer("赵站长")
    await zhao.post(f"{path}/acceptance")
    await zhao.post(f"{path}/assignment", {"worker_id": zhao.person_id})

    role = await Role.get(person_id=zhao.person_id, current=1)
    await roles.end(role.id, by=town.staff["冯科长"], now=town.now)

    assert (await Need.get(id=path.rsplit("/", 1)[1])).assignee_id is None


async def test_need_is_assigned_to_nobody_but_stand_ins(town, phone_of, phone_of_officer):
    path, feng = await submitted(town, phone_of), await phone_of_officer("冯科长")
    await feng.post(f"{path}/acceptance")

    answers = {
        name: (await feng.post(f"{path}/assignment", {"worker_id": town.staff[name].person_id})).status_code
        for name in ("林社工", "褚科长", "赵站长")
    }

    assert answers == {"林社工": 409, "褚科长": 409, "赵站长": 200}


@pytest.mark.parametrize("_round", range(5))
async def test_assignment_to_stand_in_and_appointment_at_once_leave_no_need_with_the_stand_in(
    town, phone_of, phone_of_officer, _round
):
    path, feng = await submitted(town, phone_of), await phone_of_officer("冯科长")
    await feng.post(f"{path}/acceptance")

    await at_once(feng.post(f"{path}/assignment", {"worker_id": feng.person_id}), appoint(town, ROOM))

    need = await Need.get(id=path.rsplit("/", 1)[1])
    assert (need.status, need.assignee_id) == (NeedStatus.ACCEPTED, None)
