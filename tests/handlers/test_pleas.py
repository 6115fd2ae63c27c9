"""Pleas through HTTP: filed whatever is missing or wrong, and answered with whom to call."""

import json
import uuid

import aiomysql
import pytest

from server.database import db
from server.domain.needs import pleas, submit, timeline
from server.domain.needs.submit import NeedSubmission
from server.handlers.http import emergency
from server.models import (
    Area,
    Category,
    CrisisAlert,
    CrisisRing,
    IdempotencyKey,
    Need,
    NeedEvent,
    Notice,
    Person,
    Photo,
    Policy,
    Station,
    Urgency,
)
from tests import factories
from tests.concurrency import at_once
from tests.conftest import NOW, chosen_database
from tests.handlers.test_photos import GOOD, upload

PLEA = {
    "category": "not_sure",
    "text": "我不想活了",
    "urgency": "emergency",
    "contact_name": "李某",
    "contact_phone": "13812345678",
}
NUMBERS = ["110", "120", "12356"]


@pytest.fixture
async def visitor(town, phone_of):
    """Return the phone of a visitor who has chosen no home."""
    return await phone_of("luren")


async def filed(answer) -> Need:
    """Return the need of an answer that says whom to call, with its alert."""
    assert answer.status_code == 201, answer.text
    help_ = answer.json()["emergency"]
    need = await Need.get(id=answer.json()["id"])
    assert help_["need_id"] == need.id
    assert [one["phone"] for one in help_["phones"]] == NUMBERS
    assert all(number in help_["message"] for number in NUMBERS)
    assert need.urgency == Urgency.EMERGENCY
    assert await CrisisAlert.exists(need_id=need.id, acknowledged_at=None)
    return need


@pytest.mark.parametrize("end", ["", '"}{}', f'", "place": "{"x" * 1_100_000}"}}'], ids=["half", "two", "too large"])
async def test_plea_in_escapes_is_filed_although_the_body_is_no_json(visitor, end):
    text = json.dumps("我不想活了，今晚就跳楼").strip('"')
    assert text.isascii()

    answer = await visitor.call("POST", "/needs", content=f'{{"text": "{text}{end}'.encode())

    need = await filed(answer)
    assert "今晚就跳楼" in need.text


