"""Goods in the lists of residents and staff."""

from datetime import date, timedelta

import pytest

from server.domain import photos, reference
from server.domain.pagination import Window
from server.domain.supermarket import queries
from server.errors import NotFound
from server.models import Good, Photo, Policy, StationStatus
from tests.conftest import NOW
from tests.domain.supermarket.shelf import promise, rice

TODAY = date(2026, 3, 10)
ALL = Window(limit=100)


def names(found):
    return {one.good.name for one in found}


async def offered(city, words="", window=ALL, now=NOW):
    return await queries.list_offered(city.stations["邻玉社工站"].id, words, window, now=now)


async def test_residents_see_only_goods_that_can_be_redeemed(city):
    await rice(city, 2)
    await rice(city, 2, name="当天到期", use_by=TODAY)
    await rice(city, 2, name="昨天到期", use_by=TODAY - timedelta(days=1))
    await rice(city, 2, name="已下架", active=False)
    await rice(city, 0, name="没有库存")
    await promise(await rice(city, 2, name="全被预留"), 2)
    await rice(city, 2, name="别的站点", station="蓝田社工站")

    assert names(await offered(city)) == {"大米5公斤", "当天到期"}


async def test_use_by_day_ends_at_midnight_in_shanghai(city):
    await rice(city, use_by=TODAY)
    midnight = NOW.replace(hour=16)

    assert names(await offered(city, now=midnight - timedelta(seconds=1))) == {"大米5公斤"}
    assert names(await offered(city, now=midnight)) == set()


async def test_pieces_left_exclude_pieces_on_hold(city):
    good = await rice(city, 10)
    await promise(good, 4)

    (found,) = await offered(city)

    assert (found.pieces.spendable, found.pieces.balance, found.pieces.held) == (6, 10, 4)
    assert found.good.station.name == "邻玉社工站"


async def test_closed_station_offers_nothing(city):
    good = await rice(city)
    await city.stations["邻玉社工站"].update_from_dict({"status": StationStatus.SUSPENDED}).save()

    assert await offered(city) == []
    with pytest.raises(NotFound):
        await queries.get_offered(good.id, now=NOW)


async def test_words_filter_by_part_of_the_name(city):
    await rice(city)
    await rice(city, name="100%纯牛奶")

    assert names(await offered(city, "大米")) == {"大米5公斤"}
    assert names(await offered(city, "%")) == {"100%纯牛奶"}
    assert names(await offered(city, "_")) == set()


