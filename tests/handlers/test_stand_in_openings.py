"""A stand-in reads a confidential need only after opening it by an act with a reason, over HTTP."""

import pytest

from server.domain import roles
from server.domain.needs import triage
from server.domain.roles import Appointment
from server.models import CallBack, Need, NeedEvent, Person, Reading, Role, RoleKind, StandIn
from tests import factories
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.jobs.working import needs_follow
from tests.people import Phone
from tests.sides import sign_in

ROOM, WORDS = "和平社工室", "医生说是抑郁症"
WHY = {"reason": "本站没有工作人员，联系居民"}
NEED = {"category": "counselling", "text": WORDS, "contact_name": "王秀英", "contact_phone": "13812345678"}


@pytest.fixture
async def grandma(client, town):
    return Phone(client, await sign_in(town.grandma.id, NOW), town.grandma.id)


@pytest.fixture
async def path(town, grandma):
    """The path for staff of a confidential need at a room where nobody works."""
    answer = await grandma.post("/needs", NEED | {"area_id": town.areas["和平社区"].id})
    assert answer.json()["station"]["name"] == ROOM
    return f"/station/needs/{answer.json()['id']}"


async def worked(town) -> Role:
    """Return the role of a worker at the room, which began with the city."""
    new = await factories.person("新社工", town.now)
    return await factories.role(new, RoleKind.SOCIAL_WORKER, town.now, station=town.stations[ROOM])


def need_id(path: str) -> int:
    return int(path.rsplit("/", 1)[1])


@pytest.mark.parametrize("who", ["赵站长", "冯科长"])
async def test_stand_in_reads_a_confidential_need_after_opening_it(path, phones, grandma, who):
    acting = phones[who]
    before = (await acting.get(path)).json()

    opened = await acting.post(f"{path}/opening", WHY)

    after = (await acting.get(path)).json()
    assert (before["text"], opened.status_code, after["text"]) == (None, 200, WORDS)
    reading = await Reading.filter(subject=f"need:{need_id(path)}").order_by("id").first()
    assert (reading.reader_id, reading.reason) == (acting.person_id, WHY["reason"])
    hers = (await grandma.get(path.removeprefix("/station"))).json()["timeline"]
    assert "代管人员打开了您的需求，查看了内容，原因：本站没有工作人员，联系居民。" in [
        line["message"] for line in hers
    ]


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("acceptance", None),
        ("decline", {"reason": "不归我们", "alternative_help": "医院"}),
        ("note", {"note": "打过电话"}),
        ("contact", {"reason": "上门"}),
    ],
)
async def test_stand_in_takes_no_step_before_opening_it(path, phones, step, body):
    answer = await phones["冯科长"].post(f"{path}/{step}", body)

    assert (answer.status_code, answer.json()["details"]["role"]) == (403, "reader")
    assert await NeedEvent.filter(need_id=need_id(path)).count() == 1


async def test_stand_in_who_has_not_opened_it_assigns_it_to_nobody(path, phones):
    zhao, feng = phones["赵站长"], phones["冯科长"]
    await zhao.post(f"{path}/opening", WHY)
    await zhao.post(f"{path}/acceptance")

    taken = await feng.post(f"{path}/assignment", {"worker_id": feng.person_id})

    assert (taken.status_code, taken.json()["details"]["role"]) == (403, "reader")
    assert (await feng.get(path)).json()["text"] is None


async def test_stand_in_serves_the_need_they_opened_to_its_end(path, phones):
    feng = phones["冯科长"]
    steps = [
        ("opening", WHY),
        ("acceptance", None),
        ("assignment", {"worker_id": feng.person_id}),
        ("start", None),
        ("resolution", {"outcome": "已陪同就医"}),
    ]

    answers = [(await feng.post(f"{path}/{step}", body)).status_code for step, body in steps]

    assert answers == [200] * len(steps)
    assert await NeedEvent.filter(need_id=need_id(path), stands_in=StandIn.COUNTY_OFFICER).count() == len(steps)


async def test_officer_who_ended_the_last_role_does_not_open_what_it_could_read(town, path, phones, clock):
    role = await worked(town)
    clock.forward(seconds=60)
    feng = phones["冯科长"]
    assert (await feng.post(f"/roles/{role.id}/ending")).status_code == 200

    answer = await feng.post(f"{path}/opening", WHY)

    assert (answer.status_code, answer.json()["details"]["rule"]) == (403, "ended_roles")
    assert (await feng.get(path)).json()["text"] is None
    assert (await phones["赵站长"].post(f"{path}/opening", WHY)).status_code == 200


