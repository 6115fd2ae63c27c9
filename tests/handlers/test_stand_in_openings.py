"""A stand-in reads a confidential need only after opening it by an act with a reason, over HTTP."""

import pytest

from server.domain import roles
from server.domain.roles import Appointment
from server.models import Need, NeedEvent, Reading, Role, RoleKind, StandIn
from tests import factories
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.people import Phone
from tests.sides import sign_in

ROOM, WORDS = "和平社工室", "医生说是抑郁症"
WHY = {"reason": "本站没有工作人员，联系居民"}
NEED = {"category": "counselling", "text": WORDS, "contact_name": "王秀英", "contact_phone": "13812345678"}


@pytest.fixture
async def phones(client, town):
    """The phones of the small city's staff by name."""
    return {
        name: Phone(client, await sign_in(scope.person_id, NOW), scope.person_id) for name, scope in town.staff.items()
    }


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
    clock.forward(seconds=60)
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
