"""Orders, through HTTP: points are redeemed on the phone, goods are picked up at the counter."""

import asyncio
from datetime import timedelta

import pytest

from server.models import Good, Order, Person, RoleKind, Station
from tests import factories
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up, rows
from tests.domain.orders.shop import pieces_of, points_of
from tests.factories import supermarket
from tests.factories.households import household
from tests.factories.stations import phone_with_role
from tests.factories.timebank import points

ORDERS = "/supermarket/orders"


@pytest.fixture
async def station(app) -> Station:
    return (await factories.city(NOW)).stations["邻玉社工站"]


@pytest.fixture
async def worker(phone_of, station):
    return await phone_with_role(phone_of, "陈社工", RoleKind.SOCIAL_WORKER, station=station)


@pytest.fixture
async def li(phone_of, station):
    """小李 with 300 points."""
    phone = await phone_of("xiaoli")
    await Person.filter(id=phone.person_id).update(name="李明")
    await points(300, phone.person_id, station, NOW)
    return phone


@pytest.fixture
async def good(station) -> Good:
    return await supermarket.good(station, 10, NOW)


def wish(good, pieces=1):
    return {"station_id": good.station_id, "lines": [{"good_id": good.id, "pieces": pieces}]}


async def ordered(phone, good, pieces=1):
    answer = await phone.post(ORDERS, wish(good, pieces))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def hand_over(worker, order, **more):
    said = {"station_id": order["station"]["id"], "code": order["pickup_code"], **more}
    return await worker.post("/station/orders/hand-over", said)


async def person(phone):
    return await Person.get(id=phone.person_id)


async def test_goods_are_ordered_prepared_and_picked_up(li, worker, good):
    made = await ordered(li, good, 2)
    assert (made["status_words"], made["points"], made["is_mine"]) == ("备货中", 100, True)
    assert made["lines"] == [{"good_id": good.id, "name": "大米5公斤", "pieces": 2, "points_price": 50}]
    assert made["expires_at"] == "2026-03-17T10:00:00+08:00"

    ready = await worker.post(f"/station/orders/{made['id']}/readiness")
    done = await hand_over(worker, made)

    assert (ready.json()["status_words"], done.json()["status_words"]) == ("待领取", "已领取")
    seen = (await li.get(f"{ORDERS}/{made['id']}")).json()
    assert (seen["status"], seen["pickup_code"], seen["picked_up_by_family"]) == ("handed_over", None, False)
    assert (await points_of(await person(li)), await pieces_of(good)) == ((200, 0), (8, 0))
    await adds_up()


async def test_staff_see_masked_names_in_the_list_and_whole_ones_at_the_counter_and_no_codes(li, worker, good):
    made = await ordered(li, good)

    (seen,) = (await worker.get("/station/orders", params={"status": "placed"})).json()["items"]

    assert (seen["person"], seen["pickup_people"]) == ("李*", [{"person_id": li.person_id, "name": "李*"}])
    handed_over = await hand_over(worker, made)
    assert handed_over.json()["person"] == "李明"
    for answer in (await worker.get("/station/orders"), handed_over):
        assert "pickup_code" not in answer.text
        assert f'"{made["pickup_code"]}"' not in answer.text


async def test_officers_see_masked_names(li, phone_of, station, good):
    await ordered(li, good)
    officer = await phone_with_role(phone_of, "冯科长", RoleKind.COUNTY_OFFICER, area=await station.county)

    (seen,) = (await officer.get("/station/orders")).json()["items"]

    assert (seen["person"], seen["pickup_people"]) == ("李*", [{"person_id": li.person_id, "name": "李*"}])


