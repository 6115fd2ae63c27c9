"""The love supermarket, through HTTP: goods are created, donated, thanked for and counted."""

import asyncio
from datetime import timedelta

import pytest

from miniprogram_contract import supermarket as contract
from server.models import Good, RoleKind, Station, TransferKind
from tests import factories
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up, rows
from tests.domain.supermarket.shelf import promise
from tests.factories import supermarket
from tests.factories.stations import phone_with_role
from tests.handlers.test_photos import GOOD

RICE = {"name": "大米5公斤", "text": "当季新米", "points_price": 50, "use_by": "2026-04-01", "low_stock_pieces": 5}


@pytest.fixture
async def station(app) -> Station:
    return (await factories.city(NOW)).stations["邻玉社工站"]


@pytest.fixture
async def head(phone_of, station):
    return await phone_with_role(phone_of, "赵站长", RoleKind.STATION_HEAD, station=station)


@pytest.fixture
async def worker(phone_of, station):
    return await phone_with_role(phone_of, "陈社工", RoleKind.SOCIAL_WORKER, station=station)


@pytest.fixture
async def good(station) -> Good:
    return await supermarket.good(station, 10, NOW)


async def listed(head, station, **said):
    answer = await head.post("/station/goods", {**RICE, "station_id": station.id, **said})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_good_is_created_donated_and_public(client, head, worker, station):
    good = await listed(head, station, person_month_limit=1)
    assert (good["pieces_left"], good["low_stock"], good["past_use_by"]) == (0, True, False)

    filled = await worker.post(f"/station/goods/{good['id']}/donations", {"pieces": 100, "donor": "泸州某食品公司"})

    assert filled.status_code == 201, filled.text
    (seen,) = (await client.get("/api/v1/supermarket/goods", params={"station": station.id})).json()["items"]
    assert seen == (await client.get(f"/api/v1/supermarket/goods/{good['id']}")).json()
    assert (seen["name"], seen["pieces_left"], seen["use_by"]) == ("大米5公斤", 100, "2026-04-01")
    assert (seen["person_month_limit"], seen["station"]["name"]) == (1, "邻玉社工站")


async def test_photo_of_a_good_opens_by_its_link(client, head, station):
    photo = (await head.call("POST", "/photos", files={"photo": ("rice.jpg", GOOD)})).json()
    good = await listed(head, station, photo_ids=[photo["id"]])

    assert (await client.get(good["photos"][0]["small"])).headers["content-type"] == "image/jpeg"


async def test_goods_are_found_by_name_with_pages(client, station):
    for number in range(3):
        await supermarket.good(station, 1, NOW, name=f"食用油{number}号")
    await supermarket.good(station, 1, NOW)
    query, seen = {"station": station.id, "query": "食用油", "limit": 2}, []

    while page := (await client.get("/api/v1/supermarket/goods", params=query)).json():
        seen += [one["name"] for one in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]

    assert sorted(seen) == ["食用油0号", "食用油1号", "食用油2号"]


async def test_change_writes_given_fields_only(head, good):
    path = f"/station/goods/{good.id}"

    changed = await head.change(path, {"points_price": 45, "household_month_limit": 2, "active": False})

    assert changed.status_code == 200, changed.text
    said = changed.json()
    assert (said["points_price"], said["household_month_limit"], said["active"]) == (45, 2, False)
    assert (said["name"], said["pieces_on_shelf"], said["pieces_held"]) == ("大米5公斤", 10, 0)
    assert (await head.change(path, {"household_month_limit": None})).json()["household_month_limit"] is None
    assert (await head.get(path)).json() == (await head.change(path, {})).json()


async def test_name_and_use_by_date_cannot_change(head, good):
    for change in ({"name": "小米"}, {"use_by": "2027-01-01"}):
        assert (await head.change(f"/station/goods/{good.id}", change)).json()["code"] == "bad_input"


