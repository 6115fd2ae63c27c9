"""Matching scans to attendees, by row or by ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain.bookings import tickets
from server.models import Activity, Attendee


class Outcome(StrEnum):
    """The outcome of a scan; all but the first three need the steward's attention."""

    CHECKED_IN = "checked_in"
    CHECKED_OUT = "checked_out"
    ALREADY_RECORDED = "already_recorded"
    UNKNOWN_TICKET = "unknown_ticket"
    OTHER_ACTIVITY = "other_activity"
    BOOKING_CANCELLED = "booking_cancelled"
    NOT_SEATED = "not_seated"
    NOT_A_VOLUNTEER = "not_a_volunteer"
    NOT_CHECKED_IN = "not_checked_in"
    TOO_EARLY = "too_early"
    OWN_CHECK_IN = "own_check_in"
    VOUCHING_NOT_ALLOWED = "vouching_not_allowed"
    OUTSIDE_HOURS = "outside_hours"
    BEFORE_BOOKING = "before_booking"
    CLOCK_AHEAD = "clock_ahead"
    ACTIVITY_OVER = "activity_over"


DONE = frozenset({Outcome.CHECKED_IN, Outcome.CHECKED_OUT, Outcome.ALREADY_RECORDED})


@dataclass(frozen=True)
class ScanInput:
    """One scan with the phone's id: a ticket or an attendee, in or out, and the time on the phone's clock."""

    client_id: str
    scanned_at: datetime
    attendee_id: int | None = None
    ticket: str = ""
    out: bool = False


@dataclass(frozen=True)
class MatchedScan:
    """A scan and the attendee of this activity; without one, `mismatch` says why."""

    scan: ScanInput
    attendee_id: int | None
    mismatch: Outcome = Outcome.UNKNOWN_TICKET


async def match(activity: Activity, scans: Sequence[ScanInput]) -> list[MatchedScan]:
    """Find the attendee of each scan."""
    attendee_ids = [one.attendee_id or tickets.attendee_of(activity, one.ticket) for one in scans]
    known = sorted({one for one in attendee_ids if one is not None})
    activity_of = dict(await Attendee.filter(id__in=known or [0]).values_list("id", "activity_id"))
    return [_match(scan, one, activity, activity_of) for scan, one in zip(scans, attendee_ids, strict=True)]


def _match(scan: ScanInput, attendee_id: int | None, activity: Activity, activity_of: dict[int, int]) -> MatchedScan:
    if attendee_id is None or attendee_id not in activity_of:
        return MatchedScan(scan, None)
    here = activity_of[attendee_id] == activity.id
    return MatchedScan(scan, attendee_id if here else None, Outcome.OTHER_ACTIVITY)
