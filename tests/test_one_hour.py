"""The story of one hour through HTTP: requested, claimed, served, paid, certified, rated, and redeemed for rice."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.domain.ledger.moving import adds_up
from tests.factories import City
from tests.factories.timebank import minutes
from tests.handlers.tasks.doing import ok, refused
from tests.people import Phone

STATION = "邻玉社工站"


@dataclass
class Cast:
    """The phones of the people in the story."""

    grandma: Phone
    li: Phone
    chen: Phone  # social worker
    zhao: Phone  # station head
    wei: Phone  # city officer


@pytest.fixture
async def cast(phone_of, phone_of_staff, town: City) -> Cast:
    """王奶奶 and 小李, who live in the same village, and their station's staff."""
    cast = Cast(
        await phone_of("wangnainai"),
        await phone_of("xiaoli"),
        await phone_of_staff("陈社工", STATION),
        await phone_of_staff("赵站长", STATION, head=True),
        await phone_of_staff("卫处长"),
    )
    for phone, name in ((cast.grandma, "王秀英"), (cast.li, "李志强")):
        await ok(await phone.change("/me", {"name": name}))
        await ok(await phone.put("/me/home", {"area_id": town.areas["团结村"].id}))
    return cast


async def test_help_of_one_hour_is_served_confirmed_and_paid(cast: Cast, town: City, clock, client):
    # The city gives the first star for two hours, so that somebody has one soon.
    first_star = {"value": 2, "source": "市民政局2026年3月试点通知"}
    assert (await ok(await cast.wei.put("/policies/star_1_hours", first_star)))["scope"] == "city"

    await _li_becomes_a_volunteer(cast)
    need = await _grandma_asks_for_help_and_offers_an_hour(cast, town, clock)
    task = await _chen_asks_volunteers_and_li_is_the_one(cast, need)
    await _li_helps_for_two_hours(cast, task, clock)
    await _it_is_confirmed_and_approved(cast, need, task)
    await _li_has_minutes_points_and_a_star(cast)
    await _anybody_may_verify_it(cast, client)
    await _grandma_rates_it_and_reads_it_all_in_one_thread(cast, need)
    await _li_brings_home_a_bag_of_rice(cast, town)
    await adds_up()


async def _li_becomes_a_volunteer(cast: Cast) -> None:
    """Check that no volunteer sees a task before the station published it."""
    wednesdays = {"weekday": 3, "from_minute": 540, "until_minute": 1080}
    told = {"about": "会量血压", "skills": ["elder_care"], "free_times": [wednesdays]}
    applied = await ok(await cast.li.post("/volunteers", told), 201)
    assert (applied["status_words"], applied["station"]["name"], applied["stars"]) == ("待审核", STATION, 0)
    assert refused(await cast.li.get("/tasks")) == (403, "role_required")

    [row] = (await ok(await cast.chen.get("/station/volunteers", params={"status": "applied"})))["items"]
    approved = await ok(await cast.chen.post(f"/station/volunteers/{row['id']}/approval"))
    assert (approved["name"], approved["status_words"]) == ("李**", "志愿者")


async def _grandma_asks_for_help_and_offers_an_hour(cast: Cast, town: City, clock) -> int:
    """Submit a need and offer minutes that her family gave her; nothing is held before a volunteer is asked."""
    await minutes(90, cast.grandma.person_id, town.stations[STATION], clock.now())
    told = {
        "category": "elder_care", "text": "想请人陪我去医院取药。", "contact_name": "王秀英",
        "contact_phone": "138 1234 5678", "place": "团结村3组", "may_share_contact": True,
    }  # fmt: skip
    need = (await ok(await cast.grandma.post("/needs", told), 201))["id"]
    offered = await ok(await cast.grandma.post(f"/needs/{need}/minutes-offer", {"minutes": 60}))
    assert (offered["minutes_offered"], offered["task"]) == (60, None)
    assert await _minutes(cast.grandma) == (90, 0)
    await ok(await cast.chen.post(f"/station/needs/{need}/acceptance"))
    await ok(await cast.zhao.post(f"/station/needs/{need}/assignment", {"worker_id": cast.chen.person_id}))
    await ok(await cast.chen.post(f"/station/needs/{need}/start"))
    return int(need)


