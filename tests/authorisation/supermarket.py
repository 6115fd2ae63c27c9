"""Access to goods: the station's staff receive donations, its head creates, counts and reverses."""

import itertools

from server.domain.supermarket import donations
from server.domain.supermarket.donations import DonatedPieces
from server.models import Good
from tests.authorisation.given import Given
from tests.authorisation.row import ANY_STAFF, ANYBODY, Row
from tests.factories import supermarket
from tests.sides import Side

NUMBERS = itertools.count()
READERS = "401 403 403 403 200 200 404 200 404 200"
HEAD = "401 403 403 403 403 200 404 403 404 403"


async def _shelved(side: Side, pieces: int = 10) -> Good:
    return await supermarket.good(side.station, pieces, side.now, name=f"食用油{next(NUMBERS)}")


async def good(side: Side) -> Given:
    return Given(path={"good_id": (await _shelved(side)).id})


async def of_station(side: Side) -> Given:
    return Given(query={"station": side.station.id})


async def listing(side: Side) -> Given:
    """A new good of the station that is responsible for the owner."""
    return Given(body={"station_id": side.station.id, "name": f"大米{next(NUMBERS)}"})


async def donation(side: Side) -> Given:
    """A donation that the worker received by mistake."""
    shelved, gift = await _shelved(side, 0), DonatedPieces(5, "某食品公司")
    made = await donations.receive(shelved.id, gift, by=side.staff["worker"], now=side.now)
    return Given(path={"donation_id": made.id})


ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /supermarket/goods": Row(ANYBODY, of_station),
    "GET /supermarket/goods/{good_id}": Row(ANYBODY, good),
    "GET /supermarket/donations": Row(ANYBODY, of_station),
    "GET /supermarket/thanks": Row(ANYBODY, of_station),
    "GET /station/goods": Row(ANY_STAFF),
    "GET /station/goods/low-stock": Row(ANY_STAFF),
    "GET /station/goods/near-use-by": Row(ANY_STAFF, of_station),
    "POST /station/goods": Row("401 403 403 403 403 201 403 403 403 403", listing),
    "GET /station/goods/{good_id}": Row(READERS, good),
    "POST /station/goods/{good_id}/changes": Row(HEAD, good),
    "GET /station/goods/{good_id}/donations": Row(READERS, good),
    "POST /station/goods/{good_id}/donations": Row("401 403 403 403 201 201 404 403 404 403", good),
    "POST /station/donations/{donation_id}/reversal": Row(HEAD, donation),
    "GET /station/goods/{good_id}/stock-takings": Row(READERS, good),
    "POST /station/goods/{good_id}/stock-takings": Row("401 403 403 403 403 201 404 403 404 403", good),
    "GET /station/goods/{good_id}/statement": Row(READERS, good),
}