@pytest.mark.parametrize("filler", ["好", "\ufdfa", "x"], ids=["letters", "sentences", "latin"])
async def test_plea_before_and_after_a_long_text_is_filed(visitor, filler):
    long = filler * (900_000 // len(filler.encode()))

    before = await visitor.call("POST", "/needs", content=json.dumps({"text": f"我不想活了{long}"}, ensure_ascii=False))
    after = await visitor.call("POST", "/needs", content=json.dumps({"a": long, "text": "救命啊"}, ensure_ascii=False))

    assert (await filed(before)).text.startswith("我不想活了")
    assert "救命啊" in (await filed(after)).text


def test_search_of_a_huge_body_ends_early():
    found = list(emergency._searched([f"打人{number}" for number in range(100_000)]))

    assert len(found) < 5_000


async def test_plea_without_home_goes_to_the_city_desk(visitor, town):
    need = await filed(await visitor.post("/needs", PLEA))

    assert need.area_id == town.areas["泸州市"].id
    assert need.station_id == town.stations["市级服务台"].id


@pytest.mark.parametrize(
    ("place", "station"), [("邻玉街道", "邻玉社工站"), ("江阳区", "江阳总站"), ("四川省", "市级服务台")]
)
async def test_plea_with_an_area_of_any_level_is_filed_there(visitor, town, place, station):
    need = await filed(await visitor.post("/needs", PLEA | {"area_id": town.areas[place].id}))

    assert need.area_id == town.areas[place].id
    assert need.station_id == town.stations[station].id


async def test_plea_with_a_town_goes_to_the_home_of_who_has_one(visitor, town):
    await visitor.put("/me/home", {"area_id": town.areas["和平社区"].id})

    need = await filed(await visitor.post("/needs", PLEA | {"area_id": town.areas["龙马潭区"].id}))

    assert need.area_id == town.areas["和平社区"].id


@pytest.mark.parametrize("area_id", [999_999, 0, -1, 2**60, "团结村", None, {}])
async def test_plea_with_an_unknown_area_is_filed_for_the_city(visitor, town, area_id):
    need = await filed(await visitor.post("/needs", PLEA | {"area_id": area_id}))

    assert need.area_id == town.areas["泸州市"].id


async def test_plea_with_a_dissolved_community_is_filed_where_it_was(visitor, town):
    await Area.filter(id=town.areas["和平社区"].id).update(valid_until=NOW.date())

    need = await filed(await visitor.post("/needs", PLEA | {"area_id": town.areas["和平社区"].id}))

    assert need.area_id == town.areas["和平社区"].id


@pytest.mark.parametrize("phone", ["", "12", None, 7, "打不通", "0" * 200])
async def test_plea_with_an_odd_phone_is_filed(visitor, phone):
    need = await filed(await visitor.post("/needs", PLEA | {"contact_phone": phone}))

    assert len(need.contact_phone) <= 30


async def test_plea_without_a_phone_takes_that_of_the_profile(visitor):
    await visitor.change("/me", {"name": "李芳", "phone": "13900001111"})

    need = await filed(await visitor.post("/needs", {"urgency": "emergency"}))

    assert (need.contact_name, need.contact_phone) == ("李芳", "13900001111")


async def test_plea_without_a_phone_takes_that_of_the_last_need(visitor, town):
    village = town.areas["团结村"].id
    await visitor.post("/needs", PLEA | {"text": "想问低保", "urgency": "normal", "area_id": village})

    need = await filed(await visitor.post("/needs", {"text": "救命"}))

    assert (need.contact_name, need.contact_phone) == ("李某", "13812345678")


async def test_plea_of_the_button_alone_is_filed(visitor):
    need = await filed(await visitor.post("/needs", {"urgency": "emergency"}))

    assert need.text


@pytest.mark.parametrize("category", ["", "nonsense", None, "x" * 500, 3])
async def test_plea_with_an_unknown_category_is_filed_as_not_sure(visitor, category):
    need = await filed(await visitor.post("/needs", PLEA | {"category": category}))

    assert (await Category.get(id=need.category_id)).code == "not_sure"


async def test_plea_with_an_inactive_confidential_category_stays_confidential(visitor):
    await Category.filter(code="marriage_family").update(active=False)

    need = await filed(await visitor.post("/needs", PLEA | {"category": "marriage_family"}))

    assert (await Category.get(id=need.category_id)).code == "marriage_family"


async def test_plea_of_a_category_nobody_offers_goes_to_the_city_desk(visitor, town):
    await Station.filter(id__not=town.stations["市级服务台"].id).update(status="suspended")

    need = await filed(await visitor.post("/needs", PLEA | {"area_id": town.areas["团结村"].id}))

    assert need.station_id == town.stations["市级服务台"].id


async def test_plea_with_unavailable_photos_keeps_those_there_are(visitor):
    photo = (await upload(visitor, GOOD)).json()

    need = await filed(await visitor.post("/needs", PLEA | {"photo_ids": [photo["id"], 12345, "x", -3]}))

    assert await Photo.filter(need_id=need.id).values_list("id", flat=True) == [photo["id"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "他又打我了。" * 2000},
        {"text": "我不想活了\x00\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace") + "\x07"},
        {"contact_name": "李" * 400, "place": "桥\n上" * 200, "help_times": 5, "relation": "女" * 99},
        {"may_share_contact": "yes", "urgency": "now"},
        {"photo_ids": "none"},
        {"message": "救命", "text": ""},
    ],
)
async def test_plea_that_breaks_the_contract_is_filed(visitor, changes):
    need = await filed(await visitor.post("/needs", PLEA | changes))

    assert need.text


async def test_plea_in_an_undeclared_field_is_kept_in_the_text(visitor):
    need = await filed(await visitor.post("/needs", {"content": "他说要杀死我"}))

    assert "要杀死我" in need.text


@pytest.mark.parametrize(
    "body", [b"\xe6\x95\x91\xe5\x91\xbd", b'{"text": "\xe6\x95\x91\xe5\x91\xbd', b'["\xe6\x95\x91\xe5\x91\xbd"]']
)
async def test_plea_that_is_no_json_is_filed(visitor, body):
    need = await filed(await visitor.call("POST", "/needs", content=body, headers={"Content-Type": "text/plain"}))

    assert "救命" in need.text


