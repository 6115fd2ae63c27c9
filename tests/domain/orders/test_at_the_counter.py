"""Orders at the counter for people without a phone whom the station knows."""

import pytest

from server.domain import households
from server.domain.orders import place_order
from server.errors import NotFound, OwnOrder
from server.models import AuditEntry
from tests import factories
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up
from tests.factories import supermarket, timebank


@pytest.fixture
async def rice(city):
    return await supermarket.good(city.stations["邻玉社工站"], 5, NOW)


def entered(city, rice, person_id, by="陈社工"):
    return place_order.enter_at_counter(rice.station_id, {rice.id: 1}, person_id=person_id, by=city.staff[by], now=NOW)


async def test_worker_orders_for_a_person_known_to_the_station(city, rice):
    await city.need()
    await timebank.points(50, city.grandma.id, city.stations["邻玉社工站"], NOW)

    made = await entered(city, rice, city.grandma.id)

    assert (made.person_id, made.points) == (city.grandma.id, 50)
    assert await AuditEntry.filter(action="order.entered", person_id=city.staff["陈社工"].person_id).count() == 1
    await adds_up()


async def test_order_for_a_stranger_or_at_another_station_is_refused(city, rice):
    stranger = await factories.person("路人", NOW)
    with pytest.raises(NotFound):
        await entered(city, rice, stranger.id)
    await city.need()
    with pytest.raises(NotFound):
        await entered(city, rice, city.grandma.id, by="周社工")
    with pytest.raises(NotFound):
        await entered(city, rice, city.grandma.id, by="冯科长")


async def test_order_for_the_own_family_is_refused(city, rice):
    await city.need()
    worker = city.staff["陈社工"]
    await households.create(by=worker.person_id, now=NOW)
    code, _ = await households.invite(by=worker.person_id, now=NOW)
    await households.join(code, by=city.grandma.id, now=NOW)

    with pytest.raises(OwnOrder):
        await entered(city, rice, city.grandma.id)
