"""Refusals about check-in."""

from server.errors.base import Refusal, fixed, optional, required
from server.errors.common import ConflictOfInterest, InvalidState, NotAllowed, RoleRequired, TooEarly


class InvalidCheckInCode(Refusal):
    """The scanned code is not accepted, for the `reason` given: scan the code on the screen again."""

    code = "invalid_check_in_code"
    status = 409
    message = "这不是有效的签到码，请扫描现场屏幕上的二维码"
    detail_types = required(reason="string")


class CodeUnknown(InvalidCheckInCode):
    """The scanned text is not a code of this server."""

    fixed_details = fixed(reason="unknown")


class CodeOfOtherActivity(InvalidCheckInCode):
    message = "这是另一个活动的签到码，请扫描本活动的二维码"
    fixed_details = fixed(reason="other_activity")


class CodeExpired(InvalidCheckInCode):
    """The code was shown too long ago: it changes every 30 seconds."""

    message = "签到码已经更换，请重新扫描现场屏幕上的二维码"
    fixed_details = fixed(reason="expired")


class CodeReplayed(InvalidCheckInCode):
    """The code of the check-in cannot be used to check out."""

    message = "签退要扫描现在屏幕上的二维码，不能用签到时的那一个"
    fixed_details = fixed(reason="replayed")


class CheckInNotOpen(TooEarly):
    message = "还没有到签到时间，{possible_from}开始签到"


class ActivityOver(InvalidState):
    """The activity has ended or was cancelled."""

    message = "活动已经结束或取消，不能再签到"


class NotBooked(Refusal):
    """The person has no booking there; people booked by the caller must be named in the request."""

    code = "not_booked"
    status = 409
    message = "没有查到您本人在这个活动的报名。为家人签到请选择家人，或到现场工作人员处登记"


class BookingNotSeated(InvalidState):
    """The booking is on the waiting list, or its offer waits for an answer."""

    message = "还在候补中，没有名额，不能签到"
    detail_types = required(status="string") | optional(attendee="id")


class CheckInCancelled(InvalidState):
    """The booking was cancelled, refused or has lapsed."""

    message = "这个报名已经取消，不能签到"
    detail_types = required(status="string") | optional(attendee="id")


class PostRequired(RoleRequired):
    """Only volunteers with a post check out."""

    message = "只有在本活动有岗位的志愿者需要签退"
    detail_types = required(role="string") | optional(attendee="id")
    fixed_details = fixed(role="activity_volunteer")


class NotCheckedIn(Refusal):
    """The volunteer did not check in."""

    code = "not_checked_in"
    status = 409
    message = "还没有签到，不能签退"
    detail_types = required(attendee="id")


class CheckOutTooEarly(TooEarly):
    """The check-in was less than a minute ago."""

    message = "刚刚签到，请在服务结束后签退"
    detail_types = required(attendee="id", possible_from="moment")


class OwnCheckIn(ConflictOfInterest):
    """Volunteers' hours of the caller or their household are recorded by another person, or by the code."""

    message = "自己或家人的志愿服务签到签退请由同事办理，或扫描现场二维码"
    fixed_details = fixed(rule="own_check_in")


class VouchingNotAllowed(NotAllowed):
    """Volunteers vouch for others only while checked in by the code or by staff, and not for each other."""

    message = "您本人要先扫码或由工作人员签到，在场时才能为其他志愿者登记，也不能互相登记；请找工作人员"


class InvalidTicket(Refusal):
    """There is no such ticket."""

    code = "invalid_ticket"
    status = 409
    message = "查不到这张报名凭证，请核对后再试"


class InvalidRoster(Refusal):
    """The signature does not belong to a roster of this activity."""

    code = "invalid_roster"
    status = 409
    message = "签到名单核对不上，请联网后重新下载名单"