async def test_goods_are_listed_newest_first_once_each(city):
    made = [
        await rice(city, 1, name=f"物品{number}", created_at=NOW + timedelta(hours=number // 2)) for number in range(5)
    ]
    expected = sorted(made, key=lambda good: (good.created_at, good.id), reverse=True)

    window, seen = Window(limit=2), []
    while page := await offered(city, window=window):
        seen += [one.good.id for one in page]
        window = Window((page[-1].good.created_at, page[-1].good.id), 2)

    assert seen == [good.id for good in expected]


async def test_good_without_pieces_is_still_shown(city):
    gone, off = await rice(city, 0), await rice(city, 1, name="已下架", active=False)

    assert (await queries.get_offered(gone.id, now=NOW)).pieces.spendable == 0
    for hidden in (off.id, 1):
        with pytest.raises(NotFound):
            await queries.get_offered(hidden, now=NOW)


async def test_goods_come_with_their_photos(city):
    first, second = await rice(city), await rice(city, name="食用油")
    picture = await photos.add("oil", owner_id=city.grandma.id, width=8, height=8, now=NOW)
    await Photo.filter(id=picture.id).update(subject_key=f"good:{second.id}")

    found = {one.good.id: [photo.name for photo in one.photos] for one in await offered(city)}

    assert found == {first.id: [], second.id: ["oil"]}


async def test_staff_see_all_goods_of_their_stations_only(city):
    here, there = await rice(city, 0, active=False), await rice(city, station="蓝田社工站")
    station = city.stations["邻玉社工站"].id

    assert [one.good.id for one in await queries.list_for_staff(city.staff["陈社工"], None, ALL)] == [here.id]
    assert {one.good.id for one in await queries.list_for_staff(city.staff["冯科长"], None, ALL)} == {here.id, there.id}
    assert [one.good.id for one in await queries.list_for_staff(city.staff["卫处长"], station, ALL)] == [here.id]
    assert await queries.list_for_staff(city.staff["周社工"], station, ALL) == []
    assert (await queries.get_for_staff(here.id, city.staff["冯科长"])).good.id == here.id
    with pytest.raises(NotFound):
        await queries.get_for_staff(here.id, city.staff["周社工"])


async def test_low_stock_lists_goods_at_or_below_their_minimum(city):
    await rice(city, 6, low_stock_pieces=5)
    await rice(city, 5, name="正好", low_stock_pieces=5)
    await promise(await rice(city, 9, name="预留后不足", low_stock_pieces=5), 4)
    await rice(city, 0, name="已下架", active=False)
    await rice(city, 0, name="已过期", use_by=TODAY - timedelta(days=1))
    await rice(city, 0, name="别的站点", station="蓝田社工站")

    found = await queries.list_low_stock(city.staff["陈社工"], None, ALL, now=NOW)

    assert names(found) == {"正好", "预留后不足"}
    assert all(one.is_low for one in found)
    assert not (await queries.get_offered((await Good.get(name="大米5公斤")).id, now=NOW)).is_low


async def test_near_use_by_depends_on_policy_and_pieces_left(city):
    station = city.stations["邻玉社工站"]
    for name, days, pieces in (("一月后", 30, 1), ("还早", 31, 1), ("已过期", -1, 1), ("没有库存", 3, 0)):
        await rice(city, pieces, name=name, use_by=TODAY + timedelta(days=days))
    await rice(city, 1, name="不会过期")

    async def near(by="陈社工"):
        return await queries.list_near_use_by(city.staff[by], station.id, ALL, now=NOW)

    assert [one.good.name for one in await near()] == ["已过期", "一月后"]
    assert [one.is_past(TODAY) for one in await near()] == [True, False]
    await Policy.create(name="near_expiry_days", scope=f"station:{station.id}", value=31, source="站点自定")
    assert [one.good.name for one in await near()] == ["已过期", "一月后", "还早"]
    assert await near("周社工") == []


async def test_near_use_by_is_listed_earliest_first(city):
    station = city.stations["邻玉社工站"].id
    for number in range(5):
        await rice(city, 1, name=f"物品{number}", use_by=TODAY + timedelta(days=number // 2))

    window, seen = Window(limit=2), []
    while page := await queries.list_near_use_by(city.staff["陈社工"], station, window, now=NOW):
        seen += [(one.good.use_by, one.good.id) for one in page]
        window = Window(queries.use_by_place(page[-1]), 2)

    assert len(set(seen)) == 5
    assert seen == sorted(seen)


@pytest.mark.parametrize("kind", ["offered", "of_stations", "low_stock", "near_use_by"])
async def test_list_takes_the_same_statements_for_any_number_of_goods(city, caplog, kind):
    station, by, questions = city.stations["邻玉社工站"].id, city.staff["陈社工"], []

    async def asked():
        await reference.snapshot()
        caplog.clear()
        with caplog.at_level("DEBUG", logger="tortoise.db_client"):
            found = await {
                "offered": lambda: offered(city),
                "of_stations": lambda: queries.list_for_staff(by, None, ALL),
                "low_stock": lambda: queries.list_low_stock(by, station, ALL, now=NOW),
                "near_use_by": lambda: queries.list_near_use_by(by, station, ALL, now=NOW),
            }[kind]()
        questions.append(sum("SELECT" in one.getMessage() for one in caplog.records))
        return len(found)

    await rice(city, 1, low_stock_pieces=1, use_by=TODAY)
    assert await asked() == 1
    for number in range(19):
        await rice(city, 1, name=f"物品{number}", low_stock_pieces=1, use_by=TODAY)
    assert await asked() == 20

    assert questions[0] == questions[1] >= 1
