"""Service records on the phone: claimed, refused with a reason, listed."""

import io

import pytest
from PIL import Image

from server.models import Person, Policy, ServiceRecord
from tests.factories import records
from tests.factories.records import CLAIM, NOTHING, claim, path
from tests.factories.timebank import minutes_of


@pytest.fixture
async def town(client, phone_of):
    return await records.town(phone_of)


async def test_back_entered_time_becomes_honour(town):
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


async def test_back_entered_time_becomes_spendable_by_exception(town):
    record_id = (await claim(town)).json()["id"]
    await town.worker.post(path(record_id, "/review"), {})

    approved = await town.head.post(path(record_id, "/approval"), {"minutes": 90, "exception_reason": "停电"})

    assert (approved.json()["minutes"], approved.json()["spendable_minutes"]) == (90, 90)
    shown = (await town.worker.get(path(record_id))).json()
    assert (shown["exception_reason"], shown["uncounted_minutes"], shown["reviewed_by"]) == ("停电", 30, "陈社工")
    assert await minutes_of(town.li.person_id) == 90


async def test_claim_with_the_same_key_is_made_once(town):
    first = await claim(town, key="one-claim-alone")

    again = await claim(town, key="one-claim-alone")
    other = await claim(town, key="one-claim-alone", text="别的")

    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert await ServiceRecord.all().count() == 1


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"started_at": "2026-03-10T09:30:00+08:00", "ended_at": "2026-03-10T10:01:00+08:00"}, 409, "too_early"),
        ({"started_at": "2025-12-09T14:00:00+08:00", "ended_at": "2025-12-09T16:00:00+08:00"}, 409, "deadline_passed"),
        ({"ended_at": "2026-03-09T14:00:00+08:00"}, 409, "invalid_service_time"),
        ({"ended_at": "2026-03-09T14:00:59+08:00"}, 409, "invalid_service_time"),
        ({"started_at": "2026-03-08T15:00:00+08:00"}, 409, "invalid_service_time"),
        ({"started_at": "2026-03-09T05:59:00+08:00"}, 409, "limit_reached"),
        ({"started_at": "2026-03-09T14:00:00"}, 400, "bad_input"),
        ({"started_at": 1773000000}, 400, "bad_input"),
        ({"station_id": 777}, 409, "station_not_operating"),
        ({"station_id": 2**63}, 400, "bad_input"),
        ({"text": " "}, 400, "bad_input"),
        ({"minutes": 5}, 400, "bad_input"),
        ({"photo_ids": [1]}, 409, "photo_not_available"),
        ({"photo_ids": list(range(1, 11))}, 400, "bad_input"),
    ],
)
async def test_invalid_claim_is_refused_and_changes_no_ledger(town, wrong, status, code):
    answer = await claim(town, **wrong)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await ServiceRecord.all().count() == 0
    assert await records.written() == NOTHING


async def test_overlap_by_one_minute_names_the_other_record(town):
    await claim(town)

    answer = await claim(town, started_at="2026-03-09T15:59:00+08:00", ended_at="2026-03-09T17:00:00+08:00")

    assert (answer.status_code, answer.json()["code"]) == (409, "time_conflict")
    assert answer.json()["details"]["started_at"] == "2026-03-09T14:00:00+08:00"
    assert answer.json()["message"] == "这段时间与您已登记的另一次服务重叠，请核对起止时间"


async def test_claim_beyond_the_month_or_at_another_station_is_refused(town):
    await Policy.create(name="monthly_back_entry_minutes_limit", scope="city", value=119, source="测试")
    full = await claim(town)
    elsewhere = await claim(town, station_id=town.stations["蓝田社工站"].id)

    assert (full.json()["code"], full.json()["details"]) == (
        "limit_reached",
        {"month": "2026-03", "left": 119},
    )
    assert elsewhere.json()["code"] == "not_served_at_station"


async def test_claim_by_a_person_who_is_no_volunteer_is_refused(town):
    answer = await town.worker.post("/service-records", {"station_id": town.station.id, **CLAIM})

    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")


async def test_photos_of_a_claim_are_visible_to_the_volunteer_and_the_station(town):
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 0, 0)).save(picture, "PNG")
    uploaded = await town.li.post("/photos", files={"photo": ("a.png", picture.getvalue(), "image/png")})
    record_id = (await claim(town, photo_ids=[uploaded.json()["id"]])).json()["id"]

    shown = [await phone.get(path(record_id)) for phone in (town.worker, town.officer)]

    assert [len(one.json()["photos"]) for one in shown] == [1, 0]
    assert [one.json()["text"] for one in shown] == ["陪老人就医", ""]
    assert len((await town.li.get(f"/service-records/{record_id}")).json()["photos"]) == 1


async def test_list_masks_names_and_detail_shows_the_station_the_whole_name(town):
    record_id = (await claim(town)).json()["id"]

    [row] = (await town.worker.get("/station/service-records")).json()["items"]
    names = [(await phone.get(path(record_id))).json()["name"] for phone in (town.worker, town.officer)]

    assert (row["id"], row["name"], row["person_id"]) == (record_id, "李**", town.li.person_id)
    assert names == ["李志强", "李**"]


async def test_volunteer_without_a_name_is_shown_as_unnamed(town):
    record_id = (await claim(town)).json()["id"]
    await Person.filter(id=town.li.person_id).update(name=None)

    [row] = (await town.worker.get("/station/service-records")).json()["items"]

    assert row["name"] == "未留姓名"
    assert (await town.worker.get(path(record_id))).json()["name"] == "未留姓名"


async def paged(phone, where):
    """Return the ids of a list, read in pages of one."""
    ids, after = [], None
    while True:
        window = f"limit=1&after={after}" if after else "limit=1"
        page = (await phone.get(f"{where}{'&' if '?' in where else '?'}{window}")).json()
        ids += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            return ids


async def test_lists_have_pages(town, clock):
    made = []
    for hour in (14, 15, 16):
        moments = {"started_at": f"2026-03-09T{hour}:00:00+08:00", "ended_at": f"2026-03-09T{hour}:30:00+08:00"}
        made.append((await claim(town, **moments)).json()["id"])
        clock.forward(minutes=1)

    assert await paged(town.li, "/service-records") == made[::-1]
    assert await paged(town.worker, "/station/service-records") == made
    assert await paged(town.worker, "/station/service-records?status=approved") == []
    assert await paged(town.worker, "/service-records") == []


async def test_record_of_another_person_is_not_found(town):
    record_id = (await claim(town)).json()["id"]

    answer = await town.worker.get(f"/service-records/{record_id}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
