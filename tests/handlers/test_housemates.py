"""Staff who live with a resident neither hear, read nor act on their confidential need or emergency."""

import pytest

from server.domain import households
from server.domain.needs import crisis_rings
from server.models import CrisisRing, Need, Notice
from tests.conftest import NOW
from tests.factories import duty
from tests.factories.households import household
from tests.people import Phone
from tests.sides import sign_in

NEED = {"text": "我和他过不下去了", "contact_name": "何秀", "contact_phone": "13712345678"}


@pytest.fixture
async def phones(client, town):
    return {
        name: Phone(client, await sign_in(scope.person_id, NOW), scope.person_id) for name, scope in town.staff.items()
    }


@pytest.fixture
async def wife(town, phone_of):
    """The phone of a woman who lives with 赵站长."""
    made = await phone_of("hexiu")
    await household(town.staff["赵站长"].person_id, made.person_id, now=NOW)
    return made


async def filed(wife, town, **more) -> int:
    answer = await wife.post("/needs", NEED | {"area_id": town.areas["团结村"].id} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_confidential_need_goes_to_the_station_above_her_husbands(town, wife, phones):
    need_id = await filed(wife, town, category="marriage_family")

    assert (await Need.get(id=need_id)).station_id == town.stations["江阳总站"].id
    assert (await phones["赵站长"].get(f"/station/needs/{need_id}")).status_code == 404


async def test_husband_is_neither_alarmed_nor_opens_her_emergency(town, wife, phones):
    need_id = await filed(wife, town, category="elder_care", text="他打我，我不想活了")
    zhao = phones["赵站长"]

    told = {one.person_id for one in await Notice.filter(template="crisis")}
    assert phones["陈社工"].person_id in told
    assert zhao.person_id not in told
    opened = await zhao.post(f"/station/needs/{need_id}/crisis-opening", {"reason": "想看看"})
    assert (opened.status_code, opened.json()["details"]["rule"]) == (403, "own_need")
    shown = await zhao.get(f"/station/needs/{need_id}")
    assert "打我" not in shown.text
    assert shown.json()["allowed_actions"] == []
    assert "打我" not in (await zhao.get("/station/needs")).text
    assert "打我" in (await phones["陈社工"].get("/station/needs")).text


async def test_husband_on_duty_is_no_promise_and_does_not_ring(town, wife):
    await duty.shift(town.stations["邻玉社工站"], town.staff["赵站长"], NOW, phone="13711113333")

    made = await wife.post("/needs", NEED | {"category": "elder_care"} | home(town) | {"text": "他打我，我不想活了"})

    assert "现在有人值班" not in made.text
    ringing = await crisis_rings.claim((await CrisisRing.get()).id, now=NOW)
    assert ringing is not None
    assert "13711113333" not in ringing.phones


def home(town) -> dict:
    return {"area_id": town.areas["团结村"].id}


async def test_head_from_whom_she_moved_out_lately_is_kept_from_it_too(town, wife, clock):
    await households.leave(by=wife.person_id, now=clock.forward(days=1))

    need_id = await filed(wife, town, category="marriage_family")

    assert (await Need.get(id=need_id)).station_id == town.stations["江阳总站"].id


async def test_colleague_reads_no_notes_about_their_own_need(town, phones):
    lin, chen = phones["林社工"], phones["陈社工"]
    made = await lin.post("/needs", NEED | {"category": "elder_care"} | home(town))
    need_id = made.json()["id"]
    await chen.post(f"/station/needs/{need_id}/acceptance")
    assert (await chen.post(f"/station/needs/{need_id}/note", {"note": "先不要让他知道"})).status_code == 200

    shown = await lin.get(f"/station/needs/{need_id}")

    assert shown.status_code == 200
    assert "先不要让他知道" not in shown.text
