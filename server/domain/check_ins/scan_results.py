"""How a scan ended: the rules of the door, asked after the fact, with a name for each no."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from server.domain.check_ins import check_out
from server.domain.check_ins.arrival import Seen, arrive
from server.domain.check_ins.check_out import Left
from server.domain.check_ins.eligibility import must_be_seated
from server.domain.check_ins.four_eyes import Voucher
from server.domain.check_ins.hours import Hours, must_take_place
from server.domain.check_ins.scan_matching import Meant, Outcome
from server.errors import (
    ActivityOver,
    BookingNotSeated,
    CheckInCancelled,
    CheckOutTooEarly,
    NotCheckedIn,
    OwnCheckIn,
    PostRequired,
    Refusal,
    VouchingNotAllowed,
)
from server.models import Activity, Attendee, CheckInWay

# A phone's clock may go ahead of ours, or behind, by so much.
CLOCKS_DIFFER = timedelta(minutes=2)
REFUSED: dict[type[Refusal], Outcome] = {
    ActivityOver: Outcome.ACTIVITY_OVER,
    BookingNotSeated: Outcome.NOT_SEATED,
    CheckInCancelled: Outcome.BOOKING_CANCELLED,
    CheckOutTooEarly: Outcome.TOO_EARLY,
    PostRequired: Outcome.NOT_A_VOLUNTEER,
    NotCheckedIn: Outcome.NOT_CHECKED_IN,
    OwnCheckIn: Outcome.OWN_CHECK_IN,
    VouchingNotAllowed: Outcome.MAY_NOT_VOUCH,
}


@dataclass
class Door:
    """Who sends scans of which activity, and whom they checked out meanwhile."""

    activity: Activity
    hours: Hours
    by: Voucher
    now: datetime
    left: list[Left] = field(default_factory=list)

    async def take(self, meant: Meant, row: Attendee | None) -> Outcome:
        """Do what one scan says, if it can count; `row` is the locked row it means, or None."""
        scan = meant.scan
        if scan.scanned_at > self.now + CLOCKS_DIFFER:
            return Outcome.FROM_THE_FUTURE
        if row is None:
            return meant.wrong
        at = min(scan.scanned_at, self.now)
        if not self.hours.opens_at <= at <= (self.hours.until if scan.out else self.hours.ends_at):
            return Outcome.OUTSIDE_HOURS
        seated_at = row.booking.seated_at or at
        if at < seated_at - CLOCKS_DIFFER:
            return Outcome.BEFORE_BOOKING
        try:
            return await (self._out if scan.out else self._in)(row, max(at, seated_at))
        except tuple(REFUSED) as no:
            # Whatever refuses has changed nothing before.
            return REFUSED[type(no)]

    async def _in(self, row: Attendee, at: datetime) -> Outcome:
        if row.checked_in_at is not None:
            return Outcome.ALREADY
        must_take_place(self.activity)
        must_be_seated(row)
        await self.by.must_vouch_for(row, at)
        await arrive(row, Seen(at, CheckInWay.SCAN, self.by.person_id))
        return Outcome.CHECKED_IN

    async def _out(self, row: Attendee, at: datetime) -> Outcome:
        await self.by.must_vouch_for(row, at)
        left = await check_out.leave(row, self.activity, at=at, by=self.by.person_id, now=self.now)
        if not left.just_now:
            return Outcome.ALREADY
        self.left.append(left)
        return Outcome.CHECKED_OUT