async def test_staff_list_all_low_and_near_expiry_goods(worker, head, station, good):
    await listed(head, station)
    await supermarket.good(station, 3, NOW, name="酸奶", use_by=(NOW + timedelta(days=3)).date())

    async def names(path, **query):
        answer = await worker.get(f"/station/goods{path}", params=query)
        assert answer.status_code == 200, answer.text
        return sorted((one["name"], one["use_by"] or "") for one in answer.json()["items"])

    assert len(await names("")) == 3
    assert await names("/low-stock", station=station.id) == [("大米5公斤", "2026-04-01")]
    assert await names("/near-use-by", station=station.id) == [("酸奶", "2026-03-13")]


async def test_thanks_name_donors_unless_anonymous(client, worker, good, station):
    for gift in ({"donor": "泸州某食品公司"}, {"donor": "王秀英", "anonymous": True}):
        await worker.post(f"/station/goods/{good.id}/donations", {"pieces": 3, **gift})

    thanks = (await client.get("/api/v1/supermarket/donations", params={"station": station.id})).json()["items"]

    assert {one["donor"] for one in thanks} == {"泸州某食品公司", "爱心人士"}
    assert {(one["good_name"], one["pieces"], one["received_at"]) for one in thanks} == {
        ("大米5公斤", 3, "2026-03-10T10:00:00+08:00")
    }
    theirs = (await worker.get(f"/station/goods/{good.id}/donations")).json()["items"]
    assert {one["donor"] for one in theirs} == {"泸州某食品公司", "王**"}


async def test_page_of_thanks_escapes_names(client, worker, good, station):
    await worker.post(f"/station/goods/{good.id}/donations", {"pieces": 3, "donor": "<script>alert(1)</script>&公司"})

    page = await client.get("/api/v1/supermarket/thanks", params={"station": station.id})

    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;公司" in page.text
    assert "<script" not in page.text
    assert "大米5公斤 3 件" in page.text
    assert "2026年03月10日" in page.text


async def test_page_of_thanks_links_to_earlier_donations(client, worker, good, station):
    for donor in ("甲公司", "乙公司", "丙公司"):
        await worker.post(f"/station/goods/{good.id}/donations", {"pieces": 1, "donor": donor})
    page = await client.get("/api/v1/supermarket/thanks", params={"station": station.id, "limit": 2})

    _, _, rest = page.text.partition('<a href="')
    earlier = await client.get("/api/v1/supermarket/thanks" + rest.partition('"')[0].replace("&amp;", "&"))

    assert (page.text.count("公司"), earlier.text.count("公司")) == (2, 1)
    assert "更早的捐赠" not in earlier.text


async def test_page_of_thanks_without_donations_and_of_an_unknown_station(client, station):
    page = await client.get("/api/v1/supermarket/thanks", params={"station": station.id})

    assert "还没有捐赠" in page.text
    assert (await client.get("/api/v1/supermarket/thanks", params={"station": 10**6})).status_code == 404
    assert (await client.get("/api/v1/supermarket/donations", params={"station": 10**6})).status_code == 404


async def test_donation_is_reversed_once_and_shown_in_the_statement(head, worker, good):
    given = (await worker.post(f"/station/goods/{good.id}/donations", {"pieces": 5, "donor": "甲公司"})).json()
    path = f"/station/donations/{given['id']}/reversal"

    back = await head.post(path, {"reason": "录错了"})

    assert back.status_code == 200, back.text
    assert back.json()["reversed_at"] == "2026-03-10T10:00:00+08:00"
    assert (await head.post(path, {"reason": "再来一次"})).json()["code"] == "already_reversed"
    page = (await worker.get(f"/station/goods/{good.id}/statement", params={"limit": 2})).json()
    told = [(one["kind_words"], one["pieces"], one["pieces_on_shelf"], one["note"]) for one in page["items"]]
    assert told == [("冲正", -5, 10, "录错了"), ("入库", 5, 15, "")]
    rest = (await worker.get(f"/station/goods/{good.id}/statement", params={"after": page["next"]})).json()
    assert ([one["number"] for one in rest["items"]], rest["next"]) == ([1], None)