async def _chen_asks_volunteers_and_li_is_the_one(cast: Cast, need: int) -> int:
    """The task has no personal data; after the confirmation he reads the contact, and she sees that he did."""
    told = {
        "title": "陪老人取药", "text": "陪同步行去医院取药。", "starts_at": "2026-03-11T10:00:00+08:00",
        "ends_at": "2026-03-11T12:00:00+08:00", "expected_minutes": 120, "payer": "beneficiary",
    }  # fmt: skip
    named = await cast.chen.post(f"/station/needs/{need}/task", {**told, "text": "陪王秀英取药"})
    assert refused(named) == (409, "personal_data_in_text")
    published = await ok(await cast.chen.post(f"/station/needs/{need}/task", told), 201)
    assert (published["held_minutes"], await _minutes(cast.grandma)) == (60, (90, 60))

    [seen] = (await ok(await cast.li.get("/tasks", params={"matching_only": "true"})))["items"]
    assert "王" not in str(seen)
    path = f"/tasks/{seen['id']}"
    assert (await ok(await cast.li.post(f"{path}/claim")))["status_words"] == "待站点确认"
    assert refused(await cast.li.post(f"{path}/contact", {"reason": "明天上门"})) == (409, "invalid_state")
    confirmed = await ok(await cast.chen.post(f"/station{path}/confirmation"))
    assert confirmed["volunteer"] == "李**"
    contact = await ok(await cast.li.post(f"{path}/contact", {"reason": "明天上门，需要地址"}))
    assert (contact["name"], contact["phone"], contact["place"]) == ("王秀英", "13812345678", "团结村3组")
    return int(seen["id"])


async def _li_helps_for_two_hours(cast: Cast, task: int, clock) -> None:
    """He checks in and out on Wednesday from ten to twelve."""
    assert refused(await cast.li.post(f"/tasks/{task}/start")) == (409, "too_early")
    clock.forward(days=1)
    await ok(await cast.li.post(f"/tasks/{task}/start"))
    clock.forward(hours=2)
    assert (await ok(await cast.li.post(f"/tasks/{task}/finish")))["status_words"] == "待确认服务"


async def _it_is_confirmed_and_approved(cast: Cast, need: int, task: int) -> None:
    """She confirms, then the station approves once: only now the minutes move."""
    [record] = (await ok(await cast.zhao.get("/station/service-records")))["items"]
    approval = f"/station/service-records/{record['id']}/approval"
    assert refused(await cast.zhao.post(approval)) == (409, "too_early")
    thread = await ok(await cast.grandma.post(f"/tasks/{task}/beneficiary-confirmation"))
    assert (thread["id"], thread["task"]["served_minutes"]) == (need, 120)
    assert (await _minutes(cast.grandma), await _minutes(cast.li)) == ((90, 60), (0, 0))

    approved = await ok(await cast.zhao.post(approval))
    assert (approved["status_words"], approved["minutes"], approved["spendable_minutes"]) == ("已通过", 120, 120)
    assert refused(await cast.chen.post(approval)) == (409, "invalid_state")
    [paid, _] = (await ok(await cast.grandma.get("/timebank/statement")))["items"]
    assert (paid["kind_words"], paid["amount"], paid["balance"]) == ("请人帮忙", -60, 30)
    assert await _minutes(cast.grandma) == (30, 0)


async def _li_has_minutes_points_and_a_star(cast: Cast) -> None:
    [line] = (await ok(await cast.li.get("/timebank/statement")))["items"]
    assert (line["kind_words"], line["amount"], line["balance"], line["note"]) == ("志愿服务", 120, 120, "陪老人取药")
    assert (await _minutes(cast.li), await _points(cast.li)) == ((120, 0), (20, 0))
    [line] = (await ok(await cast.li.get("/points/statement")))["items"]
    assert (line["kind_words"], line["amount"]) == ("志愿服务得积分", 20)
    mine = await ok(await cast.li.get("/volunteers/me"))
    assert (mine["served_minutes"], mine["stars"]) == (120, 1)


