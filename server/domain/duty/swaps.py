"""Swap a shift: ask a colleague, who takes it over or not. Two people who exchange shifts ask each other."""

from datetime import datetime

from server.database import db
from server.domain import audit, reference
from server.domain.duty import access, places
from server.domain.duty.access import S
from server.domain.duty.notifications import (
    DUTY_SWAP_ASKED,
    DUTY_SWAP_DECLINED,
    DUTY_SWAP_ENDED,
    DUTY_SWAPPED,
    notify,
)
from server.domain.staff import Staff
from server.errors import NotOnRoster
from server.models import DutyShift


@db.transaction
async def ask(shift_id: int, *, colleague_id: int, by: Staff, now: datetime) -> DutyShift:
    """Ask a colleague to take over the caller's shift, in place of one who was asked before.

    The caller stays on duty until the colleague accepts. Raises `InvalidShiftState`, `ShiftOver`, `NotOnRoster`.
    """
    shift = await access.lock_own(shift_id, by.person_id)
    access.require_coming(shift, S.ACCEPTED, now=now)
    place = await places.place_of(shift)
    if colleague_id == by.person_id or not await places.is_on_roster(colleague_id, place):
        raise NotOnRoster
    earlier = shift.asked_id
    if earlier == colleague_id:
        return shift
    await access.change(shift, asked_id=colleague_id)
    await audit.note("duty.swap_asked", f"duty_shift:{shift.id}", by=by.person_id, now=now, person=colleague_id)
    await notify([colleague_id], DUTY_SWAP_ASKED, shift, place, now=now)
    if earlier is not None:
        await notify([earlier], DUTY_SWAP_ENDED, shift, place, now=now)
    return shift


@db.transaction
async def accept(shift_id: int, *, phone: str, by: Staff, now: datetime) -> DutyShift:
    """Take over a colleague's shift, or the rest of it. Return the caller's own shift.

    Raises `NotFound` if the caller is not asked, `InvalidShiftState`, `ShiftOver`, and what `access.require_can_take`
    raises.
    """
    await reference.lock_shared()  # the station does not close meanwhile
    await access.lock_person(by.person_id)
    shift = await access.lock_asked(shift_id, by.person_id)
    access.require_coming(shift, S.ACCEPTED, now=now)
    place, starts_at = await places.place_of(shift), max(now, shift.starts_at)
    await access.require_can_take(by.person_id, place, starts_at, shift.ends_at)
    await access.change(shift, status=S.SWAPPED, ended_at=now, asked_id=None)
    taken = await DutyShift.create(
        **place.columns,
        person_id=by.person_id,
        phone=phone,
        status=S.ACCEPTED,
        starts_at=starts_at,
        ends_at=shift.ends_at,
        offered_by_id=shift.offered_by_id,
        offered_at=shift.offered_at,
        answered_at=now,
        replaces_id=shift.id,
    )
    # The colleague reads the notes that were left for this shift.
    await DutyShift.filter(handed_to_id=shift.id).update(handed_to_id=taken.id)
    await audit.note("duty.swapped", f"duty_shift:{shift.id}", by=by.person_id, now=now, shift=taken.id)
    people = {shift.person_id, shift.offered_by_id} - {by.person_id}
    await notify(people, DUTY_SWAPPED, taken, place, now=now)
    return taken


@db.transaction
async def decline(shift_id: int, *, by: Staff, now: datetime) -> DutyShift:
    """Decline to take over a colleague's shift, which stays theirs. Raises `NotFound`, `InvalidShiftState`."""
    shift = await access.lock_asked(shift_id, by.person_id)
    access.require_coming(shift, S.ACCEPTED, now=now)
    await access.change(shift, asked_id=None)
    await audit.note("duty.swap_declined", f"duty_shift:{shift.id}", by=by.person_id, now=now)
    await notify([shift.person_id], DUTY_SWAP_DECLINED, shift, await places.place_of(shift), now=now)
    return shift
