"""Where an activity takes place: in a venue of its station, which it then has for its time, or elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import venues
from server.domain.activities.time_rules import Problem
from server.errors import PlaceRequired
from server.models import Venue, VenueUse


@dataclass(frozen=True)
class Where:
    """What an activity is to have: a venue of the station or none, a place in words (empty: the venue's name)."""

    station_id: int
    venue_id: int | None
    place: str | None
    title: str
    starts_at: datetime
    ends_at: datetime
    seats: int


async def problems(where: Where) -> list[Problem]:
    """The fields of its place that are wrong, each with why, as `settle` would refuse them."""
    if where.venue_id is None:
        return [] if where.place else [("place", PlaceRequired.message)]
    small = await Venue.filter(id=where.venue_id, station_id=where.station_id, people_most__lt=where.seats).first()
    return [("seats", f"这个房间最多坐{small.people_most}人")] if small is not None else []


async def settle(where: Where, use_id: int | None, *, by: int, now: datetime) -> dict[str, Any]:
    """Take, move or give back the activity's venue as wanted, and return the columns `place` and `venue_use_id`.

    `use_id`: the use it has so far. Raises PlaceRequired without a venue and a place, VenueTaken, VenueTooSmall,
    VenueNotAvailable, NotFound for a venue of another station.
    """
    db.require_transaction()
    use = await RoomUse.get(id=use_id) if use_id is not None else None
    if use is not None and use.room_id != where.room_id:
        await venues.give_back(use.id, now=now)
        use = None
    if where.venue_id is None:
        return {"venue_use_id": None, "place": words(where.place)}
    held = await _had(where, use, by, now)
    await venues.must_seat(where.venue_id, where.seats)
    return {"venue_use_id": held, "place": where.place or await venue_in_words(where.venue_id)}


async def _had(where: Where, use: VenueUse | None, by: int, now: datetime) -> int:
    """The use of the wanted venue at the wanted time."""
    assert where.venue_id is not None
    if use is None:
        span, of = (where.starts_at, where.ends_at), where.station_id
        return await venues.take(where.venue_id, *span, where.title, station_id=of, by=by, now=now)
    if (use.starts_at, use.ends_at, use.purpose) != (where.starts_at, where.ends_at, where.title):
        await venues.move(use.id, where.starts_at, where.ends_at, now=now, purpose=where.title)
    return int(use.id)


def words(place: str | None) -> str:
    """The place; PlaceRequired when it is empty."""
    if not place:
        raise PlaceRequired
    return place


async def venue_in_words(venue_id: int) -> str:
    """The venue as a place: its station's name and its own."""
    venue = await Venue.get(id=venue_id).select_related("station")
    return f"{venue.station.name}{venue.name}"


async def venue_of(use_id: int | None) -> int | None:
    """The venue of a use."""
    use = await VenueUse.get(id=use_id) if use_id is not None else None
    return use.venue_id if use is not None else None
