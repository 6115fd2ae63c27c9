"""The location of an activity: a venue of its station, reserved for its time, or another place."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import stations, venues
from server.domain.activities.time_rules import Problem
from server.errors import PlaceRequired
from server.models import Venue, VenueUse


@dataclass(frozen=True)
class LocationRequest:
    """The wanted venue of the station or None, and the place in words (empty: the venue's name)."""

    station_id: int
    venue_id: int | None
    place: str | None
    title: str
    starts_at: datetime
    ends_at: datetime
    seats: int


async def find_problems(request: LocationRequest) -> list[Problem]:
    """Return the wrong fields of the location, each with a text, as `assign` would refuse them."""
    if request.venue_id is None:
        return [] if request.place else [("place", PlaceRequired.message)]
    small = await Venue.filter(id=request.venue_id, station_id=request.station_id, capacity__lt=request.seats).first()
    return [("seats", f"这个场地最多坐{small.capacity}人")] if small is not None else []


async def assign(request: LocationRequest, use_id: int | None, *, by: int, now: datetime) -> dict[str, Any]:
    """Reserve, move or release the activity's venue, and return the columns `place` and `venue_use_id`.

    `use_id` is the use it has so far. Raises PlaceRequired without a venue and a place, VenueTaken, VenueTooSmall,
    VenueNotAvailable, NotFound for a venue of another station.
    """
    db.require_transaction()
    use = await VenueUse.get(id=use_id) if use_id is not None else None
    if use is not None and use.venue_id != request.venue_id:
        await venues.release(use.id, now=now)
        use = None
    if request.venue_id is None:
        return {"venue_use_id": None, "place": require_place(request.place)}
    assigned = await _reserve_or_move(request, use, by, now)
    await venues.require_capacity(request.venue_id, request.seats)
    return {"venue_use_id": assigned, "place": request.place or await venue_as_place(request.venue_id)}


async def _reserve_or_move(request: LocationRequest, use: VenueUse | None, by: int, now: datetime) -> int:
    """Return the id of the use of the wanted venue at the wanted time."""
    assert request.venue_id is not None
    if use is None:
        span, of = (request.starts_at, request.ends_at), request.station_id
        return await venues.reserve(request.venue_id, *span, request.title, station_id=of, by=by, now=now)
    if (use.starts_at, use.ends_at, use.purpose) != (request.starts_at, request.ends_at, request.title):
        await venues.move_use(use.id, request.starts_at, request.ends_at, now=now, purpose=request.title)
    return int(use.id)


def require_place(place: str | None) -> str:
    """Return the place; raises PlaceRequired if it is empty."""
    if not place:
        raise PlaceRequired
    return place


async def venue_as_place(venue_id: int) -> str:
    """Return the venue as a place: its station's name and its own."""
    venue = await Venue.get(id=venue_id)
    return f"{(await stations.get(venue.station_id)).name}{venue.name}"


async def venue_of_use(use_id: int | None) -> int | None:
    """Return the venue's id of a use."""
    use = await VenueUse.get(id=use_id) if use_id is not None else None
    return use.venue_id if use is not None else None