async def test_officer_who_shut_the_last_worker_out_does_not_open_it(town, path, phones, clock):
    role = await worked(town)
    clock.forward(seconds=60)
    feng = phones["冯科长"]
    assert (await feng.post(f"/people/{role.person_id}/shut-out", {"reason": "账号异常"})).status_code == 201

    assert (await feng.post(f"{path}/opening", WHY)).json()["details"]["rule"] == "ended_roles"


async def test_role_that_ended_before_the_need_does_not_count(town, grandma, phones, clock):
    role = await worked(town)
    await phones["冯科长"].post(f"/roles/{role.id}/ending")
    clock.forward(minutes=11)
    answer = await grandma.post("/needs", NEED | {"area_id": town.areas["和平社区"].id})

    assert (await phones["冯科长"].post(f"/station/needs/{answer.json()['id']}/opening", WHY)).status_code == 200


async def test_opening_ends_when_somebody_is_appointed_and_must_be_repeated(town, path, phones, clock):
    zhao = phones["赵站长"]
    await zhao.post(f"{path}/opening", WHY)
    clock.forward(seconds=60)
    new = await factories.person("新社工", town.now)
    appointment = Appointment(new.id, RoleKind.SOCIAL_WORKER, station_id=town.stations[ROOM].id)
    role = await roles.appoint(appointment, by=town.staff["冯科长"].person_id, now=clock.now())
    during = await zhao.get(path)
    clock.forward(seconds=60)
    await roles.end(role.id, by=town.staff["冯科长"], now=clock.now())

    again = await zhao.get(path)

    assert (during.status_code, again.json()["text"]) == (404, None)
    assert (await zhao.post(f"{path}/opening", WHY)).status_code == 200
    assert (await zhao.get(path)).json()["text"] == WORDS


@pytest.mark.parametrize("who", ["陈社工", "林社工"])
async def test_worker_who_does_not_stand_in_opens_nothing(path, phones, who):
    assert (await phones[who].post(f"{path}/opening", WHY)).status_code == 404


async def test_head_of_the_station_needs_no_opening(town, phones, grandma):
    answer = await grandma.post("/needs", NEED)
    path = f"/station/needs/{answer.json()['id']}"

    assert (await phones["赵站长"].get(path)).json()["text"] == WORDS
    assert (await phones["赵站长"].post(f"{path}/opening", WHY)).status_code == 403


async def test_two_openings_at_once_are_one_line_and_two_readings(path, phones):
    zhao = phones["赵站长"]

    await at_once(zhao.post(f"{path}/opening", WHY), zhao.post(f"{path}/opening", WHY))

    assert await NeedEvent.filter(need_id=need_id(path), kind="stand_in_opened").count() == 1
    assert await Reading.filter(subject=f"need:{need_id(path)}").count() == 2
    assert (await Need.get(id=need_id(path))).event_count == 2


async def reads(phone, path) -> bool:
    return (await phone.get(path)).json().get("text") == WORDS


async def filed_at(town, grandma, place: str) -> str:
    """Return the path of a confidential need that was filed at the place."""
    answer = await grandma.post("/needs", NEED | {"area_id": town.areas[place].id})
    return f"/station/needs/{answer.json()['id']}"


async def test_officer_does_not_open_what_coverage_of_theirs_moved_to_an_unstaffed_station(
    town, grandma, phones, clock
):
    feng = phones["冯科长"]
    path = await filed_at(town, grandma, "宪桥社区")
    clock.forward(seconds=60)
    room = f"/stations/{town.stations[ROOM].id}/coverage"
    assert (await feng.post(room, {"area_ids": [town.areas["宪桥社区"].id]})).status_code == 200
    await needs_follow(clock.now())
    assert (await Need.get(id=need_id(path))).station_id == town.stations[ROOM].id

    answer = await feng.post(f"{path}/opening", WHY)

    assert (answer.status_code, answer.json()["details"]["rule"]) == (403, "ended_roles")
    assert (await phones["赵站长"].post(f"{path}/opening", WHY)).status_code == 200


async def test_officer_does_not_open_what_a_suspension_of_theirs_took_from_its_readers(town, grandma, phones, clock):
    feng = phones["冯科长"]
    await Role.filter(station_id=town.stations["江阳总站"].id).update(current=None)
    path = await filed_at(town, grandma, "宪桥社区")
    clock.forward(seconds=60)
    suspended = await feng.post(f"/stations/{town.stations['蓝田社工站'].id}/suspension", {"reason": "装修"})
    assert suspended.status_code == 200, suspended.text
    await needs_follow(clock.now())
    assert (await Need.get(id=need_id(path))).station_id == town.stations["江阳总站"].id

    assert (await feng.post(f"{path}/opening", WHY)).json()["details"]["rule"] == "ended_roles"


