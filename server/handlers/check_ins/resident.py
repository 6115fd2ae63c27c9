"""Check-in and check-out on an own phone, by the code on the screen."""

from miniprogram_contract.check_ins import CheckInResult, CheckOutResult, NewCheckIn, NewCheckOut
from server.adapters.clock import Moment
from server.domain.check_ins import self_check_in
from server.errors import (
    ActivityOver,
    BookingNotSeated,
    CheckInCancelled,
    CheckInNotOpen,
    CheckOutTooEarly,
    CodeExpired,
    CodeOfOtherActivity,
    CodeReplayed,
    CodeUnknown,
    NotBooked,
    NotCheckedIn,
    OwnCheckIn,
    PostRequired,
)
from server.handlers import subjects
from server.handlers.check_ins import serializers
from server.handlers.http import Caller, endpoint
from server.handlers.http.endpoint import RateLimit

# Enough for a few tries with the camera, and far too few to guess 80 bits.
SCAN_LIMIT = RateLimit(most=30, seconds=60)
CODE_REFUSALS = (CodeUnknown, CodeOfOtherActivity, CodeExpired)


@endpoint(
    "POST",
    "/activities/<activity_id:int>/check-ins",
    body=NewCheckIn,
    reply=CheckInResult,
    subject=subjects.OWN,
    limit=SCAN_LIMIT,
    refuses=(
        *CODE_REFUSALS,
        CheckInNotOpen,
        ActivityOver,
        NotBooked,
        BookingNotSeated,
        CheckInCancelled,
        OwnCheckIn,
    ),
)
async def check_in(activity_id: int, body: NewCheckIn, caller: Caller, now: Moment) -> CheckInResult:
    """Check in 签到 the caller and their party by the code on the screen; a repeated check-in gets the same answer."""
    attendees = await self_check_in.check_in(activity_id, **dict(body), by=caller.person_id, now=now)
    return CheckInResult(people=[serializers.check_in_entry(one) for one in attendees])


@endpoint(
    "POST",
    "/activities/<activity_id:int>/check-outs",
    body=NewCheckOut,
    reply=CheckOutResult,
    subject=subjects.OWN,
    limit=SCAN_LIMIT,
    refuses=(*CODE_REFUSALS, CodeReplayed, PostRequired, NotCheckedIn, CheckOutTooEarly),
)
async def check_out(activity_id: int, body: NewCheckOut, caller: Caller, now: Moment) -> CheckOutResult:
    """Check out 签退 a volunteer by a later code: the time since check-in becomes a service record, once."""
    checked_out = await self_check_in.check_out(activity_id, body.code, by=caller.person_id, now=now)
    return CheckOutResult(people=[serializers.check_out_entry(checked_out)])
