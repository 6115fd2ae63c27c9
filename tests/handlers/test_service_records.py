"""Service records, through HTTP: claimed on the phone, decided at the station, paid once."""

import asyncio
import io
from datetime import timedelta

import pytest
from PIL import Image

from server.domain.tasks import offering
from server.models import Payer, Person, Policy, RoleKind, ServiceRecord
from tests import make, make_records, make_tasks, make_timebank, make_volunteers
from tests.conftest import NOW
from tests.make_stations import phone_with_role
from tests.make_timebank import minutes_of

CLAIM = {"started_at": "2026-03-09T14:00:00+08:00", "ended_at": "2026-03-09T16:00:00+08:00", "text": "陪老人就医"}
NOTHING = ([], [], [], [])


@pytest.fixture
async def town(client, phone_of, clock):
    """The small city beside the application: 小李 who volunteers, and phones of 邻玉社工站's people."""
    made = await make.city(NOW)
    made.station = station = made.stations["邻玉社工站"]
    await make.Role.filter(kind=RoleKind.STATION_HEAD, station=station).delete()
    made.head = await phone_with_role(phone_of, "站长", RoleKind.STATION_HEAD, station=station)
    made.worker = await phone_with_role(phone_of, "社工", RoleKind.SOCIAL_WORKER, station=station)
    made.officer = await phone_with_role(phone_of, "科长", RoleKind.COUNTY_OFFICER, area=made.areas["江阳区"])
    made.li = await phone_of("xiaoli")
    for phone, name in ((made.li, "李志强"), (made.worker, "陈社工")):
        await Person.filter(id=phone.person_id).update(name=name)
    made.volunteer = await make_volunteers.approved(await Person.get(id=made.li.person_id), station, NOW)
    return made


async def claim(town, key=None, **more):
    return await town.li.post("/service-records", {"station_id": town.station.id, **CLAIM, **more}, key=key)


def path(record_id, verb=""):
    return f"/station/service-records/{record_id}{verb}"


async def verified(town, **more):
    person = await Person.get(id=town.li.person_id)
    return (await make_records.record(town, person, **{"began": NOW - timedelta(days=2), **more})).id


async def test_back_entered_time_goes_from_the_phone_to_honour(town):
    claimed = await claim(town)
    assert (claimed.status_code, claimed.json()["status_words"]) == (201, "待核实")
    record_id = claimed.json()["id"]

    reviewed = await town.worker.post(path(record_id, "/review"), {})
    approved = await town.head.post(path(record_id, "/approval"), {})

    assert (reviewed.json()["status_words"], approved.json()["status_words"]) == ("已初审", "已通过")
    own = (await town.li.get(f"/service-records/{record_id}")).json()
    assert (own["minutes"], own["uncounted_minutes"], own["spendable_minutes"]) == (120, 0, 0)
    assert (own["verified"], own["source"], own["task_id"], own["photos"]) == (False, "claim", None, [])
    assert (await town.li.get("/volunteers/me")).json()["served_minutes"] == 120
    assert await minutes_of(town.li.person_id) == 0


async def test_the_head_may_say_that_it_can_be_spent(town):
    record_id = (await claim(town)).json()["id"]
    await town.worker.post(path(record_id, "/review"), {})

    approved = await town.head.post(path(record_id, "/approval"), {"minutes": 90, "exception_reason": "停电"})

    assert (approved.json()["minutes"], approved.json()["spendable_minutes"]) == (90, 90)
    shown = (await town.worker.get(path(record_id))).json()
    assert (shown["exception_reason"], shown["uncounted_minutes"], shown["reviewed_by"]) == ("停电", 30, "陈社工")
    assert await minutes_of(town.li.person_id) == 90


async def test_the_same_key_claims_once(town):
    first = await claim(town, key="one-claim-alone")

    again = await claim(town, key="one-claim-alone")
    other = await claim(town, key="one-claim-alone", text="别的")

    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert await ServiceRecord.all().count() == 1


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"started_at": "2026-03-10T09:30:00+08:00", "ended_at": "2026-03-10T10:01:00+08:00"}, 409, "future_service"),
        ({"started_at": "2025-12-09T14:00:00+08:00", "ended_at": "2025-12-09T16:00:00+08:00"}, 409, "service_too_old"),
        ({"ended_at": "2026-03-09T14:00:00+08:00"}, 409, "service_time_wrong"),
        ({"ended_at": "2026-03-09T14:00:59+08:00"}, 409, "service_time_wrong"),
        ({"started_at": "2026-03-08T15:00:00+08:00"}, 409, "service_time_wrong"),
        ({"started_at": "2026-03-09T05:59:00+08:00"}, 409, "service_day_full"),
        ({"started_at": "2026-03-09T14:00:00"}, 400, "bad_input"),
        ({"started_at": 1773000000}, 400, "bad_input"),
        ({"station_id": 777}, 409, "station_not_open"),
        ({"station_id": 2**63}, 400, "bad_input"),
        ({"text": " "}, 400, "bad_input"),
        ({"minutes": 5}, 400, "bad_input"),
        ({"photo_ids": [1]}, 409, "photos_not_yours"),
        ({"photo_ids": list(range(1, 11))}, 400, "bad_input"),
    ],
)
async def test_a_wrong_claim_is_refused_with_its_reason_and_the_ledger_unchanged(town, wrong, status, code):
    answer = await claim(town, **wrong)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await ServiceRecord.all().count() == 0
    assert await make_records.written() == NOTHING


