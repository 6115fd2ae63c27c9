"""Who has a station's room when: activities, and staff for something of the station's own."""

from collections.abc import Iterable
from datetime import date, datetime, time

from server.database import db
from server.domain import audit, venues
from server.domain.pagination import Place, later
from server.domain.staff import Staff
from server.domain.venues import LONGEST, Span
from server.domain.working_time import SHANGHAI
from server.errors import InvalidRoomTime, NotFound, RoomUsedByActivity, RoomUseEnded
from server.models import Activity, Room, RoomUse


@db.transaction
async def use(room_id: int, span: Span, purpose: str, *, by: Staff, now: datetime) -> RoomUse:
    """Take a room of one's station for something of the station's own; `purpose` names nobody."""
    room = await venues.held_by_staff(room_id, by)
    _must_be_timely(span, now)
    use_id = await venues.take(room_id, *span, purpose, station_id=room.station_id, by=by.person_id, now=now)
    await audit.note("room.taken", f"room:{room_id}", by=by.person_id, now=now, use=use_id)
    return await RoomUse.get(id=use_id)


def _must_be_timely(span: Span, now: datetime) -> None:
    starts_at, ends_at = span
    checks = {
        "应晚于开始时间": ends_at > starts_at,
        "结束时间已过": ends_at > now,
        f"最多连续使用{LONGEST.days}天": ends_at <= starts_at + LONGEST,
    }
    for problem, right in checks.items():
        if not right:
            raise InvalidRoomTime(fields=[{"field": "body.ends_at", "problem": problem}])


@db.transaction
async def return_use(room_id: int, use_id: int, *, by: Staff, now: datetime) -> RoomUse:
    """Give back what staff took and no longer need; RoomUsedByActivity, RoomUseEnded."""
    await venues.held_by_staff(room_id, by)
    found = await RoomUse.filter(id=use_id, room_id=room_id).first()
    if found is None:
        raise NotFound(kind="room_use", ids=[use_id])
    if activity_id := (await activities_of([use_id])).get(use_id):
        raise RoomUsedByActivity(activity=activity_id)
    if found.ends_at <= now or not await venues.give_back(use_id, now=now):
        raise RoomUseEnded
    await audit.note("room.given_back", f"room:{room_id}", by=by.person_id, now=now, use=use_id)
    return found.update_from_dict({"given_back_at": now})


async def uses_from(room_id: int, day: date, *, by: Staff, after: Place | None, limit: int) -> list[RoomUse]:
    """Who has the room from that day (of Shanghai) on, in the order of time; NotFound for others' rooms."""
    if not await Room.filter(by.of_stations(), id=room_id).exists():
        raise NotFound
    begins = datetime.combine(day, time(), tzinfo=SHANGHAI)
    # No two meet: who ends first began first, and the index is by the end.
    found = RoomUse.filter(later("ends_at", after), room_id=room_id, given_back_at=None, ends_at__gt=begins)
    return await found.order_by("ends_at", "id").limit(limit)


async def activities_of(use_ids: Iterable[int]) -> dict[int, int]:
    """The activities whose rooms these uses are, by use."""
    found = await Activity.filter(room_use_id__in=list(use_ids) or [0]).only("id", "room_use_id")
    return {one.room_use_id: one.id for one in found if one.room_use_id is not None}
