"""Points on the phone and at the station: rules, deeds, public notices, objections, expiry."""

import io
from datetime import datetime

import pytest
from PIL import Image

from server.domain.points import public_notices
from server.models import Earning, EarningStatus, Entry, Policy, PublicNotice, RoleKind
from tests import factories
from tests.conftest import NOW
from tests.factories import points
from tests.factories.stations import phone_with_role

RULE = {"kind": "deed", "title": "参加院坝会", "points": 5, "daily_cap": 10, "monthly_cap": 60}


@pytest.fixture
async def town(client, phone_of, clock):
    """The small city beside the application, and phones of 邻玉社工站's people."""
    made = await factories.city(NOW)
    station = made.stations["邻玉社工站"]
    made.station = station
    # 赵站长 heads the station already and has no phone here, so another head replaces him.
    await factories.Role.filter(kind=RoleKind.STATION_HEAD, station=station).delete()
    made.head = await phone_with_role(phone_of, "赵站长", RoleKind.STATION_HEAD, station=station)
    made.worker = await phone_with_role(phone_of, "陈社工", RoleKind.SOCIAL_WORKER, station=station)
    made.colleague = await phone_with_role(phone_of, "林社工", RoleKind.SOCIAL_WORKER, station=station)
    made.resident = await phone_of("wangnainai")
    await factories.Person.filter(id=made.resident.person_id).update(name="王秀英")
    made.neighbour = await phone_of("liushen")
    return made


async def write_rule(town, **more):
    answer = await town.head.post("/station/earning-rules", {"station_id": town.station.id, **RULE, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def claim(town, rule, /, **more):
    told = {"station_id": town.station.id, "rule_id": rule, "text": "打扫楼道", "day": "2026-03-10", **more}
    return await town.resident.post("/points/deeds", told)


async def listed_line(town, **more):
    """Return the id of 王奶奶's entry, listed by the head."""
    claimed = (await claim(town, await write_rule(town, public_notice=True, **more))).json()
    assert (await town.worker.post(f"/station/deeds/{claimed['id']}/approval")).json()["status"] == "waiting"
    told = {"station_id": town.station.id, "title": "三月积分公示"}
    assert (await town.head.post("/station/public-notices", told)).status_code == 201
    return claimed["id"]


async def test_deed_claimed_on_the_phone_becomes_points(town):
    rule_id = await write_rule(town)
    claimed = await claim(town, rule_id)
    assert (claimed.status_code, claimed.json()["status_words"], claimed.json()["points"]) == (201, "待审核", 5)

    approved = await town.worker.post(f"/station/deeds/{claimed.json()['id']}/approval")

    assert (approved.status_code, approved.json()["status"]) == (200, "granted")
    assert await points.has(town.resident.person_id) == 5
    [own] = (await town.resident.get("/points/deeds")).json()["items"]
    assert (own["title"], own["text"], own["status_words"]) == ("参加院坝会", "打扫楼道", "已到账")


async def test_staff_of_the_station_read_the_deed_and_officers_only_that_it_waits(town, phone_of):
    await claim(town, await write_rule(town))
    officer = await phone_with_role(phone_of, "冯科长", RoleKind.COUNTY_OFFICER, area=town.areas["江阳区"])

    [for_worker] = (await town.worker.get("/station/deeds")).json()["items"]
    [for_officer] = (await officer.get("/station/deeds")).json()["items"]

    assert (for_worker["text"], for_worker["at_counter"]) == ("打扫楼道", False)
    assert (for_worker["name"], for_worker["person_id"] is not None) == ("王**", True)
    assert (for_officer["name"], for_officer["person_id"], for_officer["text"]) == ("王**", None, None)


async def paged(phone, path):
    """Return the ids of a list, read in pages of one."""
    ids, after = [], None
    while True:
        window = f"limit=1&after={after}" if after else "limit=1"
        page = (await phone.get(f"{path}{'&' if '?' in path else '?'}{window}")).json()
        ids += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            return ids


async def test_deeds_have_pages_newest_first_for_the_owner_and_oldest_first_for_staff(town, clock):
    rule_id, made = await write_rule(town), []
    for day in ("2026-03-08", "2026-03-09", "2026-03-10"):
        made.append((await claim(town, rule_id, day=day)).json()["id"])
        clock.forward(minutes=1)

    assert await paged(town.resident, "/points/deeds") == made[::-1]
    assert await paged(town.worker, "/station/deeds") == made
    assert await paged(town.neighbour, "/points/deeds") == []


async def test_person_without_a_name_is_shown_as_unnamed(town):
    rule_id = await write_rule(town)
    told = {"station_id": town.station.id, "rule_id": rule_id, "text": "清扫", "day": "2026-03-09"}
    await town.neighbour.post("/points/deeds", told)

    assert [one["name"] for one in (await town.worker.get("/station/deeds")).json()["items"]] == ["未留姓名"]


async def test_refused_deed_shows_the_reason(town):
    claimed = (await claim(town, await write_rule(town))).json()

    refused = await town.worker.post(f"/station/deeds/{claimed['id']}/refusal", {"reason": "当天没有院坝会"})

    assert refused.json()["status_words"] == "未通过"
    assert (await town.resident.get("/points/deeds")).json()["items"][0]["decision"] == "当天没有院坝会"
    assert await Entry.all().count() == 0


async def test_approval_by_the_worker_who_entered_the_deed_is_refused(town):
    rule_id = await write_rule(town)
    await claim(town, rule_id)
    told = {"station_id": town.station.id, "rule_id": rule_id, "text": "清扫", "day": "2026-03-09"}
    entered = await town.worker.post("/station/deeds", {**told, "person_id": town.resident.person_id})
    path = f"/station/deeds/{entered.json()['id']}/approval"

    refused = await town.worker.post(path)

    assert (refused.status_code, refused.json()["code"]) == (403, "conflict_of_interest")
    assert (await town.colleague.post(path)).json()["status"] == "granted"


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"day": "2026-03-11"}, 409, "date_out_of_range"),
        ({"day": "2026-01-01"}, 409, "date_out_of_range"),
        ({"day": "昨天"}, 400, "bad_input"),
        ({"rule_id": 7}, 409, "rule_not_available"),
        ({"text": ""}, 400, "bad_input"),
        ({"points": 500}, 400, "bad_input"),
        ({"photo_ids": [1]}, 409, "photo_not_available"),
    ],
)
async def test_invalid_deed_is_refused_and_changes_no_ledger(town, wrong, status, code):
    answer = await claim(town, await write_rule(town), **wrong)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await Earning.all().count() == await Entry.all().count() == 0