async def test_an_overlap_by_one_minute_names_the_other(town):
    await claim(town)

    answer = await claim(town, started_at="2026-03-09T15:59:00+08:00", ended_at="2026-03-09T17:00:00+08:00")

    assert (answer.status_code, answer.json()["code"]) == (409, "service_overlaps")
    assert answer.json()["details"]["started_at"] == "2026-03-09T14:00:00+08:00"
    assert answer.json()["message"] == "这段时间与您已登记的另一次服务重叠，请核对起止时间"


async def test_beyond_a_month_or_elsewhere_nothing_is_back_entered(town):
    await Policy.create(name="back_entered_minutes_a_month", scope="city", value=119, source="测试")
    full = await claim(town)
    elsewhere = await claim(town, station_id=town.stations["蓝田社工站"].id)

    assert (full.json()["code"], full.json()["details"]) == (
        "service_month_full",
        {"month": "2026-03", "left_minutes": 119},
    )
    assert elsewhere.json()["code"] == "not_served_there"


async def test_who_is_no_volunteer_claims_nothing(town):
    answer = await town.worker.post("/service-records", {"station_id": town.station.id, **CLAIM})

    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_volunteer")


async def test_photos_of_a_claim_are_seen_by_who_claimed_and_by_the_station_alone(town):
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 0, 0)).save(picture, "PNG")
    uploaded = await town.li.post("/photos", files={"photo": ("a.png", picture.getvalue(), "image/png")})
    record_id = (await claim(town, photo_ids=[uploaded.json()["id"]])).json()["id"]

    shown = [await phone.get(path(record_id)) for phone in (town.worker, town.officer)]

    assert [len(one.json()["photos"]) for one in shown] == [1, 0]
    assert [one.json()["text"] for one in shown] == ["陪老人就医", ""]
    assert len((await town.li.get(f"/service-records/{record_id}")).json()["photos"]) == 1


async def test_lists_show_masked_names_and_one_record_the_whole_to_its_station(town):
    record_id = (await claim(town)).json()["id"]

    [row] = (await town.worker.get("/station/service-records")).json()["items"]
    names = [(await phone.get(path(record_id))).json()["name"] for phone in (town.worker, town.officer)]

    assert (row["id"], row["name"], row["person_id"]) == (record_id, "李**", town.li.person_id)
    assert names == ["李志强", "李**"]


async def test_who_left_no_name_is_shown_as_that(town):
    record_id = (await claim(town)).json()["id"]
    await Person.filter(id=town.li.person_id).update(name=None)

    [row] = (await town.worker.get("/station/service-records")).json()["items"]

    assert row["name"] == "未留姓名"
    assert (await town.worker.get(path(record_id))).json()["name"] == "未留姓名"


async def paged(phone, where):
    """The ids of a list, read in pages of one."""
    ids, after = [], None
    while True:
        window = f"limit=1&after={after}" if after else "limit=1"
        page = (await phone.get(f"{where}{'&' if '?' in where else '?'}{window}")).json()
        ids += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            return ids


async def test_lists_come_page_by_page(town, clock):
    made = []
    for hour in (14, 15, 16):
        moments = {"started_at": f"2026-03-09T{hour}:00:00+08:00", "ended_at": f"2026-03-09T{hour}:30:00+08:00"}
        made.append((await claim(town, **moments)).json()["id"])
        clock.forward(minutes=1)

    assert await paged(town.li, "/service-records") == made[::-1]
    assert await paged(town.worker, "/station/service-records") == made
    assert await paged(town.worker, "/station/service-records?status=approved") == []
    assert await paged(town.worker, "/service-records") == []


