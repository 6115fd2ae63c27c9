"""Refusals about check-in."""

from server.errors.base import Refusal


class CodeNotRight(Refusal):
    """What was scanned is no code of ours, or nobody's but a forger's."""

    code = "code_not_right"
    status = 409
    message = "这不是有效的签到码，请扫描现场屏幕上的二维码"


class CodeOfOtherActivity(Refusal):
    """The code is shown at another activity."""

    code = "code_of_other_activity"
    status = 409
    message = "这是另一个活动的签到码，请扫描本活动的二维码"


class CodeExpired(Refusal):
    """The code was shown too long ago: it changes every 30 seconds."""

    code = "code_expired"
    status = 409
    message = "签到码已经更换，请重新扫描现场屏幕上的二维码"


class CodeReplayed(Refusal):
    """The code one checked in with does not check one out."""

    code = "code_replayed"
    status = 409
    message = "签退要扫描现在屏幕上的二维码，不能用签到时的那一个"


class CheckInNotOpen(Refusal):
    """It is too early. Details: `possible_from`."""

    code = "check_in_not_open"
    status = 409
    message = "还没有到签到时间"


class ActivityOver(Refusal):
    """It has ended or was cancelled: nobody checks in any more. Details: `status`."""

    code = "activity_over"
    status = 409
    message = "活动已经结束或取消，不能再签到"


class NotExpectedThere(Refusal):
    """The person is on the activity's list with no booking they are in; for whom else they booked is to be named."""

    code = "not_expected_there"
    status = 409
    message = "没有查到您本人在这个活动的报名。为家人签到请选择家人，或到现场工作人员处登记"


class BookingNotSeated(Refusal):
    """The booking stands in line, or its offer waits for an answer. Details: `attendee`."""

    code = "booking_not_seated"
    status = 409
    message = "还在候补中，没有名额，不能签到"


class CheckInCancelled(Refusal):
    """The booking was cancelled, refused or has lapsed. Details: `attendee`."""

    code = "check_in_cancelled"
    status = 409
    message = "这个报名已经取消，不能签到"


class NotAVolunteerThere(Refusal):
    """Only volunteers with a post at the activity check out. Details: `attendee`."""

    code = "not_a_volunteer_there"
    status = 403
    message = "只有在本活动有岗位的志愿者需要签退"


class NotCheckedIn(Refusal):
    """Who did not check in does not check out. Details: `attendee`."""

    code = "not_checked_in"
    status = 409
    message = "还没有签到，不能签退"


class CheckOutTooEarly(Refusal):
    """Less than a minute after the check-in nothing was served. Details: `attendee` and `possible_from`."""

    code = "check_out_too_early"
    status = 409
    message = "刚刚签到，请在服务结束后签退"


class OwnCheckIn(Refusal):
    """Four eyes: nobody checks themselves or their household in or out for volunteers' hours, except by the code."""

    code = "own_check_in"
    status = 403
    message = "自己或家人的志愿服务签到签退请由同事办理，或扫描现场二维码"


class MayNotVouch(Refusal):
    """A volunteer speaks for another only while there, by the code or by staff's word; never two for each other."""

    code = "may_not_vouch"
    status = 403
    message = "您本人要先扫码或由工作人员签到，在场时才能为其他志愿者登记，也不能互相登记；请找工作人员"


class TicketUnknown(Refusal):
    """There is no such ticket."""

    code = "ticket_unknown"
    status = 409
    message = "查不到这张报名凭证，请核对后再试"


class RosterNotRight(Refusal):
    """The signature is not of a roster of this activity."""

    code = "roster_not_right"
    status = 409
    message = "签到名单核对不上，请联网后重新下载名单"
