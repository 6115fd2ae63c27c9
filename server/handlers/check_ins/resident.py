"""Check-in and check-out on one's own phone, by the code on the screen."""

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
from server.handlers.check_ins import serializers
from server.handlers.http import Caller, endpoint
from server.handlers.http.endpoint import RateLimit

# Who fumbles with the camera tries a few times; nobody guesses 80 bits.
SCANNING = RateLimit(most=30, seconds=60)
WRONG_CODES = (CodeUnknown, CodeOfOtherActivity, CodeExpired)


@endpoint(
    "POST",
    "/activities/<activity_id:int>/check-ins",
    body=NewCheckIn,
    reply=CheckInResult,
    limit=SCANNING,
    refuses=(
        *WRONG_CODES,
        CheckInNotOpen,
        ActivityOver,
        NotBooked,
        BookingNotSeated,
        CheckInCancelled,
        OwnCheckIn,
    ),
)
async def check_in(activity_id: int, body: NewCheckIn, caller: Caller, now: Moment) -> CheckInResult:
    """签到 by the code on the screen, for oneself and who came along; again it is answered the same."""
    there = await self_check_in.check_in(activity_id, **dict(body), by=caller.person_id, now=now)
    return CheckInResult(people=[serializers.presence(one) for one in there])


@endpoint(
    "POST",
    "/activities/<activity_id:int>/check-outs",
    body=NewCheckOut,
    reply=CheckOutResult,
    limit=SCANNING,
    refuses=(*WRONG_CODES, CodeReplayed, PostRequired, NotCheckedIn, CheckOutTooEarly),
)
async def check_out(activity_id: int, body: NewCheckOut, caller: Caller, now: Moment) -> CheckOutResult:
    """签退 of a volunteer by a later code: the time since the check-in becomes a service record, once."""
    left = await self_check_in.check_out(activity_id, body.code, by=caller.person_id, now=now)
    return CheckOutResult(people=[serializers.left_post(left)])