async def test_stand_in_whom_another_assigns_must_open_it_too(town, path, phones, clock):
    role, zhao, feng = await worked(town), phones["赵站长"], phones["冯科长"]
    clock.forward(seconds=60)
    await feng.post(f"/roles/{role.id}/ending")
    await zhao.post(f"{path}/opening", WHY)
    await zhao.post(f"{path}/acceptance")
    assert (await zhao.post(f"{path}/assignment", {"worker_id": feng.person_id})).status_code == 200

    steps = {"start": None, "contact": WHY, "opening": WHY}
    answers = {step: (await feng.post(f"{path}/{step}", body)).status_code for step, body in steps.items()}

    assert set(answers.values()) == {403}
    assert not await reads(feng, path)


async def test_head_who_stands_in_resolves_nothing_they_have_not_opened(town, path, phones):
    zhao, feng = phones["赵站长"], phones["冯科长"]
    for step, body in [("opening", WHY), ("acceptance", None), ("assignment", {"worker_id": zhao.person_id})]:
        assert (await zhao.post(f"{path}/{step}", body)).status_code == 200

    answer = await feng.post(f"{path}/start")

    assert (answer.status_code, answer.json()["details"]["role"]) == (403, "reader")


async def test_appointment_ends_an_opening_whatever_the_clocks_of_the_requests_say(town, path, phones, clock):
    zhao = phones["赵站长"]
    clock.forward(seconds=120)
    await zhao.post(f"{path}/opening", WHY)
    new = await factories.person("新社工", town.now)
    appointment = Appointment(new.id, RoleKind.SOCIAL_WORKER, station_id=town.stations[ROOM].id)
    # It began before the opening and waited for a lock.
    role = await roles.appoint(appointment, by=town.staff["冯科长"].person_id, now=NOW)
    await roles.end(role.id, by=town.staff["冯科长"], now=clock.now())

    assert not await reads(zhao, path)
    assert (await Need.get(id=need_id(path))).event_count == 3


async def test_opening_ends_when_another_station_takes_the_need_and_it_comes_back(town, path, phones):
    zhao, lantian = phones["赵站长"], town.stations["蓝田社工站"].id
    await zhao.post(f"{path}/opening", WHY)
    await zhao.post(f"{path}/referral", {"station_id": lantian, "reason": "已搬家"})
    wu = phones["吴站长"]
    assert (await wu.post(f"{path}/referral-acceptance")).status_code == 200
    await wu.post(f"{path}/referral", {"station_id": town.stations[ROOM].id, "reason": "又搬回来"})
    assert (await zhao.post(f"{path}/referral-acceptance")).status_code == 200

    assert not await reads(zhao, path)
    assert (await zhao.post(f"{path}/opening", WHY)).status_code == 200
    assert await reads(zhao, path)


async def test_unopened_need_is_found_by_no_look_up_and_makes_nobody_known(path, phones, grandma, town):
    feng, slip = phones["冯科长"], (await Need.get(id=need_id(path))).slip_code

    by_phone = await feng.post("/station/needs/look-ups", {"phone": "13812345678", "reason": "来电"})
    by_slip = await feng.post("/station/people/look-ups", {"slip_code": slip, "reason": "来访"})
    body = NEED | {"category": "elder_care", "person_id": grandma.person_id, "channel": "counter"}
    entered = await feng.post("/station/needs", body | {"area_id": town.areas["和平社区"].id})

    assert by_phone.json()["items"] == []
    assert by_slip.status_code == 404 or by_slip.json().get("items") == []
    assert (entered.status_code, entered.json()["code"]) == (404, "not_found")


async def test_call_back_about_an_unopened_need_is_hidden_from_the_stand_in(town, grandma, phones, path):
    zhao, feng = phones["赵站长"], phones["冯科长"]
    await Need.filter(id=need_id(path)).update(assignee_id=zhao.person_id)
    for step, body in [
        ("opening", WHY),
        ("acceptance", None),
        ("assignment", {"worker_id": zhao.person_id}),
        ("start", None),
        ("resolution", {"outcome": "已陪同"}),
    ]:
        assert (await zhao.post(f"{path}/{step}", body)).status_code == 200, step
    await grandma.put(f"/needs/{need_id(path)}/rating", {"solved": "partly", "stars": 1, "tags": [], "comment": ""})
    call_back = await CallBack.get(need_id=need_id(path))

    listed = (await feng.get("/station/call-backs")).json()["items"]
    contact = await feng.post(f"/station/call-backs/{call_back.id}/contact")

    assert [one for one in listed if one["id"] == call_back.id] == []
    assert contact.status_code in {403, 404}


