"""Access to minutes, and to the owner's points."""

from tests import factories
from tests.authorisation import given
from tests.authorisation.given import Given
from tests.authorisation.row import ANYBODY, SIGNED_IN, Row
from tests.factories.households import alone, household
from tests.factories.timebank import minutes
from tests.sides import Side


async def family(side: Side) -> Given:
    """The owner has minutes, and a new person in their household."""
    owner = side.people["owner"]
    relative = await factories.person("孙女", side.now)
    await alone(owner, now=side.now)
    await household(owner, relative.id, now=side.now)
    await minutes(60, owner, side.station, side.now)
    return Given(body={"person_id": relative.id})


async def everybody_has_minutes(side: Side) -> Given:
    for person_id in side.people.values():
        await minutes(60, person_id, side.station, side.now)
    return Given()


async def own_pool(side: Side) -> Given:
    return Given(query={"station": side.station.id})


ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /timebank/balance": Row(SIGNED_IN),
    "GET /timebank/statement": Row(SIGNED_IN),
    "GET /timebank/statement/file": Row(SIGNED_IN),
    "GET /points/balance": Row(SIGNED_IN),
    "GET /points/statement": Row(SIGNED_IN),
    "GET /points/statement/file": Row(SIGNED_IN),
    "POST /timebank/gifts": Row("401 409 409 201 409 409 409 409 409 409", family),
    "POST /timebank/donations": Row("401 201 201 201 201 201 201 201 201 201", everybody_has_minutes),
    "GET /timebank/pools/{station_id}": Row(ANYBODY, given.own_station),
    "GET /station/timebank/pool": Row("401 403 403 403 200 200 404 200 404 200", own_pool),
}
