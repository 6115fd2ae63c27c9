"""Stewards: check-in and check-out from the list, and a phone without a network."""

from miniprogram_contract.check_ins import (
    AttendeeSelection,
    CheckInResult,
    CheckOutResult,
    NewScans,
    RosterDetail,
    ScanReport,
)
from server.adapters.clock import Moment
from server.domain.check_ins import offline_scans, roster, staff_check_in
from server.domain.check_ins.roster import RosterProof
from server.domain.check_ins.scan_matching import ScanInput
from server.domain.check_ins.staff_check_in import Selection
from server.errors import (
    ActivityOver,
    BookingNotSeated,
    CheckInCancelled,
    CheckInNotOpen,
    CheckOutTooEarly,
    InvalidRoster,
    InvalidTicket,
    NotAllowed,
    NotCheckedIn,
    OwnCheckIn,
    PostRequired,
    VouchingNotAllowed,
)
from server.handlers import subjects
from server.handlers.check_ins import serializers
from server.handlers.http import Caller, endpoint
from server.handlers.http.endpoint import RateLimit

PATH = "/station/activities/<activity_id:int>"
# Enough for a queue at the entrance; tickets are still far too many to guess.
ENTRANCE_LIMIT = RateLimit(most=120, seconds=60)
# Refusals for callers who are not stewards: staff, or volunteers with a post while the activity is on.
STEWARD_REFUSALS = (NotAllowed, CheckInNotOpen, ActivityOver)


@endpoint(
    "POST",
    PATH + "/check-ins",
    body=AttendeeSelection,
    reply=CheckInResult,
    subject=subjects.STEWARDED,
    limit=ENTRANCE_LIMIT,
    refuses=(*STEWARD_REFUSALS, InvalidTicket, BookingNotSeated, CheckInCancelled, OwnCheckIn, VouchingNotAllowed),
)
async def check_in_attendees(activity_id: int, body: AttendeeSelection, caller: Caller, now: Moment) -> CheckInResult:
    """Check in attendees as a steward (staff, or a volunteer with a post); a repeated check-in gets the same answer."""
    attendees = await staff_check_in.check_in(activity_id, _selection(body), by=caller.person_id, now=now)
    return CheckInResult(people=[serializers.check_in_entry(one) for one in attendees])


def _selection(body: AttendeeSelection) -> Selection:
    return Selection(body.attendee_ids or (), body.ticket or "")


@endpoint(
    "POST",
    PATH + "/check-outs",
    body=AttendeeSelection,
    reply=CheckOutResult,
    subject=subjects.STEWARDED,
    limit=ENTRANCE_LIMIT,
    refuses=(
        *STEWARD_REFUSALS,
        InvalidTicket,
        PostRequired,
        NotCheckedIn,
        CheckOutTooEarly,
        CheckInCancelled,
        OwnCheckIn,
        VouchingNotAllowed,
    ),
)
async def check_out_attendees(activity_id: int, body: AttendeeSelection, caller: Caller, now: Moment) -> CheckOutResult:
    """Check out volunteers: their time becomes service records for the station to approve."""
    checked_out = await staff_check_in.check_out(activity_id, _selection(body), by=caller.person_id, now=now)
    return CheckOutResult(people=[serializers.check_out_entry(one) for one in checked_out])


@endpoint("GET", PATH + "/roster", reply=RosterDetail, refuses=STEWARD_REFUSALS, limit=RateLimit(most=20, seconds=60))
async def get_roster(activity_id: int, caller: Caller, now: Moment) -> RosterDetail:
    """Return the expected attendees for a phone without a network: names masked, tickets hashed, all signed."""
    return serializers.roster_detail(*await roster.issue(activity_id, by=caller.person_id, now=now))


@endpoint(
    "POST",
    PATH + "/scans",
    body=NewScans,
    reply=ScanReport,
    subject=subjects.STEWARDED,
    limit=RateLimit(most=30, seconds=60),
    refuses=(*STEWARD_REFUSALS, InvalidRoster),
)
async def upload_scans(activity_id: int, body: NewScans, caller: Caller, now: Moment) -> ScanReport:
    """Process scans of a phone that had no network: each gets an outcome.

    Repeated scans change nothing and get the same answer.
    """
    scans = [
        ScanInput(
            one.client_id, one.scanned_at, attendee_id=one.attendee_id, ticket=one.ticket or "", out=one.check_out
        )
        for one in body.scans
    ]
    proof = RosterProof(body.roster.issued_at, body.roster.signature)
    return serializers.scan_report(await offline_scans.merge(activity_id, proof, scans, by=caller.person_id, now=now))
