"""How often a request waits for the database: a number that may only become smaller."""

import pytest

from tests.factories import supermarket
from tests.factories.timebank import minutes, points
from tests.round_trips import listening
from tests.services import chosen_database

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="SQLite has no round trips")


async def sent_by(act) -> list[str]:
    """Do it once so that everything is prepared, then again, and return the commands of the second time."""
    await act(1)
    with listening() as sent:
        await act(2)
    return sent


async def test_own_page(town, phone_of):
    grandma = await phone_of("grandma")

    sent = await sent_by(lambda _: grandma.get("/me"))

    assert len(sent) <= 2, sent


async def test_order_placed_and_handed_over(town, phone_of, phone_of_staff, clock):
    station, li, worker = (
        town.stations["邻玉社工站"],
        await phone_of("xiaoli"),
        await phone_of_staff("周", "邻玉社工站"),
    )
    await points(300, li.person_id, station, clock.now())
    good = await supermarket.good(station, 10, clock.now())

    async def place_and_hand_over(_):
        wish = {"station_id": station.id, "lines": [{"good_id": good.id, "pieces": 1}]}
        order = (await li.post("/supermarket/orders", wish)).json()
        code = {"station_id": station.id, "code": order["pickup_code"]}
        assert (await worker.post("/station/orders/hand-over", code)).status_code == 200

    sent = await sent_by(place_and_hand_over)

    assert len(sent) <= 31, sent


@pytest.mark.parametrize("path", ["/timebank/balance", "/timebank/statement", "/points/balance", "/points/statement"])
async def test_balances_and_statements(town, phone_of, clock, path):
    li = await phone_of("xiaoli")
    for give in (minutes, points):
        for _ in range(20):
            await give(1, li.person_id, town.stations["邻玉社工站"], clock.now())

    sent = await sent_by(lambda _: li.get(path))

    assert len(sent) <= 2, sent
