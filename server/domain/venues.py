"""Venues 场地 of a station, for plan rule 51 (接待区、展示区、访谈室、活动室、档案室 …): never used by two at once.

A reservation locks the venue's row: of two for the same hours the second sees the first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tortoise.exceptions import IntegrityError

from server.database import db
from server.domain import audit, reference
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
from server.models import Activity, Venue, VenueKind, VenueUse

# For several days in a row, such as a camp; and far more venues than a station has.
MAX_USE = timedelta(days=7)
MAX_VENUES = 100
# Start and end.
TimeSpan = tuple[datetime, datetime]


@dataclass(frozen=True)
class NewVenue:
    """A venue to create, and how many people it holds."""

    station_id: int
    kind: VenueKind
    name: str
    capacity: int


@db.transaction
async def create(wanted: NewVenue, *, by: Staff, now: datetime) -> Venue:
    """Create a venue; the caller heads its station. Raises NotAllowed, HeadRequired, TooManyVenues, VenueExists."""
    if wanted.station_id not in by.station_ids:
        raise NotAllowed
    _require_head(wanted.station_id, by)
    if await Venue.filter(station_id=wanted.station_id).count() >= MAX_VENUES:
        raise TooManyVenues(limit=MAX_VENUES)
    venue = Venue(**asdict(wanted), created_at=now)
    facts = {"station": venue.station_id, "kind": venue.kind, "capacity": venue.capacity}
    await audit.note("venue.added", f"venue:{venue.id}", by=by.person_id, now=now, **facts)
    try:
        await venue.save(force_create=True)
    except IntegrityError as error:
        raise _duplicate_name(error) from error
    return (await reference.attach([venue], "station"))[0]


def _duplicate_name(error: IntegrityError) -> Exception:
    return VenueExists() if db.duplicate(error) else error


def _require_head(station_id: int, by: Staff) -> None:
    if station_id not in by.head_of:
        raise HeadRequired


@db.transaction
async def change(venue_id: int, changes: dict[str, Any], *, by: Staff, now: datetime) -> Venue:
    """Change a venue's name, size, or whether it can be used; existing uses stay.

    Raises HeadRequired, VenueExists, VenueSeatsBooked if a coming activity there has more seats.
    """
    venue = await lock_for_staff(venue_id, by)
    _require_head(venue.station_id, by)
    if changes.get("capacity", venue.capacity) < venue.capacity:
        await _require_booked_seats(venue_id, changes["capacity"], now)
    await audit.note("venue.changed", f"venue:{venue_id}", by=by.person_id, now=now, **changes)
    try:
        await Venue.filter(id=venue_id).update(**changes) if changes else None
    except IntegrityError as error:
        raise _duplicate_name(error) from error
    await reference.attach([venue], "station")
    return venue.update_from_dict(changes)


async def lock_for_staff(venue_id: int, by: Staff) -> Venue:
    """Return the venue, locked, if the caller works for its station; NotAllowed for officers, NotFound for others."""
    venue = await Venue.filter(id=venue_id, station_id__in=sorted(by.station_ids) or [0]).select_for_update().first()
    if venue is None:
        raise NotAllowed if await Venue.filter(by.of_stations(), id=venue_id).exists() else NotFound
    return venue


async def _require_booked_seats(venue_id: int, capacity: int, now: datetime) -> None:
    coming = Activity.filter(venue_use__venue_id=venue_id, venue_use__ends_at__gt=now, venue_use__released_at=None)
    largest = await coming.filter(seats__gt=capacity).order_by("-seats").first()
    if largest is not None:
        raise VenueSeatsBooked(minimum=largest.seats)


async def reserve(
    venue_id: int, starts_at: datetime, ends_at: datetime, purpose: str, *, station_id: int, by: int, now: datetime
) -> int:
    """Reserve a venue of the station and return the use's id; raises VenueTaken, VenueNotAvailable, NotFound."""
    span = (starts_at, ends_at)
    return (await reserve_many(venue_id, [span], purpose, station_id=station_id, by=by, now=now))[0]