@pytest.mark.parametrize("key", ["", "short", "x" * 300])
async def test_plea_with_a_wrong_idempotency_key_is_filed(visitor, key):
    need = await filed(await visitor.post("/needs", PLEA, headers={"Idempotency-Key": key}))

    assert need.text == PLEA["text"]


async def test_plea_with_the_key_of_another_request_is_filed(visitor, town):
    key = uuid.uuid4().hex
    await visitor.post("/needs", PLEA | {"text": "救命", "area_id": town.areas["团结村"].id}, key=key)

    await filed(await visitor.post("/needs", PLEA, key=key))

    assert await Need.all().count() == 2


async def test_repeated_plea_with_one_key_is_filed_once(visitor):
    key = uuid.uuid4().hex
    first, second = [await visitor.post("/needs", {"text": "救命"}, key=key) for _ in range(2)]

    assert first.json() == second.json()
    assert await Need.all().count() == 1


async def test_normal_need_keeps_its_clear_refusals(visitor):
    wrong = await visitor.post("/needs", {"text": "想问低保", "contact_phone": ""})
    homeless = await visitor.post("/needs", PLEA | {"text": "想问低保", "urgency": "normal"})

    assert (wrong.status_code, homeless.json()["code"]) == (400, "home_required")
    assert "emergency" not in wrong.json()
    assert await Need.all().count() == 0


async def test_emergency_numbers_are_those_of_the_city(visitor):
    await Policy.create(name="counselling_phone", scope="city", value=96112, source="泸州市2026年通知")

    answer = (await visitor.post("/needs", PLEA)).json()

    assert "96112" in answer["emergency"]["message"]


async def test_answer_of_a_plea_equals_a_later_reading(visitor):
    answer = (await visitor.post("/needs", {"text": "救命"})).json()

    assert (await visitor.get(f"/needs/{answer['id']}")).json() == answer


async def test_rate_limit_never_refuses_a_plea(visitor, town):
    village = {"area_id": town.areas["团结村"].id, "urgency": "normal", "text": "想问低保"}
    answers = [await visitor.post("/needs", PLEA | village) for _ in range(21)]
    assert answers[-1].status_code == 429

    await filed(await visitor.post("/needs", PLEA))


async def test_plea_is_filed_while_the_queue_is_full(visitor, app):
    app.ctx.executor._waiting_limit = -1
    slots, app.ctx.executor._slots._free = app.ctx.executor._slots._free, 0
    try:
        refused = await visitor.post("/needs", PLEA | {"text": "想问低保", "urgency": "normal"})
        app.ctx.executor._slots._free = 1
        answer = await visitor.post("/needs", PLEA)
    finally:
        app.ctx.executor._slots._free, app.ctx.executor._waiting_limit = slots, 2000

    assert refused.status_code == 503
    await filed(answer)


@pytest.mark.skipif(chosen_database() != "mariadb", reason="SQLite has one writer, which the system frees when it dies")
@pytest.mark.parametrize("locked", ["SELECT * FROM reference_version FOR UPDATE", "SELECT * FROM station FOR UPDATE"])
async def test_plea_is_filed_while_a_frozen_process_holds_a_lock(visitor, database_url, locked):
    place = db.config(database_url, pool=1)["connections"]["default"]["credentials"]
    names = ("host", "port", "user", "password", "charset", "init_command")

    # From here on it is idle, as a process that is frozen in its transaction.
    link = await aiomysql.connect(db=place["database"], **{name: place[name] for name in names})
    try:
        async with link.cursor() as cursor:
            await link.begin()
            await cursor.execute(locked)
        need = await filed(await visitor.post("/needs", PLEA))
    finally:
        link.close()  # the database has closed it already

    assert need.text == PLEA["text"]


