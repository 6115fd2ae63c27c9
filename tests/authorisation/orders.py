"""Access to orders: the orderer reads and cancels them, the station's staff prepare and hand them over."""

import itertools

from server.domain.orders import place_order
from server.models import Order
from tests.authorisation.given import Given, forged
from tests.authorisation.row import ANY_STAFF, NO_ONE, OWNER, SIGNED_IN, Row
from tests.factories import supermarket, timebank
from tests.sides import Side

NUMBERS = itertools.count()
STATION = "401 403 403 403 200 200 404 403 404 403"
PRICE = 5


async def _shelved(side: Side) -> int:
    name = f"兑换的食用油{next(NUMBERS)}"
    return (await supermarket.good(side.station, 100, side.now, name=name, points_price=PRICE)).id


async def _placed(side: Side) -> Order:
    """An order of the owner's at the responsible station."""
    await timebank.points(PRICE, side.people["owner"], side.station, side.now)
    wanted = {await _shelved(side): 1}
    return (await place_order.place(side.station.id, wanted, by=side.people["owner"], now=side.now)).order


async def wish(side: Side) -> Given:
    """An order of a piece of a good; everyone has the points for it."""
    for person in set(side.people.values()):
        await timebank.points(PRICE, person, side.station, side.now)
    lines = [{"good_id": await _shelved(side), "pieces": 1}]
    return Given(body={"station_id": side.station.id, "lines": lines})


async def order(side: Side) -> Given:
    return Given(path={"order_id": (await _placed(side)).id})


async def code(side: Side) -> Given:
    return Given(body={"station_id": side.station.id, "code": (await _placed(side)).pickup_code})


async def entered(side: Side) -> Given:
    """An order for the owner, whom the station knows by a need."""
    owner = (await side.submitted()).person_id
    await timebank.points(PRICE, owner, side.station, side.now)
    lines = [{"good_id": await _shelved(side), "pieces": 1}]
    return Given(body={"station_id": side.station.id, "person_id": owner, "lines": lines})


ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "POST /supermarket/orders": Row("401 201 201 201 201 201 201 201 201 201", wish),
    "GET /supermarket/orders": Row(SIGNED_IN),
    "GET /supermarket/orders/{order_id}": Row(OWNER, order),
    "GET /supermarket/orders/{order_id}/pickup-code": Row(NO_ONE, forged({"reader": 1}, order)),
    "POST /supermarket/orders/{order_id}/cancellation": Row(OWNER, order),
    "GET /station/orders": Row(ANY_STAFF),
    "POST /station/orders": Row("401 403 403 403 201 201 404 403 403 403", entered),
    "POST /station/orders/{order_id}/readiness": Row(STATION, order),
    "POST /station/orders/hand-over": Row("401 403 403 403 200 200 403 403 403 403", code),
    "POST /station/orders/{order_id}/cancellation": Row(STATION, order),
}
