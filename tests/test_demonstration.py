"""The demonstration: what a newcomer finds in it and can do next."""

from datetime import datetime

import pytest

from scripts import demo
from server.domain import ledger
from server.domain.working_time import SHANGHAI
from server.models import Station
from tests.conftest import NOW
from tests.made_once import made_once

# A Sunday at midnight, a new year, the last of seven days off, and the first day of a month.
MOMENTS = ("2026-03-15T00:01", "2026-01-01T08:00", "2026-10-07T23:59", "2026-05-01T12:00")


async def demonstration(now: datetime) -> list[str]:
    """Fill the empty database as at the moment, and return the output."""

    async def fill() -> list[str]:
        output = []
        await demo.fill(now, output.append)
        return output

    return await made_once(f"demonstration {now:%m-%d %H:%M}", fill)


async def station_id() -> int:
    return (await Station.get(name="邻玉街道社会工作服务站")).id


@pytest.fixture
async def town(app) -> int:
    """The demonstration behind the application, and the id of 邻玉街道's station."""
    await demonstration(NOW)
    return await station_id()


@pytest.mark.parametrize("moment", MOMENTS)
async def test_demonstration_of_any_day_has_a_correct_ledger(database, moment):
    output = await demonstration(datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI))

    assert output[-1] == "3 volunteers with 5 services, 4 goods and 6 deeds that earn points"
    assert output[-2] == "9 activities with 18 bookings"
    report = await ledger.audit()
    assert report.holds, str(report)
    assert report.transfers >= 12


async def test_every_list_has_something_for_a_newcomer(town, phone_of):
    of_station = f"station={town}"
    waiting = {
        "xiaoli": ["/tasks", f"/public-notices?{of_station}", "/service-records?limit=1", "/timebank/statement?limit=1"],
        "wangnainai": ["/supermarket/orders", "/points/statement?limit=1"],
        "xiaofang": ["/supermarket/orders"],
        "zhaozhanzhang": [
            "/station/volunteers?status=applied", "/station/tasks?status=published", "/station/service-records",
            "/station/deeds?status=claimed", "/station/orders?status=ready", "/station/goods/low-stock",
            f"/station/goods/near-use-by?{of_station}",
        ],
    }  # fmt: skip

    for nickname, paths in waiting.items():
        phone = await phone_of(nickname)
        found = {path: len((await phone.get(path)).json()["items"]) for path in paths}
        assert found == dict.fromkeys(paths, 1)


async def test_volunteer_redeems_a_bag_of_rice(town, phone_of):
    volunteer, worker = await phone_of("xiaoli"), await phone_of("chenshegong")
    goods = (await volunteer.get(f"/supermarket/goods?station={town}")).json()["items"]
    rice = next(row for row in goods if row["name"].startswith("大米"))

    order = await volunteer.post(
        "/supermarket/orders", {"station_id": town, "lines": [{"good_id": rice["id"], "pieces": 1}]}
    )
    shown = {"station_id": town, "code": order.json()["pickup_code"]}
    handed = await worker.post("/station/orders/hand-over", shown)

    assert handed.json()["status"] == "handed_over"
    assert (await volunteer.get("/points/balance")).json()["points"] == 10
    assert (await ledger.audit()).holds


async def test_grandma_confirms_the_help_and_the_station_approves_it(town, phone_of):
    grandma, volunteer, head = [await phone_of(name) for name in ("wangnainai", "xiaoli", "zhaozhanzhang")]
    before = (await volunteer.get("/timebank/balance")).json()
    [finished] = (await head.get("/station/tasks?status=finished")).json()["items"]
    [record] = (await head.get("/station/service-records")).json()["items"]

    confirmed = await grandma.post(f"/tasks/{finished['id']}/beneficiary-confirmation")
    approved = await head.post(f"/station/service-records/{record['id']}/approval")

    assert (confirmed.status_code, approved.status_code) == (200, 200), approved.text
    after = (await volunteer.get("/timebank/balance")).json()
    assert (before["minutes"], after["minutes"]) == (240, 340)


async def test_public_pool_holds_ninety_minutes_for_the_open_task(town, client):
    pool = (await client.get(f"/api/v1/timebank/pools/{town}")).json()

    assert (pool["minutes"], pool["spendable"]) == (120, 30)
