"""Staff who live with a resident neither hear, read nor act on their confidential need or emergency."""

from datetime import datetime, timedelta

import pytest

from server.domain import households
from server.domain.needs import crisis_rings
from server.models import CrisisRing, Need, Notice, Role
from tests.conftest import NOW
from tests.factories import activities, duty
from tests.factories.households import household

NEED = {"text": "我和他过不下去了", "contact_name": "何秀", "contact_phone": "13712345678"}


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


@pytest.mark.parametrize("by", [{"phone": "13712345678"}, {"name": "何秀"}])
async def test_husband_finds_her_emergency_by_no_look_up_search_or_likeness(town, wife, phones, by):
    zhao, text = phones["赵站长"], "他打我，我躲在妹妹家三楼"
    secret = await filed(wife, town, category="marriage_family", text=text)
    plea = await filed(wife, town, category="elder_care", text=text)
    like = (await wife.post("/needs", NEED | {"category": "elder_care", "text": "我在妹妹家三楼"} | home(town))).json()

    found = await zhao.post("/station/needs/look-ups", by | {"reason": "来访"})
    searched = await zhao.get("/station/needs", params={"text": "妹妹家"})
    opened = await zhao.get(f"/station/needs/{like['id']}")

    assert {one["id"] for one in found.json()["items"]}.isdisjoint({secret, plea})
    assert [one["id"] for one in searched.json()["items"]] == [like["id"]]
    assert "我躲在" not in opened.text


async def test_extension_is_shown_and_told_to_others_than_the_husband(town, wife, phones):
    zhao, chen = phones["赵站长"], phones["陈社工"]
    path = f"/station/needs/{await filed(wife, town, category='elder_care', text='他打我，我不想活了')}"
    for step, body in (
        ("crisis-opening", {"reason": "接到警报"}),
        ("acceptance", {}),
        ("assignment", {"worker_id": chen.person_id}),
        ("start", {}),
    ):
        answer = await chen.post(f"{path}/{step}", body)
        assert answer.is_success, (step, answer.text)
    until = datetime.fromisoformat(answer.json()["completion_due_at"]) + timedelta(hours=1)

    asked = await chen.post(f"{path}/extension", {"extended_until": until.isoformat(), "reason": "她躲在妹妹家"})

    assert asked.is_success, asked.text
    assert (await zhao.get("/extensions")).json()["items"] == []
    told = {one.person_id for one in await Notice.filter(template="extension_requested")}
    assert told == {phones["冯科长"].person_id}


async def test_appeal_goes_to_a_head_who_does_not_live_with_her(town, phone_of, phones):
    sun = phones["孙站长"]
    made = await phone_of("sunqi")
    await household(sun.person_id, made.person_id, now=NOW)
    need_id = await filed(made, town, category="elder_care", urgency="emergency", text="快来人")
    path = f"/station/needs/{need_id}"
    await phones["陈社工"].post(f"{path}/crisis-opening", {"reason": "接到警报"})
    await phones["陈社工"].post(f"{path}/decline", {"reason": "不归", "alternative_help": "街道"})

    answer = await made.post(f"/needs/{need_id}/appeal", {"reason": "我搬到了九号楼"})

    assert answer.is_success, answer.text
    assert (await sun.get("/appeals")).json()["items"] == []
    told = {one.person_id for one in await Notice.filter(template="appeal_made")}
    assert told == {phones["卫处长"].person_id}


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


async def test_colleagues_who_were_seated_with_her_by_a_worker_are_not_kept_from_her_plea(town, phone_of, phones):
    wife = await phone_of("shouhairen")
    chen = phones["陈社工"]
    await chen.post("/station/people/look-ups", {"person_code": await code_of(wife), "reason": "来访"})
    for name in ("林社工", "赵站长"):
        other = phones[name]
        await chen.post("/station/people/look-ups", {"person_code": await code_of(other), "reason": "来访"})
        seated = {"person_id": other.person_id, "household_member_id": wife.person_id}
        assert (await chen.post("/station/households/members", seated)).status_code == 201

    need_id = await filed(wife, town, category="elder_care", text="陈社工打我，我不想活了")

    told = {one.person_id for one in await Notice.filter(template="crisis")}
    assert {phones["林社工"].person_id, phones["赵站长"].person_id} <= told
    opened = await phones["林社工"].post(f"/station/needs/{need_id}/crisis-opening", {"reason": "接到警报"})
    assert opened.status_code == 200, opened.text


async def code_of(phone) -> str:
    return (await phone.post("/me/code")).json()["code"]


async def test_need_that_becomes_an_emergency_is_no_need_of_her_only_workers(town, wife, phones, phone_of):
    await Role.filter(person_id__in=[phones["陈社工"].person_id, phones["林社工"].person_id]).update(current=None)
    need_id = await filed(wife, town, category="elder_care", text="买药")
    assert (await Need.get(id=need_id)).station_id == town.stations["邻玉社工站"].id

    heard = await wife.post(f"/needs/{need_id}/messages", {"text": "他又打我，我不想活了"})

    plea = await Need.get(id=heard.json()["emergency"]["need_id"])
    assert (plea.id != need_id, plea.station_id) == (True, town.stations["江阳总站"].id)
    opened = await phones["孙站长"].post(f"/station/needs/{plea.id}/crisis-opening", {"reason": "接到警报"})
    assert opened.status_code == 200, opened.text


