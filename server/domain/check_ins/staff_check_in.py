"""Check-in and check-out from the list: a steward selects attendees or scans a ticket."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.domain import audit
from server.domain.activities.access import subject_key
from server.domain.bookings import tickets
from server.domain.check_ins import access, four_eyes
from server.domain.check_ins import check_out as check_ins_check_out
from server.domain.check_ins.check_in import CheckIn, record_check_in
from server.domain.check_ins.check_out import CheckOut
from server.domain.check_ins.eligibility import require_seated
from server.domain.check_ins.four_eyes import Steward
from server.domain.check_ins.hours import get_hours, require_begun, require_published
from server.domain.check_ins.notifications import notify_checked_out
from server.domain.check_ins.stewards import require_steward
from server.errors import InvalidTicket, NotFound
from server.models import Activity, Attendee, CheckInWay


@dataclass(frozen=True)
class Selection:
    """Attendees of the list, or one ticket."""

    attendee_ids: Collection[int] = ()
    ticket: str = ""


@db.transaction
async def check_in(activity_id: int, selection: Selection, *, by: int, now: datetime) -> list[Attendee]:
    """Check in these attendees, all or none, until the activity is finished; a repeated check-in keeps the first time.

    Raises NotFound, NotAllowed, CheckInNotOpen, ActivityOver, InvalidTicket, BookingNotSeated, CheckInCancelled,
    OwnCheckIn, VouchingNotAllowed.
    """
    unlocked = await access.get_published(activity_id)
    hours = await get_hours(unlocked)
    await require_steward(unlocked, hours, by, now)
    require_published(unlocked)
    require_begun(hours, now)
    wanted = await _select(unlocked, selection)
    activity = await access.lock_shared(activity_id)
    require_published(activity)
    people, steward = await _lock(activity, wanted, by, now)
    for one in people:
        require_seated(one)
        await steward.require_may_vouch_for(one, now)
    return await _record(people, activity, by, now)


async def _record(people: list[Attendee], activity: Activity, by: int, now: datetime) -> list[Attendee]:
    if new := await record_check_in(people, CheckIn(now, CheckInWay.LIST, by)):
        new_ids = [one.id for one in new]
        await audit.note("activity.checked_in", subject_key(activity.id), by=by, now=now, attendees=new_ids)
    return people


async def _select(activity: Activity, selection: Selection) -> set[int]:
    """Return the selected attendees' ids, all of this activity; they cannot move to another one."""
    wanted = {_of_ticket(activity, selection.ticket)} if selection.ticket else set(selection.attendee_ids)
    here = await Attendee.filter(id__in=sorted(wanted) or [0], activity_id=activity.id).values_list("id", flat=True)
    if strangers := wanted - set(here):
        raise NotFound(kind="attendee", ids=sorted(strangers))
    return wanted


async def _lock(activity: Activity, wanted: set[int], by: int, now: datetime) -> tuple[list[Attendee], Steward]:
    """Return these attendees, locked, and the steward."""
    locked = await access.lock_attendees(wanted | await four_eyes.own_post_ids(activity, by))
    return [one for one in locked if one.id in wanted], await four_eyes.load_steward(activity, locked, by, now)


def _of_ticket(activity: Activity, ticket: str) -> int:
    found = tickets.attendee_of(activity, ticket)
    if found is None:
        raise InvalidTicket
    return found


@db.transaction
async def check_out(activity_id: int, selection: Selection, *, by: int, now: datetime) -> list[CheckOut]:
    """Check out these volunteers, all or none; a repeated check-out keeps the first time.

    Raises NotFound, NotAllowed, CheckInNotOpen and ActivityOver for volunteers who are stewards, InvalidTicket,
    PostRequired, NotCheckedIn, CheckOutTooEarly, CheckInCancelled, OwnCheckIn, VouchingNotAllowed.
    """
    unlocked = await access.get_published(activity_id)
    await require_steward(unlocked, await get_hours(unlocked), by, now)
    wanted = await _select(unlocked, selection)
    activity = await access.lock_shared(activity_id)
    people, steward = await _lock(activity, wanted, by, now)
    for one in people:
        await steward.require_may_vouch_for(one, now)
    left = [await check_ins_check_out.record_check_out(one, activity, at=now, by=by, now=now) for one in people]
    new = [one for one in left if one.is_new]
    if new:
        left_ids = [one.attendee.id for one in new]
        await audit.note("activity.checked_out", subject_key(activity.id), by=by, now=now, attendees=left_ids)
        await notify_checked_out(new, now=now)
    return left