@pytest.mark.parametrize("amount", [0, -5, 1.5, 2**63, "5", True, None])
async def test_rule_with_an_invalid_amount_is_refused(town, amount):
    answer = await town.head.post("/station/earning-rules", {"station_id": town.station.id, **RULE, "points": amount})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")


async def test_deed_beyond_the_cap_is_refused(town):
    rule_id = await write_rule(town)
    for _ in range(2):
        await claim(town, rule_id)

    answer = await claim(town, rule_id)

    assert (answer.status_code, answer.json()["message"]) == (409, "这项积分当天或当月已达到上限")


async def test_photos_of_a_deed_are_shown(town):
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    sent = await town.resident.call("POST", "/photos", files={"photo": ("a.png", picture.getvalue(), "image/png")})

    claimed = await claim(town, await write_rule(town), photo_ids=[sent.json()["id"]])

    [photo] = claimed.json()["photos"]
    [seen] = (await town.worker.get("/station/deeds")).json()["items"][0]["photos"]
    assert (await town.worker.client.get(seen["small"])).status_code == 200
    assert photo["id"] == seen["id"]


async def test_changed_rule_is_public(town, client):
    rule_id = await write_rule(town)
    changed = await town.head.change(f"/station/earning-rules/{rule_id}", {"points": 6})
    assert (changed.json()["points"], changed.json()["daily_cap"]) == (6, 10)

    public = (await client.get(f"/api/v1/points/rules?station={town.station.id}")).json()["items"]
    assert [(one["rule_id"], one["kind"], one["points"]) for one in public] == [
        (None, "hour", 10),
        (rule_id, "deed", 6),
    ]
    for wrong in ({"daily_cap": 5}, {"monthly_cap": 9}):
        assert (await town.head.change(f"/station/earning-rules/{rule_id}", wrong)).status_code == 409
    assert (await town.head.change(f"/station/earning-rules/{rule_id}", {"title": "改名"})).status_code == 400


async def test_rules_for_staff_have_pages(town):
    for title in ("甲", "乙", "丙"):
        await write_rule(town, title=title)

    first = (await town.worker.get("/station/earning-rules", params={"limit": 2})).json()
    rest = (await town.worker.get("/station/earning-rules", params={"after": first["next"], "limit": 2})).json()

    assert {one["title"] for one in first["items"] + rest["items"]} == {"甲", "乙", "丙"}
    assert rest["next"] is None


async def test_public_notice_masks_names_and_hides_texts(town, client):
    line = await listed_line(town)
    [notice] = (await client.get(f"/api/v1/public-notices?station={town.station.id}")).json()["items"]

    page = await client.get(f"/api/v1/public-notices/{notice['id']}")

    assert page.json()["items"] == [
        {"id": line, "name": "王**", "title": "参加院坝会", "points": 5, "status": "listed", "status_words": "公示中"}
    ]
    assert "打扫楼道" not in page.text
    assert (notice["ended"], notice["ends_at"]) == (False, "2026-03-17T17:30:00+08:00")


