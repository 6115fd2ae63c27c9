"""Daily warnings of low stock and near use-by dates, once each."""

import asyncio
from datetime import date, timedelta

from server.domain.supermarket import stock_warnings
from server.models import Notice
from tests.conftest import NOW
from tests.domain.supermarket.shelf import count, give, rice

SOON = date(2026, 3, 20)


async def look(city, days=0):
    for station_id in await stock_warnings.list_stations_with_goods():
        await stock_warnings.notify_station(station_id, now=NOW + timedelta(days=days))


async def told(city, template, name="陈社工"):
    found = Notice.filter(person_id=city.staff[name].person_id, template=template).order_by("created_at")
    return [one.body for one in await found]


async def test_staff_are_notified_once_of_a_low_stock(city):
    await rice(city, 2, low_stock_pieces=5)
    await rice(city, 9, name="食用油", low_stock_pieces=5)

    await look(city)
    await look(city, days=1)

    for name in ("陈社工", "林社工", "赵站长"):
        assert await told(city, "goods_low_stock", name) == ["大米5公斤的库存不多了，请及时补充。"]
    assert await told(city, "goods_low_stock", "周社工") == []
    assert await told(city, "goods_near_use_by") == []


async def test_refilled_good_that_runs_low_again_is_notified_again(city):
    good = await rice(city, 2, low_stock_pieces=5)
    await look(city)

    await give(city, good, 10)
    await look(city, days=1)
    await count(city, good, 1)
    await look(city, days=2)

    assert len(await told(city, "goods_low_stock")) == 2


async def test_staff_are_notified_once_of_a_near_use_by_date(city):
    await rice(city, 2, use_by=SOON)
    await rice(city, 2, name="还早", use_by=date(2027, 1, 1))
    await rice(city, 0, name="没有库存", use_by=SOON)

    for days in range(3):
        await look(city, days)

    (body,) = await told(city, "goods_near_use_by")
    assert body.startswith("大米5公斤已临近保质期")


async def test_long_list_names_a_few_goods_and_their_number(city):
    for number in range(7):
        await rice(city, 0, name=f"物品{number}")

    await look(city)

    (body,) = await told(city, "goods_low_stock")
    assert body.count("、") == 4
    assert "等7种物品" in body


async def test_warnings_at_once_notify_once(city):
    station = (await rice(city, 0)).station_id

    await asyncio.gather(*(stock_warnings.notify_station(station, now=NOW) for _ in range(4)))

    assert len(await told(city, "goods_low_stock")) == 1
