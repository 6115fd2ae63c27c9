"""Hand over a shift, with a note that the next person on duty reads."""

from datetime import datetime

from server.database import db
from server.domain import audit
from server.domain.duty import access, places
from server.domain.duty.access import S
from server.domain.duty.notifications import DUTY_HANDED_OVER, DUTY_SWAP_ENDED, notify
from server.domain.staff import Staff
from server.errors import NobodyToTakeOver, NotFound, TooEarly
from server.models import DutyShift


@db.transaction
async def hand_over(shift_id: int, *, note: str, by: Staff, now: datetime) -> DutyShift:
    """Hand the running shift over to the next person on duty at the same place.

    If that shift has begun, this one ends now; otherwise when that one begins. So the place is covered all the time.
    Raises `TooEarly` before it begins, `InvalidShiftState`, `ShiftOver`, and `NobodyToTakeOver` without a next shift.
    """
    following = await _find_next(await access.get_own(shift_id, by.person_id), now)
    # Both rows are locked in one order: of two people who hand over to each other, one stays.
    wanted = [shift_id, *([following] if following else [])]
    locked = {one.id: one for one in await DutyShift.filter(id__in=wanted).order_by("id").select_for_update()}
    shift, taking_over = locked[shift_id], locked.get(following or 0)
    if shift.person_id != by.person_id:
        raise NotFound
    access.require_coming(shift, S.ACCEPTED, now=now)
    if shift.starts_at > now:
        raise TooEarly(possible_from=shift.starts_at)
    if taking_over is None or not _goes_on(taking_over, shift):
        raise NobodyToTakeOver
    asked, place = shift.asked_id, await places.place_of(shift)
    await access.change(
        shift,
        status=S.HANDED_OVER,
        ends_at=min(shift.ends_at, max(now, taking_over.starts_at)),
        ended_at=now,
        note=note,
        handed_to_id=taking_over.id,
        asked_id=None,
    )
    await audit.note("duty.handed_over", f"duty_shift:{shift.id}", by=by.person_id, now=now, shift=taking_over.id)
    await notify([taking_over.person_id], DUTY_HANDED_OVER, taking_over, place, now=now)
    if asked is not None:
        await notify([asked], DUTY_SWAP_ENDED, shift, place, now=now)
    return shift


async def _find_next(shift: DutyShift, now: datetime) -> int | None:
    """Return the shift of another person that goes on at the place: the one that lasts longest."""
    others = DutyShift.filter(scope=shift.scope, status=S.ACCEPTED, ends_at__gt=now).exclude(person_id=shift.person_id)
    found = (
        await others.filter(starts_at__lte=shift.ends_at, ends_at__gte=shift.ends_at).order_by("-ends_at", "id").first()
    )
    return found.id if found else None


def _goes_on(following: DutyShift, shift: DutyShift) -> bool:
    """Return whether the other shift covers the rest of this one, or begins when it ends."""
    return following.status == S.ACCEPTED and following.starts_at <= shift.ends_at <= following.ends_at