async def reserve_many(
    venue_id: int, spans: Sequence[TimeSpan], purpose: str, *, station_id: int, by: int, now: datetime
) -> list[int]:
    """Reserve a venue of the station for several times, all or none; return the uses' ids in this order.

    Raises VenueTaken with every day on which it is taken, VenueNotAvailable, NotFound.
    """
    db.require_transaction()
    venue = await Venue.filter(id=venue_id, station_id=station_id).select_for_update().first()
    if venue is None:
        raise NotFound(kind="venue", ids=[venue_id])
    await _require_free(venue, spans)
    told = {"venue_id": venue_id, "purpose": purpose, "reserved_by_id": by, "reserved_at": now}
    uses = [VenueUse(starts_at=starts_at, ends_at=ends_at, **told) for starts_at, ends_at in spans]
    await VenueUse.bulk_create(uses)
    return [use.id for use in uses]


async def _require_free(venue: Venue, spans: Sequence[TimeSpan], *, but: int = 0) -> None:
    """Raise VenueNotAvailable, or VenueTaken unless the locked venue is free in all spans, except for the moved use."""
    if not venue.active:
        raise VenueNotAvailable
    first, last = min(starts_at for starts_at, _ in spans), max(ends_at for _, ends_at in spans)
    near = VenueUse.filter(venue_id=venue.id, released_at=None, ends_at__gt=first, starts_at__lt=last).exclude(id=but)
    taken = [(use.starts_at, use.ends_at) for use in await near]
    if days := sorted({_day(span[0]) for span in spans if _meets(span, taken)}):
        raise VenueTaken(days=[day.isoformat() for day in days])


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def _meets(span: TimeSpan, taken: Iterable[TimeSpan]) -> bool:
    # A use that ends at ten does not overlap one that begins at ten.
    return any(starts_at < span[1] and span[0] < ends_at for starts_at, ends_at in taken)


async def require_capacity(venue_id: int, seats: int) -> None:
    """Raise VenueTooSmall unless the venue holds so many people; it stays locked until the transaction ends."""
    db.require_transaction()
    venue = await Venue.filter(id=venue_id).select_for_update().first()
    if venue is None:
        raise NotFound(kind="venue", ids=[venue_id])
    if venue.capacity < seats:
        raise VenueTooSmall(capacity=venue.capacity)


async def move_use(use_id: int, starts_at: datetime, ends_at: datetime, *, now: datetime, purpose: str = "") -> None:
    """Move a use to another time; raises as `reserve`, and VenueUseEnded if it was released."""
    db.require_transaction()
    found = await VenueUse.get(id=use_id)
    venue = await Venue.filter(id=found.venue_id).select_for_update().get()
    use = await VenueUse.filter(id=use_id).select_for_update().get()
    if use.released_at is not None:
        raise VenueUseEnded
    if (use.starts_at, use.ends_at) != (starts_at, ends_at):
        await _require_free(venue, [(starts_at, ends_at)], but=use_id)
    changes = {"starts_at": starts_at, "ends_at": ends_at, "reserved_at": now, "purpose": purpose or use.purpose}
    await VenueUse.filter(id=use_id).update(**changes)


async def release(use_id: int, *, now: datetime) -> bool:
    """Release the venue; return False if that was done before."""
    db.require_transaction()
    return bool(await VenueUse.filter(id=use_id, released_at=None).update(released_at=now))


async def list_of_stations(by: Staff, station_id: int | None, *, after: int, limit: int) -> list[Venue]:
    """Return a page of venues of the caller's stations and counties, in use or not, by id."""
    found = Venue.filter(by.of_stations(), id__gt=after)
    if station_id is not None:
        found = found.filter(station_id=station_id)
    return await reference.attach(await found.order_by("id").limit(limit), "station")


async def list_active(station_id: int) -> list[Venue]:
    """Return the venues in use at a station, by kind and name; raises NotFound if the station does not exist."""
    if await reference.station(station_id) is None:
        raise NotFound
    return await Venue.filter(station_id=station_id, active=True).order_by("kind", "name").limit(MAX_VENUES)
