"""Outcomes of offline scans: the rules of check-in, applied afterwards, with an outcome for each refusal."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from server.domain.check_ins import check_out
from server.domain.check_ins.check_in import CheckIn, record_check_in
from server.domain.check_ins.check_out import CheckOut
from server.domain.check_ins.eligibility import require_seated
from server.domain.check_ins.four_eyes import Steward
from server.domain.check_ins.hours import CheckInHours, require_published
from server.domain.check_ins.scan_matching import MatchedScan, Outcome
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

# A phone's clock may differ from ours by so much.
CLOCK_TOLERANCE = timedelta(minutes=2)
OUTCOME_OF_REFUSAL: dict[type[Refusal], Outcome] = {
    ActivityOver: Outcome.ACTIVITY_OVER,
    BookingNotSeated: Outcome.NOT_SEATED,
    CheckInCancelled: Outcome.BOOKING_CANCELLED,
    CheckOutTooEarly: Outcome.TOO_EARLY,
    PostRequired: Outcome.NOT_A_VOLUNTEER,
    NotCheckedIn: Outcome.NOT_CHECKED_IN,
    OwnCheckIn: Outcome.OWN_CHECK_IN,
    VouchingNotAllowed: Outcome.VOUCHING_NOT_ALLOWED,
}


@dataclass
class ScanProcessor:
    """A steward's scans of one activity; collects the volunteers whom they check out."""

    activity: Activity
    hours: CheckInHours
    by: Steward
    now: datetime
    checked_out: list[CheckOut] = field(default_factory=list)

    async def process(self, matched: MatchedScan, row: Attendee | None) -> Outcome:
        """Apply one scan and return its outcome; `row` is the locked attendee, or None if there is none."""
        scan = matched.scan
        if scan.scanned_at > self.now + CLOCK_TOLERANCE:
            return Outcome.CLOCK_AHEAD
        if row is None:
            return matched.mismatch
        at = min(scan.scanned_at, self.now)
        if not self.hours.opens_at <= at <= (self.hours.until if scan.out else self.hours.ends_at):
            return Outcome.OUTSIDE_HOURS
        seated_at = row.booking.seated_at or at
        if at < seated_at - CLOCK_TOLERANCE:
            return Outcome.BEFORE_BOOKING
        try:
            return await (self._check_out if scan.out else self._check_in)(row, max(at, seated_at))
        except tuple(OUTCOME_OF_REFUSAL) as refusal:
            # A refusal is raised before anything is changed.
            return OUTCOME_OF_REFUSAL[type(refusal)]

    async def _check_in(self, row: Attendee, at: datetime) -> Outcome:
        if row.checked_in_at is not None:
            return Outcome.ALREADY_RECORDED
        require_published(self.activity)
        require_seated(row)
        await self.by.require_may_vouch_for(row, at)
        await record_check_in([row], CheckIn(at, CheckInWay.SCAN, self.by.person_id))
        return Outcome.CHECKED_IN

    async def _check_out(self, row: Attendee, at: datetime) -> Outcome:
        await self.by.require_may_vouch_for(row, at)
        checked_out = await check_out.record_check_out(row, self.activity, at=at, by=self.by.person_id, now=self.now)
        if not checked_out.is_new:
            return Outcome.ALREADY_RECORDED
        self.checked_out.append(checked_out)
        return Outcome.CHECKED_OUT
