"""Free the shifts of people who left or were shut out, and of stations that close."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from server.database import db
from server.domain import audit, staff
from server.domain.duty import access, cover, offers, places
from server.domain.duty.access import S
from server.domain.duty.notifications import DUTY_FREED, DUTY_SWAP_ENDED, notify
from server.domain.duty.places import Place
from server.models import COVERING, DutyShift


async def free_person(person_id: int, *, by: int | None, now: datetime) -> int:
    """End the person's shifts at places where they may not be on duty any more. Return how many.

    Called in the transaction that ends a role or shuts the person out. Heads and officers of each place are notified.
    """
    db.require_transaction()
    await _forget_asked(person_id, now=now)
    shifts = await _lock_coming(person_id=person_id)
    freed = [one for one in shifts if one.ends_at > now and not await _may_keep(one)]
    await _free(freed, by=by, now=now)
    return len(freed)


async def _may_keep(shift: DutyShift) -> bool:
    return await places.is_on_roster(shift.person_id, await places.place_of(shift))


async def free_station(station_id: int, *, by: int | None, now: datetime) -> int:
    """End the coming shifts of a station that closes or is suspended. Return how many."""
    db.require_transaction()
    freed = [one for one in await _lock_coming(scope=cover.scope_of(station_id=station_id)) if one.ends_at > now]
    for shift in freed:
        await offers.end(shift, S.ENDED, await places.place_of(shift), by=by, now=now)
        await audit.note("duty.freed", f"duty_shift:{shift.id}", by=by, now=now)
    return len(freed)


async def _lock_coming(**of: int | str) -> Sequence[DutyShift]:
    # A shift that was handed over covers until the next one begins.
    coming = DutyShift.filter(**of, status__in=(S.OFFERED, *COVERING))
    return await coming.order_by("id").select_for_update()


async def _forget_asked(person_id: int, *, now: datetime) -> None:
    """Take back what colleagues asked of the person: they learn that they stay on duty."""
    asked = DutyShift.filter(asked_id=person_id, status=S.ACCEPTED, ends_at__gt=now)
    for shift in await asked.order_by("id").select_for_update():
        place = await places.place_of(shift)
        if not await places.is_on_roster(person_id, place):
            await access.change(shift, asked_id=None)
            await notify([shift.person_id], DUTY_SWAP_ENDED, shift, place, now=now)


async def _free(shifts: Iterable[DutyShift], *, by: int | None, now: datetime) -> None:
    for shift in shifts:
        place, was_covering = await places.place_of(shift), shift.status in COVERING
        await offers.end(shift, S.ENDED, place, by=by, now=now)
        await audit.note("duty.freed", f"duty_shift:{shift.id}", by=by, now=now)
        if was_covering:
            await notify(await managers_of(place) - {by}, DUTY_FREED, shift, place, now=now)


async def managers_of(place: Place) -> set[int]:
    """Return the ids of the people who offer shifts at the place."""
    if place.station is None:
        return set(await staff.officers(county_id=place.county_id))
    found = await staff.of_station(place.station.id)
    return {*found.heads, *found.officers}