async def test_sixth_emergency_in_ten_minutes_joins_the_open_one(visitor):
    needs = [await filed(await visitor.post("/needs", PLEA | {"text": f"救命{turn}"})) for turn in range(5)]

    answer = await visitor.post("/needs", PLEA | {"text": "救救我，我在桥上", "place": "长江大桥"})

    joined = await filed(answer)
    assert joined.id in {need.id for need in needs}
    assert joined.place == "长江大桥"
    assert await Need.all().count() == 5
    assert "我在桥上" in (await NeedEvent.get(need_id=joined.id, kind="crisis_written")).text
    assert (await visitor.get(f"/needs/{joined.id}")).json() == answer.json()


async def test_sixth_emergency_from_another_place_joins_the_open_one_and_says_where(visitor, town):
    places = ("团结村", "和平社区", "宪桥社区", "码头社区", "江阳区", "龙马潭区", "蓝田街道")
    needs = [
        await filed(await visitor.post("/needs", PLEA | {"text": f"救命{name}", "area_id": town.areas[name].id}))
        for name in places
    ]

    assert await Need.all().count() == 5
    assert await CrisisRing.all().count() <= 5
    written = await NeedEvent.filter(need_id=needs[-1].id, kind="crisis_written").order_by("-number").first()
    assert written.text == "再次求助：救命蓝田街道（现在的地点：蓝田街道）"


async def test_flood_of_pleas_by_one_person_grows_no_answer_and_no_table(visitor):
    answers = [await visitor.post("/needs", PLEA | {"text": f"救命{turn}{'啊' * 9_000}"}) for turn in range(70)]

    assert {one.status_code for one in answers} == {201}
    joined = await Need.get(id=answers[-1].json()["id"])
    assert await NeedEvent.filter(need_id=joined.id, kind="crisis_written").count() == pleas.MOST_JOINED
    assert len(answers[-1].content) < 400_000
    assert await IdempotencyKey.all().count() <= 20
    assert await Notice.filter(template="crisis", subject_id=joined.id).count() == len(
        {one.person_id for one in await Notice.filter(template="crisis", subject_id=joined.id)}
    )


async def test_timeline_shows_its_newest_entries(town):
    need = await town.need()
    await db.execute("UPDATE need SET event_count = 250 WHERE id = ?", [need.id])
    first = (await NeedEvent.filter(need_id=need.id).values())[0] | {"text": "很长"}
    for number in range(2, 251):
        await NeedEvent.create(**{name: value for name, value in first.items() if name != "id"} | {"number": number})

    shown = await timeline.list_entries(need, for_staff=True)

    assert [one.number for one in shown] == list(range(51, 251))


async def test_words_of_the_sixth_emergency_in_another_field_are_kept(visitor):
    for turn in range(5):
        await visitor.post("/needs", PLEA | {"text": f"救命{turn}"})

    need = await filed(await visitor.post("/needs", PLEA | {"text": "", "help_times": "他今晚要杀我"}))

    assert "他今晚要杀我" in (await NeedEvent.get(need_id=need.id, kind="crisis_written")).text


async def test_last_of_many_emergencies_is_kept_so_that_the_next_joins_it(visitor, clock):
    answers = []
    for turn in range(8):
        filed_now = (await visitor.post("/needs", PLEA | {"text": f"救命{turn}"})).json()
        answers.append(await visitor.post(f"/needs/{filed_now['id']}/withdrawal"))

    assert [one.status_code for one in answers] == [200, 200, 200, 200, 409, 409, 409, 409]
    assert answers[-1].json()["code"] == "too_early"
    assert await Need.all().count() == 5
    [kept] = await Need.filter(status="submitted")
    assert "withdrawal" not in (await visitor.get(f"/needs/{kept.id}")).json()["allowed_actions"]
    clock.forward(minutes=11)
    assert "withdrawal" in (await visitor.get(f"/needs/{kept.id}")).json()["allowed_actions"]
    assert (await visitor.post(f"/needs/{kept.id}/withdrawal")).status_code == 200


async def test_earlier_emergency_is_withdrawn_while_another_one_is_open(visitor, clock):
    earlier = (await visitor.post("/needs", PLEA)).json()["id"]
    clock.forward(hours=1)
    for turn in range(5):
        latest = (await visitor.post("/needs", PLEA | {"text": f"救命{turn}"})).json()["id"]

    assert (await visitor.post(f"/needs/{earlier}/withdrawal")).status_code == 200
    assert (await visitor.post(f"/needs/{latest}/withdrawal")).status_code == 200


