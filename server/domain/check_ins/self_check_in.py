"""Check-in on the attendee's own phone: the code on the station's screen proves that they are there."""

from collections.abc import Collection
from datetime import datetime

from server.database import db
from server.domain.bookings import access as bookings
from server.domain.check_ins import access, codes
from server.domain.check_ins import check_out as check_ins_check_out
from server.domain.check_ins.check_in import CheckIn, record_check_in
from server.domain.check_ins.check_out import CheckOut
from server.domain.check_ins.eligibility import SEATED, is_seated, is_volunteer, refusal_for, require_seated
from server.domain.check_ins.hours import get_hours, require_begun, require_not_over, require_published
from server.errors import CodeReplayed, NotBooked, NotFound, OwnCheckIn, PostRequired
from server.models import Activity, Attendee, CheckInWay


@db.transaction
async def check_in(
    activity_id: int, code: str, *, attendee_ids: Collection[int] | None = None, by: int, now: datetime
) -> list[Attendee]:
    """Check in these attendees, or everybody seated in the person's party; a repeated check-in keeps the first time.

    The attendees may be of any booking that concerns the person. Raises OwnCheckIn for another person's volunteer post,
    the refusals of the code, CheckInNotOpen, ActivityOver, NotBooked, BookingNotSeated, CheckInCancelled, and NotFound
    for ids of others.
    """
    unlocked = await access.get_published(activity_id)
    step = await _require_valid_code(unlocked, code, now)
    choose = _all_seated if attendee_ids is None else _each_seated
    asked = choose(
        await _party(unlocked, by) if attendee_ids is None else await _named(unlocked, set(attendee_ids), by)
    )
    require_published(await access.lock_shared(activity_id))
    # Some may have cancelled before the lock was taken.
    here = choose(await access.lock_attendees([one.id for one in asked]))
    await record_check_in(here, CheckIn(now, CheckInWay.OWN_PHONE, by, step))
    return here


async def _require_valid_code(activity: Activity, code: str, now: datetime) -> int:
    """Return the step of the code; wrong codes and early people are refused without a lock."""
    step, hours = codes.verify(code, activity, now), await get_hours(activity)
    require_not_over(activity, hours.ends_at, now)
    require_published(activity)
    require_begun(hours, now)
    return step


async def _party(activity: Activity, person_id: int) -> list[Attendee]:
    """Return everybody in the bookings that the person is in."""
    theirs = "SELECT booking_id FROM attendee WHERE activity_id = ? AND person_id = ? AND left_at IS NULL"
    return await access.read_attendees(f"b.id IN ({theirs})", [activity.id, person_id])


async def _named(activity: Activity, attendee_ids: set[int], by: int) -> list[Attendee]:
    ids = sorted(attendee_ids) or [0]
    there = f"a.id IN ({db.placeholders(ids)}) AND b.activity_id = ? AND {bookings.CONCERNING}"
    named = await access.read_attendees(there, [*ids, activity.id, *bookings.concerning(by)])
    if strangers := attendee_ids - {one.id for one in named}:
        raise NotFound(kind="attendee", ids=sorted(strangers))
    # A volunteer earns hours by scanning the screen in person; a relative cannot do it for them.
    if any(is_volunteer(one) and one.person_id != by for one in named):
        raise OwnCheckIn
    return named


def _each_seated(named: list[Attendee]) -> list[Attendee]:
    for one in named:
        require_seated(one)
    return named


def _all_seated(party: list[Attendee]) -> list[Attendee]:
    seated = [one for one in party if is_seated(one)]
    if seated:
        return seated
    if not party:
        raise NotBooked
    # A person on the waiting list may have an earlier, cancelled booking: prefer the current one.
    raise refusal_for(max(party, key=lambda one: (one.current or 0, one.booking.number)))


@db.transaction
async def check_out(activity_id: int, code: str, *, by: int, now: datetime) -> CheckOut:
    """Check out 签退 a volunteer by a later code than at check-in: the time between becomes a service record.

    The screen shows codes until a day after the end. Raises the refusals of the code, CodeReplayed, PostRequired,
    NotCheckedIn, CheckOutTooEarly.
    """
    unlocked = await access.get_published(activity_id)
    step = codes.verify(code, unlocked, now)
    attendee_id = await _own_post_attendee(unlocked, by)
    activity = await access.lock_shared(activity_id)
    [attendee] = await access.lock_attendees([attendee_id])
    if attendee.checked_out_at is None and step <= (attendee.check_in_step or 0):
        raise CodeReplayed
    return await check_ins_check_out.record_check_out(attendee, activity, at=now, by=by, now=now)


async def _own_post_attendee(activity: Activity, person_id: int) -> int:
    at_a_post = {"booking__post_id__not_isnull": True, "booking__status__in": SEATED}
    found = await Attendee.filter(activity_id=activity.id, person_id=person_id, **at_a_post).first()
    if found is None:
        raise PostRequired
    attendee_id: int = found.id
    return attendee_id