async def test_count_with_the_same_key_is_posted_once(head, worker, good):
    path, said = f"/station/goods/{good.id}/stock-takings", {"counted_pieces": 8, "reason": "月度盘点"}

    first = await head.post(path, said, key="count-of-march")
    second = await head.post(path, said, key="count-of-march")

    assert first.status_code == 201, first.text
    assert first.json() == second.json()
    (taking,) = (await worker.get(path)).json()["items"]
    assert taking == first.json()
    assert (taking["expected_pieces"], taking["difference_pieces"], taking["counted_by"]) == (10, -2, "赵站长")
    assert (await worker.get(f"/station/goods/{good.id}")).json()["pieces_on_shelf"] == 8


async def test_donation_with_the_same_key_is_made_once(worker, good):
    path, said = f"/station/goods/{good.id}/donations", {"pieces": 5, "donor": "甲公司"}

    answers = [await worker.post(path, said, key="gift-of-march") for _ in range(2)]
    other = await worker.post(path, {**said, "pieces": 6}, key="gift-of-march")

    assert answers[0].json() == answers[1].json()
    assert other.json()["code"] == "idempotency_key_reused"
    assert (await worker.get(f"/station/goods/{good.id}")).json()["pieces_on_shelf"] == 15


@pytest.mark.parametrize("pieces", [0, -1, 1.5, 2**63, "5", None, True])
async def test_invalid_pieces_are_refused_and_move_nothing(head, good, pieces):
    before = await rows()

    given = await head.post(f"/station/goods/{good.id}/donations", {"pieces": pieces, "donor": "甲公司"})

    assert (given.status_code, given.json()["code"]) == (400, "bad_input")
    assert [one["field"] for one in given.json()["details"]["fields"]] == ["body.pieces"]
    assert await rows() == before


@pytest.mark.parametrize("pieces", [-1, 1.5, 2**63, "5", None, False])
async def test_invalid_count_is_refused_and_posts_nothing(head, good, pieces):
    before = await rows()

    counted = await head.post(f"/station/goods/{good.id}/stock-takings", {"counted_pieces": pieces, "reason": "盘点"})

    assert (counted.status_code, counted.json()["code"]) == (400, "bad_input")
    assert await rows() == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "米" * 41}, "name"),
        ({"name": "大米\n小米"}, "name"),
        ({"text": "\u0000"}, "text"),
        ({"use_by": "2026-02-30"}, "use_by"),
        ({"use_by": 20260401}, "use_by"),
        ({"low_stock_pieces": -1}, "low_stock_pieces"),
        ({"photo_ids": list(range(1, 11))}, "photo_ids"),
        ({"pieces": 100}, "pieces"),
    ],
)
async def test_invalid_good_names_the_field(head, station, wrong, field):
    answer = await head.post("/station/goods", {**RICE, "station_id": station.id, **wrong})

    assert [one["field"] for one in answer.json()["details"]["fields"]] == [f"body.{field}"]
    assert await Good.all().count() == 0


async def test_refused_good_has_its_code(head, worker, station):
    good = await listed(head, station)
    told = {**RICE, "station_id": station.id}

    twice = await head.post("/station/goods", told)
    past = await head.post("/station/goods", {**told, "use_by": "2026-03-09"})
    strange = await head.post("/station/goods", {**told, "name": "小米", "photo_ids": [1]})
    by_worker = await worker.post("/station/goods", {**told, "name": "小米"})

    codes = [one.json()["code"] for one in (twice, past, strange, by_worker)]
    assert codes == ["already_exists", "use_by_passed", "photo_not_available", "role_required"]
    assert twice.json()["details"] == {"id": good["id"]}
    assert await Good.all().count() == 1