async def test_assigned_housemate_is_taken_off_a_need_that_becomes_an_emergency(town, phone_of, phones):
    chen, wife = phones["陈社工"], await phone_of("chenqi")
    await household(chen.person_id, wife.person_id, now=NOW)
    need_id = await filed(wife, town, category="elder_care", text="买药")
    await chen.post(f"/station/needs/{need_id}/acceptance")
    await chen.post(f"/station/needs/{need_id}/assignment", {"worker_id": chen.person_id})

    await wife.post(f"/needs/{need_id}/messages", {"text": "他又打我，我不想活了"})

    need = await Need.get(id=need_id)
    assert (need.urgency, need.assignee_id) == ("emergency", None)
    await wife.post(f"/needs/{need_id}/reminders", {})
    told = {one.person_id for one in await Notice.filter(template="need_reminder")}
    assert chen.person_id not in told
    assert phones["赵站长"].person_id in told


async def test_low_rating_of_her_emergency_is_not_in_his_call_backs(town, wife, phones):
    lin = phones["林社工"]
    path = f"/station/needs/{await filed(wife, town, category='elder_care', text='他打我，我不想活了')}"
    for step, body in (
        ("crisis-opening", {"reason": "接到警报"}),
        ("acceptance", {}),
        ("assignment", {"worker_id": lin.person_id}),
        ("start", {}),
        ("resolution", {"outcome": "已联系派出所"}),
    ):
        assert (await lin.post(f"{path}/{step}", body)).is_success, step
    rating = {"solved": "no", "stars": 1, "tags": [], "comment": ""}
    assert (await wife.put(f"{path.removeprefix('/station')}/rating", rating)).is_success

    assert (await phones["赵站长"].get("/station/call-backs")).json()["items"] == []


async def test_complaint_of_his_wife_is_answered_by_another(town, phone_of, phones):
    sun, wife = phones["孙站长"], await phone_of("sunqi")
    await household(sun.person_id, wife.person_id, now=NOW)
    body = {"about": "station", "station_id": town.stations["邻玉社工站"].id, "text": "把我的住处告诉了他"}

    made = await wife.post("/complaints", body)

    assert made.json()["answered_by"]["name"] == "市级服务台"
    assert (await sun.get(f"/station/complaints/{made.json()['id']}")).status_code == 404


QUESTION = {"name": "note", "label": "备注", "kind": "text", "options": [], "required": False}


async def test_answers_with_words_of_crisis_are_read_by_who_booked_alone(town, wife, phones):
    zhao, cry = phones["赵站长"], "他又打我，我不想活了"
    activity = await activities.activity(town, questions=[QUESTION])
    body = {"attendees": [{"person_id": wife.person_id}, {"person_id": zhao.person_id}], "answers": {"note": cry}}

    booked = await wife.post(f"/activities/{activity.id}/bookings", body)

    assert booked.status_code == 201, booked.text
    path = f"/bookings/{booked.json()['id']}"
    assert cry in (await wife.get(path)).text
    shown, contact = await zhao.get(path), await zhao.post(f"/station{path}/contact", {"reason": "联系"})
    assert shown.status_code == 200
    assert cry not in shown.text + contact.text


async def test_words_of_crisis_in_an_application_are_not_shown_to_staff(town, wife, phones):
    cry = "他又打我，我不想活了"
    await wife.put("/me/home", home(town))
    made = await wife.post("/volunteers", {"about": cry, "skills": [], "free_times": [], "show_in_rankings": False})
    assert made.status_code == 201, made.text

    [row] = (await phones["陈社工"].get("/station/volunteers")).json()["items"]
    shown = await phones["陈社工"].get(f"/station/volunteers/{row['id']}")

    assert shown.status_code == 200
    assert cry not in shown.text


async def test_place_given_at_the_counter_counts_at_once_and_after_it_was_left(town, phone_of, phones, clock):
    chen, lin, her = phones["陈社工"], phones["林社工"], await phone_of("shouhairen")
    for other in (her, chen):
        await lin.post("/station/people/look-ups", {"person_code": await code_of(other), "reason": "来访"})
    seated = {"person_id": chen.person_id, "household_member_id": her.person_id}
    assert (await lin.post("/station/households/members", seated)).status_code == 201
    need_id = await filed(her, town, category="elder_care", text="他打我，我不想活了")

    assert "打我" not in (await chen.get(f"/station/needs/{need_id}")).text
    clock.forward(minutes=1)
    assert (await chen.post("/household/leaving")).is_success
    assert "打我" not in (await chen.get(f"/station/needs/{need_id}")).text
    opened = await chen.post(f"/station/needs/{need_id}/crisis-opening", {"reason": "看看"})
    assert opened.status_code == 403


async def test_housemate_who_moved_in_later_reads_no_plea(town, phone_of, phones, clock):
    chen, her = phones["陈社工"], await phone_of("shouhairen")
    need_id = await filed(her, town, category="elder_care", text="买药")
    clock.forward(days=1)
    await households.create(by=her.person_id, now=clock.now())
    code, _ = await households.invite(by=her.person_id, now=clock.now())
    await households.join(code, by=chen.person_id, now=clock.now())

    await her.post(f"/needs/{need_id}/messages", {"text": "他又打我，我不想活了"})

    assert "打我" not in (await chen.get(f"/station/needs/{need_id}")).text
    assert chen.person_id not in {one.person_id for one in await Notice.filter(template="crisis")}