async def test_pickup_code_is_a_picture_by_a_signed_link(li, worker, good, client, clock):
    made = await ordered(li, good)
    link = made["pickup_code_image"]

    picture = await client.get(link)

    assert (picture.headers["content-type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert picture.headers["cache-control"] == "no-store"
    assert (await client.get(link.replace(f"reader={li.person_id}", f"reader={worker.person_id}"))).status_code == 404
    await hand_over(worker, made)
    assert (await client.get(link)).json()["code"] == "invalid_state"
    clock.forward(hours=2)
    assert (await client.get(link)).status_code == 404


async def test_pickup_code_of_a_disabled_reader_is_not_shown(li, good, client, clock):
    link = (await ordered(li, good))["pickup_code_image"]
    assert (await client.get(link)).status_code == 200

    await Person.filter(id=li.person_id).update(disabled_at=clock.now())

    assert (await client.get(link)).status_code == 404


async def test_pickup_code_is_shown_after_forged_links_from_the_same_address(li, good, client):
    link = (await ordered(li, good))["pickup_code_image"]
    forged = link.replace(f"reader={li.person_id}", "reader=1")

    tried = [(await client.get(forged)).status_code for _ in range(301)]

    assert (set(tried[:300]), tried[300]) == ({404}, 429)
    assert (await client.get(link)).status_code == 200
    assert (await client.get("/api/v1/activities")).status_code == 200


async def test_pickup_codes_are_limited_for_each_reader(li, phone_of, station, good, client):
    wang = await phone_of("wang")
    await points(300, wang.person_id, station, NOW)
    links = [(await ordered(phone, good))["pickup_code_image"] for phone in (li, wang)]

    shown = [(await client.get(links[0])).status_code for _ in range(301)]

    assert (set(shown[:300]), shown[300]) == ({200}, 429)
    assert (await client.get(links[1])).status_code == 200
    assert (await li.get(ORDERS)).status_code == 200


async def test_pickup_code_of_an_expired_order_is_not_shown(li, worker, good, clock):
    made = await ordered(li, good)
    clock.forward(days=7)

    shown = (await li.get(f"{ORDERS}/{made['id']}")).json()
    assert (shown["pickup_code"], shown["pickup_code_image"]) == (None, None)
    answer = await hand_over(worker, made)
    assert (answer.status_code, answer.json()["code"]) == (409, "deadline_passed")
    assert answer.json()["details"] == {"until": "2026-03-17T10:00:00+08:00"}
    ready = await worker.post(f"/station/orders/{made['id']}/readiness")
    assert ready.json()["code"] == "deadline_passed"


async def test_family_member_finds_the_order_and_picks_it_up(li, phone_of, worker, good):
    wang = await phone_of("wang")
    await household(li.person_id, wang.person_id, now=NOW)
    made = await ordered(li, good)

    (found,) = (await wang.get(ORDERS)).json()["items"]
    done = await hand_over(worker, found, pickup_person_id=wang.person_id)

    assert (found["id"], found["is_mine"], found["pickup_code"]) == (made["id"], False, made["pickup_code"])
    assert done.json()["picked_up_by_family"] is True
    assert (await wang.get(f"{ORDERS}/{made['id']}")).status_code == 404
    assert (await wang.post(f"{ORDERS}/{made['id']}/cancellation")).status_code == 404


async def test_pickup_by_a_stranger_is_refused(li, phone_of, worker, good):
    stranger, made = await phone_of("stranger"), await ordered(li, good)

    answer = await hand_over(worker, made, pickup_person_id=stranger.person_id)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


async def test_order_with_the_same_key_is_placed_once(li, good):
    """The same body gets the same reply, another body is refused, and there is one row."""
    answers = [await li.post(ORDERS, wish(good), key="order-of-march") for _ in range(3)]
    other = await li.post(ORDERS, wish(good, 2), key="order-of-march")

    assert {answer.text for answer in answers} == {answers[0].text}
    assert answers[0].status_code == 201
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert (await points_of(await person(li)), await pieces_of(good)) == ((300, 50), (10, 1))
    assert await Order.all().count() == 1


async def test_orders_at_once_with_the_same_key_are_one(li, good):
    answers = await asyncio.gather(*(li.post(ORDERS, wish(good), key="tapped-often") for _ in range(6)))

    assert len({answer.text for answer in answers if answer.status_code == 201}) == 1
    assert await points_of(await person(li)) == (300, 50)
    await adds_up()


async def test_handover_and_cancellation_with_the_same_key_happen_once(li, worker, good):
    fetched, dropped = await ordered(li, good), await ordered(li, good)
    said = {"station_id": good.station_id, "code": fetched["pickup_code"]}

    over = [await worker.post("/station/orders/hand-over", said, key="scanned-once") for _ in range(2)]
    path = f"{ORDERS}/{dropped['id']}/cancellation"
    gone = [await li.post(path, {"reason": "不要了"}, key="cancelled-once") for _ in range(2)]

    assert [one.status_code for one in over + gone] == [200] * 4
    assert (over[0].text, gone[0].text) == (over[1].text, gone[1].text)
    assert gone[0].json()["reason"] == "不要了"
    assert (await points_of(await person(li)), await pieces_of(good)) == ((250, 0), (9, 0))
    await adds_up()


async def test_used_code_is_refused_with_a_new_key(li, worker, good):
    made = await ordered(li, good)
    await hand_over(worker, made)

    again = await hand_over(worker, made)

    assert (again.status_code, again.json()["code"]) == (409, "invalid_pickup_code")
    assert (await li.post(f"{ORDERS}/{made['id']}/cancellation")).json()["code"] == "invalid_state"


async def test_many_codes_tried_in_a_row_are_refused(li, worker, good):
    made = await ordered(li, good)
    wrong = f"{(int(made['pickup_code']) + 1) % 10**6:06d}"

    answers = [await hand_over(worker, made, code=wrong) for _ in range(61)]

    assert {one.json()["code"] for one in answers[:60]} == {"invalid_pickup_code"}
    assert (answers[60].status_code, answers[60].json()["code"]) == (429, "too_many_requests")
    assert (await hand_over(worker, made)).status_code == 429


async def test_order_beyond_points_stock_or_limits_is_refused_with_the_rest(li, station, good):
    rare = await supermarket.good(station, 1, NOW, name="菜籽油", points_price=1)
    limited = await supermarket.good(station, 9, NOW, name="牛奶", points_price=1, person_month_limit=2)
    shared = await supermarket.good(station, 9, NOW, name="鸡蛋", points_price=1, household_month_limit=2)
    await household(li.person_id, now=NOW)
    before = await rows()

    answers = [await li.post(ORDERS, wish(one, 7)) for one in (good, rare, limited, shared)]

    assert {one.status_code for one in answers} == {409}
    assert [(one.json()["code"], one.json()["details"]) for one in answers] == [
        ("not_enough_points", {"spendable": 300}),
        ("not_enough_stock", {"good": rare.id, "spendable": 1}),
        ("limit_reached", {"good": limited.id, "left": 2}),
        ("limit_reached", {"good": shared.id, "left": 2}),
    ]
    assert await rows() == before


async def test_order_of_an_unavailable_or_unknown_good_is_refused(li, station, good):
    off = await supermarket.good(station, 1, NOW, name="菜籽油", active=False)

    assert (await li.post(ORDERS, wish(off))).json()["code"] == "good_not_available"
    unknown = await li.post(ORDERS, {"station_id": station.id, "lines": [{"good_id": 1, "pieces": 1}]})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_cancellation_by_staff_shows_the_reason(li, worker, good):
    made = await ordered(li, good)
    path = f"/station/orders/{made['id']}/cancellation"

    assert (await worker.post(path)).json()["code"] == "bad_input"
    answer = await worker.post(path, {"reason": "物品破损"})

    assert (answer.status_code, answer.json()["status_words"]) == (200, "已取消")
    seen = (await li.get(f"{ORDERS}/{made['id']}")).json()
    assert (seen["reason"], seen["ended_at"]) == ("物品破损", "2026-03-10T10:00:00+08:00")
    assert (await worker.post(path, {"reason": "再来"})).json()["code"] == "invalid_state"


async def test_staff_cannot_handle_their_own_order(worker, good, station):
    await points(300, worker.person_id, station, NOW)
    made = await ordered(worker, good)
    paths = (f"/station/orders/{made['id']}/readiness", f"/station/orders/{made['id']}/cancellation")

    answers = [await worker.post(paths[0]), await worker.post(paths[1], {"reason": "不要了"})]
    answers.append(await hand_over(worker, made))

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(403, "conflict_of_interest")}


async def test_order_is_marked_ready_once(li, worker, good):
    made = await ordered(li, good)
    path = f"/station/orders/{made['id']}/readiness"

    assert (await worker.post(path)).json()["ready_at"] == "2026-03-10T10:00:00+08:00"
    assert (await worker.post(path)).json()["code"] == "invalid_state"


async def test_good_past_its_date_is_not_handed_over(li, worker, station, clock):
    milk = await supermarket.good(station, 5, NOW, name="酸奶", use_by=NOW.date())
    made = await ordered(li, milk)
    assert made["expires_at"] == "2026-03-11T00:00:00+08:00"
    clock.forward(days=1)

    answer = await hand_over(worker, made)
    # An order that was placed before orders expired by the dates of their goods.
    await Order.all().update(expires_at=clock.now() + timedelta(days=6))
    later = await hand_over(worker, made)

    assert (answer.status_code, answer.json()["code"]) == (409, "deadline_passed")
    assert (later.status_code, later.json()["code"]) == (409, "good_not_available")
    assert later.json()["details"] == {"goods": [milk.id]}


async def test_lists_have_pages(li, worker, good, clock):
    for _ in range(5):
        await ordered(li, good)
        clock.forward(minutes=1)

    for phone, path in ((li, ORDERS), (worker, "/station/orders")):
        query, seen = {"limit": 2}, []
        while query.get("after", "") is not None:
            page = (await phone.get(path, params=query)).json()
            seen += [one["placed_at"] for one in page["items"]]
            query["after"] = page["next"]
        assert len(seen) == 5
        assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [{"good_id": 1, "pieces": 1}] * 2}, "lines"),
        ({"lines": [{"good_id": number, "pieces": 1} for number in range(1, 12)]}, "lines"),
        ({"lines": [{"good_id": 1, "pieces": 0}]}, "lines.0.pieces"),
        ({"lines": [{"good_id": 1, "pieces": 101}]}, "lines.0.pieces"),
        ({"lines": [{"good_id": 1, "pieces": 1.0}]}, "lines.0.pieces"),
        ({"lines": [{"good_id": 1, "pieces": True}]}, "lines.0.pieces"),
        ({"lines": [{"good_id": 1, "pieces": 1, "points_price": 1}]}, "lines.0.points_price"),
        ({"station_id": 0}, "station_id"),
        ({"person_id": 7}, "person_id"),
    ],
)
async def test_invalid_order_names_the_field(li, good, wrong, field):
    answer = await li.post(ORDERS, {**wish(good), **wrong})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert [one["field"] for one in answer.json()["details"]["fields"]] == [f"body.{field}"]
    assert await Order.all().count() == 0


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", 123456, None])
async def test_invalid_code_is_refused(worker, station, code):
    answer = await worker.post("/station/orders/hand-over", {"station_id": station.id, "code": code})

    assert [one["field"] for one in answer.json()["details"]["fields"]] == ["body.code"]


async def test_largest_order_fits_the_ledger(li, station):
    goods = [await supermarket.good(station, 100, NOW, name=f"金{n}", points_price=10**6) for n in range(10)]
    lines = [{"good_id": good.id, "pieces": 100} for good in goods]
    await points(10**9 - 300, li.person_id, station, NOW)

    answer = await li.post(ORDERS, {"station_id": station.id, "lines": lines})

    assert (answer.status_code, answer.json()["points"]) == (201, 10**9)