async def test_donation_without_donor_and_count_below_holds_are_refused(head, worker, good):
    await promise(good, 4)
    before = await rows()

    nobody = await worker.post(f"/station/goods/{good.id}/donations", {"pieces": 5})
    short = await head.post(f"/station/goods/{good.id}/stock-takings", {"counted_pieces": 3, "reason": "盘点"})

    assert (nobody.status_code, nobody.json()["code"]) == (409, "donor_required")
    assert (short.status_code, short.json()["code"], short.json()["details"]) == (409, "below_minimum", {"minimum": 4})
    assert await rows() == before


async def test_reversal_of_pieces_on_hold_is_refused(head, worker, station):
    good = await supermarket.good(station, 0, NOW)
    gift = (await worker.post(f"/station/goods/{good.id}/donations", {"pieces": 5, "donor": "甲公司"})).json()
    await promise(good, 1)

    answer = await head.post(f"/station/donations/{gift['id']}/reversal", {"reason": "录错了"})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_enough_stock")
    assert answer.json()["details"] == {"spendable": 4}
    assert (await worker.get(f"/station/goods/{good.id}/donations")).json()["items"][0]["reversed_at"] is None


async def test_reversals_of_a_donation_at_once_reverse_once(head, worker, good):
    gift = (await worker.post(f"/station/goods/{good.id}/donations", {"pieces": 5, "donor": "甲公司"})).json()
    path = f"/station/donations/{gift['id']}/reversal"

    answers = await asyncio.gather(*(head.post(path, {"reason": "录错了"}) for _ in range(5)))

    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409]
    assert (await worker.get(f"/station/goods/{good.id}")).json()["pieces_on_shelf"] == 10
    await adds_up()


async def test_counts_at_once_with_the_same_key_are_posted_once(head, worker, good):
    path, said = f"/station/goods/{good.id}/stock-takings", {"counted_pieces": 7, "reason": "月度盘点"}

    answers = await asyncio.gather(*(head.post(path, said, key="count-of-march") for _ in range(5)))

    assert len({one.text for one in answers if one.status_code == 201}) == 1
    assert len((await worker.get(path)).json()["items"]) == 1
    await adds_up()


async def test_lists_for_staff_have_pages(worker, station):
    for number in range(5):
        use_by = (NOW + timedelta(days=number // 2)).date()
        await supermarket.good(station, 1, NOW, name=f"酸奶{number}", use_by=use_by, low_stock_pieces=1)

    for path in ("", "/low-stock", "/near-use-by"):
        query, seen = {"station": station.id, "limit": 2}, []
        while query.get("after", "") is not None:
            page = (await worker.get(f"/station/goods{path}", params=query)).json()
            seen += [one["name"] for one in page["items"]]
            query["after"] = page["next"]
        assert sorted(seen) == [f"酸奶{number}" for number in range(5)]


@pytest.mark.parametrize("price", [0, -5, 0.5, 2**63])
async def test_invalid_price_or_limit_is_refused(head, station, good, price):
    for field in ("points_price", "person_month_limit", "household_month_limit"):
        for answer in (
            await head.post("/station/goods", {**RICE, "station_id": station.id, field: price}),
            await head.change(f"/station/goods/{good.id}", {field: price}),
        ):
            assert answer.json()["details"]["fields"][0]["field"] == f"body.{field}"


@pytest.mark.parametrize("after", ["nonsense", "W10=", "2026-03-10"])
async def test_unknown_cursor_is_refused(client, station, after):
    answer = await client.get("/api/v1/supermarket/goods", params={"station": station.id, "after": after})

    assert answer.json()["code"] == "bad_input"


def test_every_kind_of_movement_has_a_text():
    assert set(contract.MOVE_WORDS) == set(contract.StockMovementKind)
    assert {one.value for one in contract.StockMovementKind} <= {one.value for one in TransferKind}
