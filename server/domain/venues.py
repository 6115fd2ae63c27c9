"""Venues of a station (plan rule 51): kept by its head, taken from when until when, never by two at once.

Who takes a venue holds its row: of two who want the same hours the second sees the first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tortoise.exceptions import IntegrityError

from server.database import db
from server.domain import audit
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI
from server.errors import (
    HeadRequired,
    NotAllowed,
    NotFound,
    TooManyVenues,
    VenueExists,
    VenueNotAvailable,
    VenueSeatsBooked,
    VenueTaken,
    VenueTooSmall,
    VenueUseEnded,
)
from server.models import Activity, Station, Venue, VenueKind, VenueUse

# Of whole days in a row, such as a week's camp; and far more venues than a station has.
LONGEST = timedelta(days=7)
MOST = 100
# From when until when.
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class NewVenue:
    """A venue to be given out, and how many people it holds."""

    station_id: int
    kind: VenueKind
    name: str
    people_most: int


@db.transaction
async def add(wanted: NewVenue, *, by: Staff, now: datetime) -> Venue:
    """Enter a venue of a station one heads; VenueExists for a name the station has."""
    if wanted.station_id not in by.station_ids:
        raise NotAllowed
    _must_head(wanted.station_id, by)
    if await Venue.filter(station_id=wanted.station_id).count() >= MOST:
        raise TooManyVenues(limit=MOST)
    venue = Venue(**asdict(wanted), created_at=now)
    facts = {"station": venue.station_id, "kind": venue.kind, "people_most": venue.people_most}
    await audit.note("venue.added", f"venue:{venue.id}", by=by.person_id, now=now, **facts)
    try:
        await venue.save(force_create=True)
    except IntegrityError as error:
        raise _named_like_another(error) from error
    await venue.fetch_related("station")
    return venue


def _named_like_another(error: IntegrityError) -> Exception:
    return VenueExists() if db.duplicate(error) else error


def _must_head(station_id: int, by: Staff) -> None:
    if station_id not in by.head_of:
        raise HeadRequired


@db.transaction
async def change(venue_id: int, changes: dict[str, Any], *, by: Staff, now: datetime) -> Venue:
    """Change a venue's name, size, or whether it is given out; who has taken it keeps it.

    VenueSeatsBooked when an activity to come has more seats in it than it would hold.
    """
    venue = await held_by_staff(venue_id, by)
    _must_head(venue.station_id, by)
    if changes.get("people_most", venue.people_most) < venue.people_most:
        await _must_stay_enough(venue_id, changes["people_most"], now)
    await audit.note("venue.changed", f"venue:{venue_id}", by=by.person_id, now=now, **changes)
    try:
        await Venue.filter(id=venue_id).update(**changes) if changes else None
    except IntegrityError as error:
        raise _named_like_another(error) from error
    await venue.fetch_related("station")
    return venue.update_from_dict(changes)


async def held_by_staff(venue_id: int, by: Staff) -> Venue:
    """The venue, locked, of a station the caller works for; NotAllowed for officers of it, NotFound for others."""
    venue = await Venue.filter(id=venue_id, station_id__in=sorted(by.station_ids) or [0]).select_for_update().first()
    if venue is None:
        raise NotAllowed if await Venue.filter(by.of_stations(), id=venue_id).exists() else NotFound
    return venue


async def _must_stay_enough(venue_id: int, people_most: int, now: datetime) -> None:
    coming = Activity.filter(venue_use__venue_id=venue_id, venue_use__ends_at__gt=now, venue_use__given_back_at=None)
    largest = await coming.filter(seats__gt=people_most).order_by("-seats").first()
    if largest is not None:
        raise VenueSeatsBooked(minimum=largest.seats)


async def take(
    venue_id: int, starts_at: datetime, ends_at: datetime, purpose: str, *, station_id: int, by: int, now: datetime
) -> int:
    """Take the station's venue for a time, and return the use's id; VenueTaken, VenueNotAvailable, NotFound."""
    span = (starts_at, ends_at)
    return (await take_all(venue_id, [span], purpose, station_id=station_id, by=by, now=now))[0]


async def take_all(
    venue_id: int, spans: Sequence[Span], purpose: str, *, station_id: int, by: int, now: datetime
) -> list[int]:
    """Take the station's venue for several times, all or none, and return the uses' ids in their order.

    VenueTaken names every day on which somebody else has it.
    """
    db.require_transaction()
    room = await Room.filter(id=room_id, station_id=station_id).select_for_update().first()
    if room is None:
        raise NotFound(kind="room", ids=[room_id])
    await _must_be_given_out(room, spans)
    told = {"room_id": room_id, "purpose": purpose, "taken_by_id": by, "taken_at": now}
    uses = [RoomUse(starts_at=starts_at, ends_at=ends_at, **told) for starts_at, ends_at in spans]
    await RoomUse.bulk_create(uses)
    return [use.id for use in uses]


async def _must_be_given_out(venue: Venue, spans: Sequence[Span], *, but: int = 0) -> None:
    """Raise VenueNotAvailable, or VenueTaken unless the locked venue is free in all spans, except for the moved use."""
    if not venue.active:
        raise VenueNotAvailable
    first, last = min(starts_at for starts_at, _ in spans), max(ends_at for _, ends_at in spans)
    near = VenueUse.filter(venue_id=venue.id, given_back_at=None, ends_at__gt=first, starts_at__lt=last).exclude(id=but)
    taken = [(use.starts_at, use.ends_at) for use in await near]
    if days := sorted({_day(span[0]) for span in spans if _meets(span, taken)}):
        raise VenueTaken(days=[day.isoformat() for day in days])


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def _meets(span: Span, taken: Iterable[Span]) -> bool:
    # Who leaves at ten does not meet who comes at ten.
    return any(starts_at < span[1] and span[0] < ends_at for starts_at, ends_at in taken)


async def must_seat(room_id: int, seats: int) -> None:
    """RoomTooSmall unless the room holds so many people; its size then stays until the transaction ends."""
    db.require_transaction()
    room = await Room.filter(id=room_id).select_for_update().first()
    if room is None:
        raise NotFound(kind="room", ids=[room_id])
    if room.people_most < seats:
        raise RoomTooSmall(people_most=room.people_most)


async def move(use_id: int, starts_at: datetime, ends_at: datetime, *, now: datetime, purpose: str = "") -> None:
    """Have the room at another time instead, in the same use; as `take`, and RoomUseEnded once given back."""
    db.require_transaction()
    found = await RoomUse.get(id=use_id)
    room = await Room.filter(id=found.room_id).select_for_update().get()
    use = await RoomUse.filter(id=use_id).select_for_update().get()
    if use.given_back_at is not None:
        raise VenueUseEnded
    if (use.starts_at, use.ends_at) != (starts_at, ends_at):
        await _must_be_given_out(venue, [(starts_at, ends_at)], but=use_id)
    changes = {"starts_at": starts_at, "ends_at": ends_at, "taken_at": now, "purpose": purpose or use.purpose}
    await VenueUse.filter(id=use_id).update(**changes)


async def give_back(use_id: int, *, now: datetime) -> bool:
    """Free the room from now on; False when that was done before."""
    db.require_transaction()
    return bool(await RoomUse.filter(id=use_id, given_back_at=None).update(given_back_at=now))


async def of_stations(by: Staff, station_id: int | None, *, after: int, limit: int) -> list[Venue]:
    """Venues of the caller's stations and counties, given out or not, by their ids."""
    found = Venue.filter(by.of_stations(), id__gt=after)
    if station_id is not None:
        found = found.filter(station_id=station_id)
    return await found.order_by("id").limit(limit).select_related("station")


async def active(station_id: int) -> list[Venue]:
    """The venues a station gives out, by kind and name; NotFound for no station."""
    if not await Station.exists(id=station_id):
        raise NotFound
    return await Venue.filter(station_id=station_id, active=True).order_by("kind", "name").limit(MOST)
