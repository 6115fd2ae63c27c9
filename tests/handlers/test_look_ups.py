"""Look-ups of needs by a whole phone number or a slip code: whole, of readable needs, logged, limited, and shown."""

import pytest

from server.domain import staff
from server.domain.needs import look_ups
from server.errors import NotAllowed, TooManyLookUps
from server.models import LookUp, Policy, Reading
from tests import factories
from tests.concurrency import at_once, refused
from tests.conftest import NOW
from tests.people import Phone
from tests.sides import sign_in

PATH, WHY = "/station/needs/look-ups", "居民来电询问进度"


@pytest.fixture
async def grandma(client, town):
    return Phone(client, await sign_in(town.grandma.id, NOW), town.grandma.id)


@pytest.fixture
def phone_at(client, town):
    """Sign in a member of the small city's staff by name."""

    async def sign_in_staff(name: str) -> Phone:
        person_id = town.staff[name].person_id
        return Phone(client, await sign_in(person_id, NOW), person_id)

    return sign_in_staff


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_whole_phone_number_and_slip_code_find_a_need(town, phone_at):
    need, worker = await town.need(), await phone_at("陈社工")
    spaced = f"{need.slip_code[:5]} {need.slip_code[5:]}".lower()

    for wanted in ({"phone": "138 1234 5678"}, {"slip_code": spaced}):
        found = await worker.post(PATH, wanted | {"reason": WHY})
        assert ids(found) == [need.id]
        assert found.json()["items"][0]["phone"] == "138****5678"


async def test_whole_name_finds_the_needs_that_the_caller_may_read(town, phone_at):
    first, second = await town.need(), await town.need(text="想问助餐")
    await town.need(category="counselling")
    worker = await phone_at("陈社工")

    assert set(ids(await worker.post(PATH, {"name": " 王秀英 ", "reason": WHY}))) == {first.id, second.id}
    for part in ("王秀", "秀英", "王%"):
        assert ids(await worker.post(PATH, {"name": part, "reason": WHY})) == []
    assert ids(await (await phone_at("周社工")).post(PATH, {"name": "王秀英", "reason": WHY})) == []


@pytest.mark.parametrize("part", ["13812345", "5678", "1381234567"])
async def test_part_of_a_phone_number_finds_nothing(town, phone_at, part):
    await town.need()
    worker = await phone_at("陈社工")

    assert (await worker.post(PATH, {"phone": part, "reason": WHY})).status_code == 400
    assert (await worker.post(PATH, {"slip_code": part, "reason": WHY})).json()["items"] == []


async def test_list_refuses_a_number_as_words_to_search(town, phone_at):
    await town.need(text="我的电话是13812345678，请来电。")
    worker = await phone_at("冯科长")

    for words in ("13812345678", "138 1234 5678", "１３８１２３４", "138-12345"):
        answer = await worker.get("/station/needs", params={"text": words})
        assert (answer.status_code, answer.json()["details"]["fields"][0]["field"]) == (400, "query.text")


async def test_officer_finds_no_need_by_its_hidden_digits(town, phone_at):
    await town.need()

    for name in ("冯科长", "卫处长"):
        officer = await phone_at(name)
        answer = await officer.post(PATH, {"phone": "13812345678", "reason": WHY})
        # The county's officer is staff of stations where nobody works, and looks up their needs only.
        assert answer.status_code == 403 or answer.json()["items"] == []


async def test_look_up_leaves_out_needs_that_the_caller_may_not_read(town, phone_at):
    confidential = await town.need(category="counselling")

    found = {}
    for name in ("陈社工", "赵站长", "周社工"):
        phone = await phone_at(name)
        found[name] = ids(await phone.post(PATH, {"phone": "13812345678", "reason": WHY}))
        found[name] += ids(await phone.post(PATH, {"slip_code": confidential.slip_code, "reason": WHY}))

    assert found == {"陈社工": [], "赵站长": [confidential.id] * 2, "周社工": []}


async def test_found_confidential_need_shows_its_category_alone(town, phone_at):
    await town.need(category="counselling")
    head = await phone_at("赵站长")

    [row] = (await head.post(PATH, {"phone": "13812345678", "reason": WHY})).json()["items"]

    assert (row["name"], row["phone"], row["area"], row["excerpt"]) == (None, None, None, None)


async def test_look_up_is_listed_for_the_person_it_found(town, phone_at, grandma):
    need, worker = await town.need(), await phone_at("陈社工")
    await worker.post(PATH, {"phone": "13812345678", "reason": WHY})
    await worker.post(PATH, {"phone": "13900001111", "reason": WHY})

    [reading] = (await grandma.get("/me/readings")).json()["items"]

    assert (reading["kind"], reading["reader"], reading["reason"]) == ("look_up", "陈社工", WHY)
    assert reading["reference"] == {"kind": "need", "id": need.id}
    assert await LookUp.filter(person_id=worker.person_id).count() == 2


async def test_look_up_without_visible_reason_is_refused(town, phone_at):
    worker = await phone_at("陈社工")

    for reason in ("", "   "):
        assert (await worker.post(PATH, {"phone": "13812345678", "reason": reason})).status_code == 400


async def test_look_ups_beyond_the_limit_of_an_hour_are_refused(town, phone_at, clock):
    await Policy.create(name="look_ups_per_hour", scope="city", value=2, source="测试")
    worker, wanted = await phone_at("陈社工"), {"phone": "13812345678", "reason": WHY}

    assert [(await worker.post(PATH, wanted)).json()["left"] for _ in range(2)] == [1, 0]
    refusal = await worker.post(PATH, wanted)
    assert (refusal.status_code, refusal.json()["code"]) == (409, "too_early")
    clock.forward(minutes=61)
    assert (await worker.post(PATH, wanted)).status_code == 200


async def test_look_ups_are_counted_without_redis(town, phone_at, app):
    await Policy.create(name="look_ups_per_hour", scope="city", value=1, source="测试")
    worker, wanted = await phone_at("陈社工"), {"phone": "13812345678", "reason": WHY}
    await worker.post(PATH, wanted)

    app.ctx.dependencies.rate_limiter._local.__init__()

    assert (await worker.post(PATH, wanted)).status_code == 409


async def test_many_look_ups_at_once_stay_within_the_limit(city):
    await Policy.create(name="look_ups_per_hour", scope="city", value=3, source="测试")
    await city.need()
    by = city.staff["陈社工"]

    answers = await at_once(*(look_ups.find(phone="13812345678", reason=WHY, by=by, now=NOW) for _ in range(8)))

    assert refused(answers, TooManyLookUps) == 5
    assert await LookUp.all().count() == 3
    assert await Reading.all().count() == 3


async def test_own_need_is_not_found_by_its_worker(city):
    worker = await factories.worker("王社工", city.stations["邻玉社工站"], NOW)
    await city.need(by=worker.person_id, area_id=city.areas["团结村"].id)

    found = await look_ups.find(phone="13812345678", reason=WHY, by=worker, now=NOW)

    assert found.needs == []


async def test_former_worker_finds_nothing(city):
    await city.need()

    with pytest.raises(NotAllowed):
        await look_ups.find(phone="13812345678", reason=WHY, by=await staff.of_person(city.grandma.id), now=NOW)
