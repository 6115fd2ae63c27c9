"""On one's own phone: the code on the station's screen says that one is there."""

from collections.abc import Collection
from datetime import datetime

from tortoise.expressions import Q

from server import db
from server.domain.bookings import locked as bookings
from server.domain.check_ins import codes, leaving, locked
from server.domain.check_ins.arriving import Seen, arrive
from server.domain.check_ins.hours import hours_of, must_have_begun, must_not_be_over, must_take_place
from server.domain.check_ins.leaving import Left
from server.domain.check_ins.standing import SEATED, is_seated, must_be_seated, why_not
from server.errors import CodeReplayed, NotAVolunteerThere, NotExpectedThere, NotFound
from server.models import Activity, Attendee, Booking, CheckInWay


@db.transaction
async def check_in(
    activity_id: int, code: str, *, attendee_ids: Collection[int] | None = None, by: int, now: datetime
) -> list[Attendee]:
    """Check in these people, or everybody of one's bookings who has a seat; who was already keeps the first time.

    Named may be whoever's booking concerns one, a relative's too. Raises the refusals of the code, CheckInNotOpen,
    ActivityOver, NotExpectedThere, BookingNotSeated, CheckInCancelled, and NotFound for others' ids.
    """
    activity = await locked.shared(activity_id)
    hours = await hours_of(activity)
    must_not_be_over(activity, hours.ends_at, now)
    must_take_place(activity)
    must_have_begun(hours, now)
    step = codes.read(code, activity, now)
    if attendee_ids is None:
        here = _all_seated(await _of(activity, await bookings.own(by) | Q(person_id=by)))
    else:
        here = _named(await _of(activity, await bookings.whose(by)), set(attendee_ids))
    for attendee in here:
        await arrive(attendee, Seen(now, CheckInWay.OWN_PHONE, by, step))
    return here


async def _of(activity: Activity, whose: Q) -> list[Attendee]:
    found = await Booking.filter(whose, activity_id=activity.id).values_list("id", flat=True)
    ids = await Attendee.filter(booking_id__in=list(found) or [0]).values_list("id", flat=True)
    return await locked.rows(ids)  # type: ignore[arg-type]


def _named(party: list[Attendee], attendee_ids: set[int]) -> list[Attendee]:
    if strangers := attendee_ids - {one.id for one in party}:
        raise NotFound(attendees=sorted(strangers))
    named = [one for one in party if one.id in attendee_ids]
    for one in named:
        must_be_seated(one)
    return named


def _all_seated(party: list[Attendee]) -> list[Attendee]:
    seated = [one for one in party if is_seated(one)]
    if seated:
        return seated
    if not party:
        raise NotExpectedThere
    # Who waits now had perhaps cancelled before.
    raise why_not(max(party, key=lambda one: (one.current or 0, one.booking.number)))


@db.transaction
async def check_out(activity_id: int, code: str, *, by: int, now: datetime) -> Left:
    """签退 of a volunteer by a later code than the one they came with: the time between becomes a service record.

    The screen shows codes for a day after the end, so one is good then as well. Raises the refusals of the code,
    CodeReplayed, NotAVolunteerThere, NotCheckedIn, CheckOutTooEarly.
    """
    activity = await locked.shared(activity_id)
    step = codes.read(code, activity, now)
    attendee = await _own(activity, by)
    if attendee.checked_out_at is None and step <= (attendee.check_in_step or 0):
        raise CodeReplayed
    return await leaving.leave(attendee, activity, at=now, by=by, now=now)


async def _own(activity: Activity, person_id: int) -> Attendee:
    at_a_post = {"booking__post_id__not_isnull": True, "booking__status__in": SEATED}
    found = await Attendee.filter(activity_id=activity.id, person_id=person_id, **at_a_post).first()
    if found is None:
        raise NotAVolunteerThere
    return (await locked.rows([found.id]))[0]