async def test_entries_of_a_notice_have_pages(town, client):
    rule_id = await write_rule(town, public_notice=True)
    for _ in range(2):
        claimed = (await claim(town, rule_id)).json()
        await town.worker.post(f"/station/deeds/{claimed['id']}/approval")
    told = {"station_id": town.station.id, "title": "公示"}
    notice = (await town.head.post("/station/public-notices", told)).json()

    first = (await client.get(f"/api/v1/public-notices/{notice['id']}?limit=1")).json()
    rest = (await client.get(f"/api/v1/public-notices/{notice['id']}?limit=5&after={first['next']}")).json()

    assert len({one["id"] for one in first["items"] + rest["items"]}) == 2
    assert (rest["next"], (await client.get("/api/v1/public-notices/7")).status_code) == (None, 404)


async def test_objection_is_decided_by_uninvolved_staff(town):
    line = await listed_line(town)
    made = await town.neighbour.post(f"/public-notices/entries/{line}/objection", {"reason": "那天她在外地"})
    assert (made.status_code, made.json()["granted"]) == (201, None)
    [seen] = (await town.colleague.get("/station/objections")).json()["items"]
    assert (seen["reason"], seen["owner"]) == ("那天她在外地", "王**")
    decision = {"granted": True, "reason": "经核实不属实"}
    path = f"/station/objections/{seen['id']}/decision"
    assert (await town.worker.post(path, decision)).json()["code"] == "conflict_of_interest"

    decided = await town.colleague.post(path, decision)

    assert decided.json() == {"id": seen["id"], "granted": True, "entry_status": "refused"}
    [mine] = (await town.neighbour.get("/points/objections")).json()["items"]
    assert (mine["decision"], mine["granted"]) == ("经核实不属实", True)
    assert (await town.head.post(path, decision)).json()["code"] == "already_decided"


async def test_notices_and_objections_have_pages(town, clock):
    lines = []
    for title in ("甲", "乙"):
        lines.append(await listed_line(town, title=title))
        clock.forward(minutes=1)
    made = []
    for line in lines:
        objected = await town.neighbour.post(f"/public-notices/entries/{line}/objection", {"reason": "不实"})
        made.append(objected.json()["id"])
        clock.forward(minutes=1)

    notices = await paged(town.neighbour, f"/public-notices?station={town.station.id}")
    assert notices == list(await PublicNotice.all().order_by("-published_at").values_list("id", flat=True))
    assert await paged(town.neighbour, "/points/objections") == made[::-1]
    assert await paged(town.colleague, "/station/objections") == made


async def test_second_objection_and_objection_to_own_points_are_refused(town):
    path = f"/public-notices/entries/{await listed_line(town)}/objection"
    assert (await town.resident.post(path, {"reason": "不要"})).json()["code"] == "conflict_of_interest"
    await town.neighbour.post(path, {"reason": "不实"})

    assert (await town.neighbour.post(path, {"reason": "不实"})).json()["code"] == "already_submitted"
    assert (await town.colleague.get("/station/objections", params={"decided": "true"})).json()["items"] == []


async def test_objection_after_the_end_is_refused(town, client, clock):
    line = await listed_line(town)
    notice = await PublicNotice.get()
    clock.set(notice.ends_at)
    await public_notices.end(notice.id, now=clock.now())

    answer = await town.neighbour.post(f"/public-notices/entries/{line}/objection", {"reason": "不实"})

    assert (answer.status_code, answer.json()["code"]) == (409, "deadline_passed")
    assert (await client.get(f"/api/v1/public-notices/{notice.id}")).json()["notice"]["ended"] is True
    assert (await Earning.get()).status == EarningStatus.GRANTED


async def test_too_many_objections_are_refused(town):
    line = await listed_line(town)
    answers = [
        await town.neighbour.post(f"/public-notices/entries/{line}/objection", {"reason": "不实"}) for _ in range(11)
    ]

    assert [one.status_code for one in answers] == [201, *[409] * 9, 429]


async def test_notice_without_waiting_points_is_refused(town):
    answer = await town.head.post("/station/public-notices", {"station_id": town.station.id, "title": "公示"})

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_publish")


async def test_next_expiry_is_shown(town):
    assert (await town.resident.get("/points/expiring")).json() == {"points": 0, "expires_on": None}
    await Policy.create(name="points_expiry_years", scope="city", value=1, source="测试")
    earned_at = datetime.fromisoformat("2025-05-01T00:00:00+08:00")
    await points.give(town.resident.person_id, town.station.id, 30, earned_at)

    assert (await town.resident.get("/points/expiring")).json() == {"points": 30, "expires_on": "2027-01-01"}
