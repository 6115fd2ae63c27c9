"""Rights on venues: the station's head manages them, its staff use them."""

import itertools
from datetime import datetime, timedelta

from server.domain import venue_uses, venues
from server.domain.venues import NewVenue
from server.models import Venue, VenueKind
from tests.authorisation.given import Given
from tests.authorisation.row import ANY_STAFF, ANYBODY, Row
from tests.sides import Side

NUMBERS = itertools.count()
READERS = "401 403 403 403 200 200 404 200 404 200"
WORKERS = "401 403 403 403 200 200 404 403 404 403"


async def venue_of(side: Side) -> Venue:
    wanted = NewVenue(side.station.id, VenueKind.MEETING, f"{next(NUMBERS)}号会议室", 60)
    return await venues.create(wanted, by=side.staff["head"], now=side.now)


async def venue(side: Side) -> Given:
    # A new name each time, because a row is used more than once.
    return Given(path={"venue_id": (await venue_of(side)).id}, body={"name": f"{next(NUMBERS)}号阅览室"})


async def new(side: Side) -> Given:
    return Given(body={"station_id": side.station.id, "name": f"{next(NUMBERS)}号室"})


async def of_station(side: Side) -> Given:
    await venue_of(side)
    return Given(path={"station_id": side.station.id})


async def taken(side: Side) -> Given:
    made = await venue_of(side)
    starts: datetime = side.now + timedelta(hours=1)
    span = (starts, starts + timedelta(hours=1))
    use = await venue_uses.create(made.id, span, "议事", by=side.staff["worker"], now=side.now)
    return Given(path={"venue_id": made.id, "use_id": use.id})


ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /stations/{station_id}/venues": Row(ANYBODY, of_station),
    "GET /station/venues": Row(ANY_STAFF),
    "POST /station/venues": Row("401 403 403 403 403 201 403 403 403 403", new),
    "POST /station/venues/{venue_id}/changes": Row("401 403 403 403 403 200 404 403 404 403", venue),
    "GET /station/venues/{venue_id}/uses": Row(READERS, venue),
    "POST /station/venues/{venue_id}/uses": Row(WORKERS.replace("200", "201"), venue),
    "POST /station/venues/{venue_id}/uses/{use_id}/return": Row(WORKERS, taken),
}