async def test_nobody_reads_anothers_record(town):
    record_id = (await claim(town)).json()["id"]

    answer = await town.worker.get(f"/service-records/{record_id}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_approved_at_once_by_several_it_is_paid_once(town):
    record_id = await verified(town)

    answers = await asyncio.gather(
        *(phone.post(path(record_id, "/approval"), {}) for phone in (town.worker, town.head) * 4)
    )

    assert sorted(one.status_code for one in answers) == [200] + [409] * 7
    assert {one.json().get("code") for one in answers} == {None, "record_not_now"}
    assert await minutes_of(town.li.person_id) == 60
    await make_records.adds_up()


async def test_the_same_key_approves_once_and_answers_the_same(town):
    record_id = await verified(town)

    first = await town.worker.post(path(record_id, "/approval"), {}, key="one-approval")
    again = await town.worker.post(path(record_id, "/approval"), {}, key="one-approval")

    assert (first.status_code, first.text) == (again.status_code, again.text)
    assert await minutes_of(town.li.person_id) == 60


@pytest.mark.parametrize("amount", [0, -1, 1.5, "60", 2**63, True])
async def test_no_amount_is_approved_and_the_ledger_unchanged(town, amount):
    record_id = await verified(town)

    answer = await town.worker.post(path(record_id, "/approval"), {"minutes": amount})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert await make_records.written() == NOTHING


async def test_each_no_of_an_approval_says_what_is_missing(town):
    record_id, entered = await verified(town), (await claim(town)).json()["id"]
    asked = {
        path(record_id, "/approval"): ({"minutes": 61}, 409, "minutes_beyond_served"),
        path(record_id, "/review"): ({}, 409, "review_not_needed"),
        path(record_id, "/reversal"): ({"reason": "错"}, 403, "not_head"),
        path(entered, "/approval"): ({}, 409, "review_first"),
        path(entered, "/review"): ({"exception_reason": "停电"}, 403, "not_head"),
        path(777, "/approval"): ({}, 404, "not_found"),
    }

    for where, (body, status, code) in asked.items():
        answer = await town.worker.post(where, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await make_records.written() == NOTHING


async def test_who_looked_first_does_not_approve_and_nobody_their_own(town):
    record_id = (await claim(town)).json()["id"]
    await town.worker.post(path(record_id, "/review"), {})
    worker = await Person.get(id=town.worker.person_id)
    await make_volunteers.approved(worker, town.station, NOW)
    own = await make_records.record(town, worker)

    again = await town.worker.post(path(record_id, "/approval"), {})
    itself = await town.worker.post(path(own.id, "/approval"), {})

    assert (again.status_code, again.json()["code"]) == (403, "second_reviewer")
    assert (itself.status_code, itself.json()["code"]) == (403, "own_service_record")
    assert await make_records.written() == NOTHING


async def test_a_declined_record_says_why(town):
    record_id = await verified(town)

    declined = await town.worker.post(path(record_id, "/refusal"), {"reason": "没有来"})

    assert declined.json()["status_words"] == "未通过"
    assert (await town.li.get(f"/service-records/{record_id}")).json()["decision"] == "没有来"
    assert (await town.worker.get(path(record_id))).json()["decision"] == "没有来"
    assert (await town.officer.get(path(record_id))).json()["decision"] == ""


async def test_an_approval_is_turned_back_once_unless_it_was_spent(town):
    record_id, spent = await verified(town), await verified(town, began=NOW.replace(day=5))
    for one in (record_id, spent):
        await town.worker.post(path(one, "/approval"), {})

    turned = await town.head.post(path(record_id, "/reversal"), {"reason": "时间记错"})
    again = await town.head.post(path(record_id, "/reversal"), {"reason": "时间记错"})
    await town.li.post("/timebank/donations", {"station_id": town.station.id, "minutes": 60})
    late = await town.head.post(path(spent, "/reversal"), {"reason": "时间记错"})

    assert (turned.json()["status_words"], again.json()["code"]) == ("已撤销", "record_not_now")
    assert (late.status_code, late.json()["code"]) == (409, "not_enough_minutes")
    assert late.json()["message"] == "时间银行的分钟数不足"
    await make_records.adds_up()


async def test_help_for_grandma_is_confirmed_approved_and_paid(town, phone_of, clock):
    """From her phone: she offers minutes, confirms, and is told; 小李 has what she paid and more."""
    grandma = await phone_of("wangnainai")
    await Person.filter(id=grandma.person_id).update(name="王秀英", home_id=town.areas["团结村"].id)
    await make_timebank.minutes(100, grandma.person_id, town.station, NOW)
    need = await make_tasks.need(town, by=grandma.person_id)
    await offering.offer(need.id, 30, by=grandma.person_id, now=NOW)
    task = await make_tasks.published(town, need, payer=Payer.BENEFICIARY)
    finished = await make_tasks.finished(town, task, town.volunteer)
    clock.set(finished.finished_at)
    record_id = (await make_records.of_task(task)).id

    early = await town.worker.post(path(record_id, "/approval"), {})
    assert (early.status_code, early.json()["code"]) == (409, "not_confirmed_yet")
    await make_records.confirm(task, grandma.person_id)
    assert (await town.worker.get(path(record_id))).json()["confirmed_by"] == "服务对象"
    await town.worker.post(path(record_id, "/approval"), {})

    assert await minutes_of(grandma.person_id) == 70
    assert await minutes_of(town.li.person_id) == 60
    await make_records.adds_up()


async def test_silence_is_explained_and_staff_who_asked_are_named(town, clock):
    first = await make_tasks.finished(town, by=town.volunteer)
    record_id = (await make_records.of_task(first)).id
    clock.set(first.finished_at)
    clock.forward(days=7)

    unexplained = await town.worker.post(path(record_id, "/approval"), {})
    assert (unexplained.status_code, unexplained.json()["code"]) == (409, "silence_unexplained")
    await make_records.confirm(first, town.worker.person_id)

    assert (await town.head.get(path(record_id))).json()["confirmed_by"] == "陈社工"
    assert (await town.head.post(path(record_id, "/approval"), {"reason": "已电话核实"})).status_code == 200