async def test_sixth_emergency_joins_none_that_has_ended(visitor):
    for turn in range(5):
        need = (await visitor.post("/needs", PLEA | {"text": f"救命{turn}"})).json()
    await Need.all().update(status="withdrawn")

    await filed(await visitor.post("/needs", PLEA))

    assert await Need.exclude(id=need["id"]).count() == 5


async def test_sixth_emergency_after_ten_minutes_is_a_need_of_its_own(visitor, clock):
    for turn in range(5):
        await visitor.post("/needs", PLEA | {"text": f"救命{turn}"})
    clock.forward(minutes=11)

    await filed(await visitor.post("/needs", PLEA))

    assert await Need.all().count() == 6


async def test_eight_emergencies_at_once_are_five_needs_and_three_additions(city):
    plea = NeedSubmission("not_sure", "救命", Urgency.EMERGENCY, "李某", "13812345678")

    needs = await at_once(*(submit.submit_by_resident(plea, by=city.grandma.id, now=NOW) for _ in range(8)))

    assert len({need.id for need in needs}) == 5
    assert await NeedEvent.filter(kind="crisis_written").count() == 3


async def test_confidential_plea_joins_no_need_that_others_read(phone_of, town):
    phone = await phone_of("wangnainai")
    for number in range(5):
        await filed(await phone.post("/needs", PLEA | {"text": f"救命{number}"}))

    need = await filed(await phone.post("/needs", PLEA | {"text": "他又打我了，救命", "category": "marriage_family"}))
    again = await filed(await phone.post("/needs", PLEA | {"text": "他在砸门，救命", "category": "marriage_family"}))

    assert await Need.filter(person_id=phone.person_id).count() == 6
    assert again.id == need.id
    assert not await NeedEvent.filter(text__contains="又打我").exclude(need_id=need.id).exists()


async def test_number_that_cannot_be_whole_replaces_no_known_one(phone_of, town):
    phone = await phone_of("wangnainai")
    await Person.filter(id=phone.person_id).update(phone="13800000003")

    need = await filed(await phone.post("/needs", PLEA | {"contact_phone": "138"}))

    assert need.contact_phone == "13800000003"
    assert need.text == "我不想活了（所留电话：138）"


async def test_plea_entered_by_staff_is_filed_whatever_is_missing(phone_of_staff, town):
    worker = await phone_of_staff("陈", "邻玉社工站")

    answer = await worker.post("/station/needs", {"text": "电话里说要跳楼", "channel": "telephone"})

    need = await filed(answer)
    assert need.channel == "telephone"
    assert need.station_id == town.stations["市级服务台"].id


async def test_plea_entered_for_an_unknown_person_is_filed_for_a_new_one(phone_of_staff, town):
    worker = await phone_of_staff("陈", "邻玉社工站")
    stranger = await factories.person("路人", NOW)
    entered = PLEA | {"channel": "counter", "area_id": town.areas["邻玉街道"].id, "person_id": stranger.id}

    need = await filed(await worker.post("/station/needs", entered))

    assert need.person_id != stranger.id
    assert need.station_id == town.stations["邻玉社工站"].id


async def test_plea_entered_by_an_officer_on_the_telephone_is_filed(phone_of_staff):
    officer = await phone_of_staff("罗")

    need = await filed(await officer.post("/station/needs", PLEA | {"channel": "telephone"}))

    assert (await Person.get(id=need.person_id)).created_by_id == officer.person_id


@pytest.mark.parametrize(
    "signed_in", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {'x' * 43}"}]
)
@pytest.mark.parametrize(
    ("path", "sent"),
    [("/needs", PLEA), ("/needs/1/reminders", {"message": "我不想活了"}), ("/me/changes", {"name": "想死"})],
)
async def test_plea_of_somebody_not_signed_in_says_whom_to_call(client, signed_in, path, sent):
    headers = {"Idempotency-Key": uuid.uuid4().hex} | signed_in

    answer = await client.post(f"/api/v1{path}", json=sent, headers=headers)

    assert answer.status_code == 401
    assert answer.json()["emergency"]["need_id"] is None
    assert [one["phone"] for one in answer.json()["emergency"]["phones"]] == NUMBERS