async def _anybody_may_verify_it(cast: Cast, client) -> None:
    """No session is needed, and the name is masked."""
    code = (await ok(await cast.li.post("/certificates"), 201))["code"]
    proof = await ok(await client.get(f"/api/v1/certificates/{code}"))
    told = (proof["name"], proof["served_minutes"], proof["stars"], proof["status_words"], proof["first_day"])
    assert told == ("李**", 120, 1, "有效", "2026-03-11")


async def _grandma_rates_it_and_reads_it_all_in_one_thread(cast: Cast, need: int) -> None:
    done = {"outcome": "志愿者已陪同取药。", "service_minutes": 10}
    await ok(await cast.chen.post(f"/station/needs/{need}/resolution", done))
    await ok(
        await cast.grandma.put(
            f"/needs/{need}/rating", {"solved": "partly", "stars": 5, "tags": ["kind"], "comment": "谢谢小李"}
        )
    )
    thread = await ok(await cast.grandma.get(f"/needs/{need}"))
    said = "\n".join(f"{line['actor']}：{line['message']}" for line in thread["timeline"])
    expected = (
        "您：需求已提交",
        "您：愿意用时间银行支付60分钟",
        "陈社工（邻玉社工站）：站点已受理",
        "已安排陈社工为您服务",
        "匿名发布给志愿者：陪老人取药",
        "志愿者李**：志愿者李**报名帮助您",
        "站点已确认由志愿者李**帮助您",
        "查看了您的联系方式，原因：明天上门，需要地址",
        "志愿者已签到",
        "志愿者已签退",
        "您：已确认志愿者的服务",
        "志愿服务已核实，共120分钟",
        "志愿者已陪同取药",
        "您：谢谢您的评价",
    )
    places = [said.find(words) for words in expected]
    assert -1 not in places, said
    assert places == sorted(places)


async def _li_brings_home_a_bag_of_rice(cast: Cast, town: City) -> None:
    """He pays with the points of his two hours; the code is valid once."""
    rice = await _rice_on_the_shelf(cast, town.stations[STATION].id)
    wanted = {"station_id": town.stations[STATION].id, "lines": [{"good_id": rice, "pieces": 1}]}
    order = await ok(await cast.li.post("/supermarket/orders", wanted), 201)
    assert (await _points(cast.li), await _pieces(cast, rice)) == ((20, 20), (10, 1))
    assert refused(await cast.li.post("/supermarket/orders", wanted)) == (409, "not_enough_points")

    ready = await ok(await cast.chen.post(f"/station/orders/{order['id']}/readiness"))
    assert (ready["person"], ready["status_words"]) == ("李志强", "待领取")
    code = (await ok(await cast.li.get(f"/supermarket/orders/{order['id']}")))["pickup_code"]
    shown = {"station_id": town.stations[STATION].id, "code": code}
    assert (await ok(await cast.chen.post("/station/orders/hand-over", shown)))["status_words"] == "已领取"
    assert refused(await cast.chen.post("/station/orders/hand-over", shown)) == (409, "invalid_pickup_code")
    assert (await _points(cast.li), await _pieces(cast, rice)) == ((0, 0), (9, 0))


async def _rice_on_the_shelf(cast: Cast, station_id: int) -> int:
    """A shop donated ten bags and is thanked in public."""
    listed = {"station_id": station_id, "name": "大米5公斤", "points_price": 20}
    rice = (await ok(await cast.zhao.post("/station/goods", listed), 201))["id"]
    await ok(await cast.chen.post(f"/station/goods/{rice}/donations", {"pieces": 10, "donor": "惠民粮油店"}), 201)
    [thanked] = (await ok(await cast.li.get("/supermarket/donations", params={"station": station_id})))["items"]
    assert (thanked["donor"], thanked["pieces"]) == ("惠民粮油店", 10)
    return int(rice)


async def _minutes(phone: Phone) -> tuple[int, int]:
    """Return the phone owner's minutes, and how many of them are on hold."""
    found = await ok(await phone.get("/timebank/balance"))
    return found["minutes"], found["held"]


async def _points(phone: Phone) -> tuple[int, int]:
    found: dict[str, Any] = await ok(await phone.get("/points/balance"))
    return found["points"], found["held"]


async def _pieces(cast: Cast, good: int) -> tuple[int, int]:
    found = await ok(await cast.chen.get(f"/station/goods/{good}"))
    return found["pieces_on_shelf"], found["pieces_held"]
