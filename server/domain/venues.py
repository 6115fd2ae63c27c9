"""Rooms of a station (plan rule 51): kept by its head, taken from when until when, never by two at once.

Who takes a room holds its row: of two who want the same hours the second sees the first.
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
    RoomExists,
    RoomNotAvailable,
    RoomSeatsBooked,
    RoomTaken,
    RoomTooSmall,
    RoomUseEnded,
    TooManyRooms,
)
from server.models import Activity, Room, RoomKind, RoomUse, Station

# Of whole days in a row, such as a week's camp; and far more rooms than a station has.
LONGEST = timedelta(days=7)
MOST = 100
# From when until when.
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class NewRoom:
    """A room to be given out, and how many people it holds."""

    station_id: int
    kind: RoomKind
    name: str
    people_most: int


@db.transaction
async def add(wanted: NewRoom, *, by: Staff, now: datetime) -> Room:
    """Enter a room of a station one heads; RoomExists for a name the station has."""
    if wanted.station_id not in by.station_ids:
        raise NotAllowed
    _must_head(wanted.station_id, by)
    if await Room.filter(station_id=wanted.station_id).count() >= MOST:
        raise TooManyRooms(limit=MOST)
    room = Room(**asdict(wanted), created_at=now)
    facts = {"station": room.station_id, "kind": room.kind, "people_most": room.people_most}
    await audit.note("room.added", f"room:{room.id}", by=by.person_id, now=now, **facts)
    try:
        await room.save(force_create=True)
    except IntegrityError as error:
        raise _named_like_another(error) from error
    await room.fetch_related("station")
    return room


def _named_like_another(error: IntegrityError) -> Exception:
    return RoomExists() if db.duplicate(error) else error


def _must_head(station_id: int, by: Staff) -> None:
    if station_id not in by.head_of:
        raise HeadRequired


@db.transaction
async def change(room_id: int, changes: dict[str, Any], *, by: Staff, now: datetime) -> Room:
    """Change a room's name, size, or whether it is given out; who has taken it keeps it.

    RoomSeatsBooked when an activity to come has more seats in it than it would hold.
    """
    room = await held_by_staff(room_id, by)
    _must_head(room.station_id, by)
    if changes.get("people_most", room.people_most) < room.people_most:
        await _must_stay_enough(room_id, changes["people_most"], now)
    await audit.note("room.changed", f"room:{room_id}", by=by.person_id, now=now, **changes)
    try:
        await Room.filter(id=room_id).update(**changes) if changes else None
    except IntegrityError as error:
        raise _named_like_another(error) from error
    await room.fetch_related("station")
    return room.update_from_dict(changes)


async def held_by_staff(room_id: int, by: Staff) -> Room:
    """The room, locked, of a station the caller works for; NotAllowed for officers of it, NotFound for others."""
    room = await Room.filter(id=room_id, station_id__in=sorted(by.station_ids) or [0]).select_for_update().first()
    if room is None:
        raise NotAllowed if await Room.filter(by.of_stations(), id=room_id).exists() else NotFound
    return room


async def _must_stay_enough(room_id: int, people_most: int, now: datetime) -> None:
    coming = Activity.filter(room_use__room_id=room_id, room_use__ends_at__gt=now, room_use__given_back_at=None)
    largest = await coming.filter(seats__gt=people_most).order_by("-seats").first()
    if largest is not None:
        raise RoomSeatsBooked(minimum=largest.seats)


async def take(
    room_id: int, starts_at: datetime, ends_at: datetime, purpose: str, *, station_id: int, by: int, now: datetime
) -> int:
    """Take the station's room for a time, and return the use's id; RoomTaken, RoomNotAvailable, NotFound."""
    span = (starts_at, ends_at)
    return (await take_all(room_id, [span], purpose, station_id=station_id, by=by, now=now))[0]


async def take_all(
    room_id: int, spans: Sequence[Span], purpose: str, *, station_id: int, by: int, now: datetime
) -> list[int]:
    """Take the station's room for several times, all or none, and return the uses' ids in their order.

    RoomTaken names every day on which somebody else has it.
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


async def _must_be_given_out(room: Room, spans: Sequence[Span], *, but: int = 0) -> None:
    """Raise RoomNotAvailable, or RoomTaken unless the locked room is free in all spans but for the use that moves."""
    if not room.active:
        raise RoomNotAvailable
    first, last = min(starts_at for starts_at, _ in spans), max(ends_at for _, ends_at in spans)
    near = RoomUse.filter(room_id=room.id, given_back_at=None, ends_at__gt=first, starts_at__lt=last).exclude(id=but)
    taken = [(use.starts_at, use.ends_at) for use in await near]
    if days := sorted({_day(span[0]) for span in spans if _meets(span, taken)}):
        raise RoomTaken(days=[day.isoformat() for day in days])


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
        raise RoomUseEnded
    if (use.starts_at, use.ends_at) != (starts_at, ends_at):
        await _must_be_given_out(room, [(starts_at, ends_at)], but=use_id)
    changes = {"starts_at": starts_at, "ends_at": ends_at, "taken_at": now, "purpose": purpose or use.purpose}
    await RoomUse.filter(id=use_id).update(**changes)


async def give_back(use_id: int, *, now: datetime) -> bool:
    """Free the room from now on; False when that was done before."""
    db.require_transaction()
    return bool(await RoomUse.filter(id=use_id, given_back_at=None).update(given_back_at=now))


async def of_stations(by: Staff, station_id: int | None, *, after: int, limit: int) -> list[Room]:
    """Rooms of the caller's stations and counties, given out or not, by their ids."""
    found = Room.filter(by.of_stations(), id__gt=after)
    if station_id is not None:
        found = found.filter(station_id=station_id)
    return await found.order_by("id").limit(limit).select_related("station")


async def active(station_id: int) -> list[Room]:
    """The rooms a station gives out, by kind and name; NotFound for no station."""
    if not await Station.exists(id=station_id):
        raise NotFound
    return await Room.filter(station_id=station_id, active=True).order_by("kind", "name").limit(MOST)