@pytest.mark.parametrize("moves", ["cover", "uncover"])
async def test_officer_does_not_open_what_coverage_planned_before_it_moves_later(town, grandma, phones, clock, moves):
    feng, tomorrow = phones["冯科长"], "2026-03-11"
    if moves == "cover":
        area = {"area_ids": [town.areas["宪桥社区"].id], "valid_from": tomorrow}
        planned = await feng.post(f"/stations/{town.stations[ROOM].id}/coverage", area)
    else:
        await Role.filter(station_id=town.stations["江阳总站"].id).update(current=None)
        area = {"area_ids": [town.areas["蓝田街道"].id], "valid_until": tomorrow}
        planned = await feng.post(f"/stations/{town.stations['蓝田社工站'].id}/coverage/ending", area)
    assert planned.status_code == 200, planned.text
    clock.forward(minutes=20)
    path = await filed_at(town, grandma, "宪桥社区")
    before = (await Need.get(id=need_id(path))).station_id
    clock.forward(days=1)
    await needs_follow(clock.now())
    assert (await Need.get(id=need_id(path))).station_id != before

    assert (await feng.post(f"{path}/opening", WHY)).json()["details"]["rule"] == "ended_roles"


async def test_officer_does_not_open_what_they_took_by_a_merge_into_a_later_need(town, path, grandma, phones, clock):
    role, zhao, feng = await worked(town), phones["赵站长"], phones["冯科长"]
    clock.forward(minutes=1)
    await feng.post(f"/roles/{role.id}/ending")
    clock.forward(minutes=20)
    later = await filed_at(town, grandma, "和平社区")
    for one in (path, later):
        assert (await zhao.post(f"{one}/opening", WHY)).status_code == 200
    merged = await zhao.post(f"{path}/merge", {"target_need_id": need_id(later)})
    assert merged.status_code == 200, merged.text

    assert (await feng.post(f"{later}/opening", WHY)).json()["details"]["rule"] == "ended_roles"


async def test_city_officer_who_ended_the_roles_reads_no_contact_by_the_call_back(town, grandma, phones, clock):
    need = await town.need(category="counselling", text=WORDS)
    await Need.filter(id=need.id).update(station_id=town.stations["江阳总站"].id)
    await triage.accept(need.id, by=town.staff["孙站长"], now=NOW)
    await triage.assign(need.id, worker_id=phones["孙站长"].person_id, by=town.staff["孙站长"], now=NOW)
    await triage.start(need.id, by=town.staff["孙站长"], now=NOW)
    await triage.resolve(need.id, outcome="已陪同", service_minutes=5, by=town.staff["孙站长"], now=NOW)
    clock.forward(minutes=1)
    wei = phones["卫处长"]
    for role in await Role.filter(station_id=town.stations["江阳总站"].id):
        assert (await wei.post(f"/roles/{role.id}/ending")).status_code == 200
    await grandma.put(f"/needs/{need.id}/rating", {"solved": "no", "stars": 1, "tags": [], "comment": ""})
    call_back = await CallBack.get(need_id=need.id)

    answer = await wei.post(f"/station/call-backs/{call_back.id}/contact")

    assert (answer.status_code, answer.json()["details"].get("rule")) == (403, "ended_roles")


async def test_officer_who_also_heads_the_station_above_does_not_read_what_they_took(town, grandma, phones, clock):
    feng, above = phones["冯科长"], town.stations["江阳总站"]
    await Role.filter(station_id=above.id, kind=RoleKind.STATION_HEAD).update(current=None)
    await factories.role(await Person.get(id=feng.person_id), RoleKind.STATION_HEAD, NOW, station=above)
    path = await filed_at(town, grandma, "宪桥社区")
    clock.forward(minutes=1)
    head = await Role.get(person_id=phones["吴站长"].person_id, current=1)
    assert (await feng.post(f"/roles/{head.id}/ending")).status_code == 200
    await needs_follow(clock.now())
    assert (await Need.get(id=need_id(path))).station_id == above.id

    assert not await reads(feng, path)
    assert (await feng.post(f"{path}/contact", WHY)).status_code == 403
