"""Refusals about bookings."""

from server.errors.base import Refusal


class BookingNotNow(Refusal):
    """The booking's status does not allow it. Details: `status`."""

    code = "booking_not_now"
    status = 409
    message = "这份报名目前的状态不能这样办理，请刷新后查看"


class NotBookable(Refusal):
    """It is finished or was cancelled. Details: `status`."""

    code = "not_bookable"
    status = 409
    message = "活动已经结束或取消，不能报名"


class BookingNotOpenYet(Refusal):
    """Details: `opens_at`."""

    code = "booking_not_open_yet"
    status = 409
    message = "还没有开始报名，请到时间后再来"


class BookingClosed(Refusal):
    """Details: `closed_at`."""

    code = "booking_closed"
    status = 409
    message = "报名已经截止"


class ForOtherAreas(Refusal):
    """The activity is for residents of other areas than everybody of the party lives in."""

    code = "for_other_areas"
    status = 409
    message = "这个活动只面向指定区域的居民"


class PriorityUntil(Refusal):
    """Until then only residents of the areas the station covers may book. Details: `until`."""

    code = "priority_until"
    status = 409
    message = "现在优先本片区的居民报名，请在优先时间过后再来"


class BirthYearNeeded(Refusal):
    """The activity has age limits. Details: `attendees`, by their places in the list, who gave no year of birth."""

    code = "birth_year_needed"
    status = 409
    message = "活动有年龄要求，请先填写参加人的出生年份"


class AgeNotAllowed(Refusal):
    """By the years of birth. Details: `least`, `most`, `attendees`, by their places in the list, whom it is not for."""

    code = "age_not_allowed"
    status = 409
    message = "有参加人的年龄不符合活动要求"


class AlreadyBooked(Refusal):
    """Somebody of the party has a seat, a post or a place in line there, whoever booked it.

    Details: `attendees`, by their places in the list, who; left out when they got it at this very moment.
    """

    code = "already_booked"
    status = 409
    message = "有参加人已经报过名，每人只能报名一次"


class PartyTooLarge(Refusal):
    """Details: `most` people."""

    code = "party_too_large"
    status = 409
    message = "一起报名的人数太多，请减少人数"


class AccountNeeded(Refusal):
    """Somebody of a party answers for it: a person known by an account, not by a name alone."""

    code = "account_needed"
    status = 409
    message = "参加人中至少要有一位本人或家庭成员，不能只有没有账号的人；要取消时如果只剩他们，请取消整份报名"


class PostFull(Refusal):
    """All its places are taken; posts have no waiting list."""

    code = "post_full"
    status = 409
    message = "这个志愿岗位已经报满，请看看别的岗位"


class BookingEnded(Refusal):
    """Cancelled, refused, lapsed or over. Details: `status`."""

    code = "booking_ended"
    status = 409
    message = "这份报名已经结束，不能再取消"


class AttendedAlready(Refusal):
    """Who has checked in does not cancel."""

    code = "attended_already"
    status = 409
    message = "已经签到，不能再取消"


class OwnBooking(Refusal):
    """Four eyes: staff enter and cancel nothing for themselves or their household, except from their own phone."""

    code = "own_booking"
    status = 409
    message = "自己和家人的报名请在自己的手机上办理，或请同事办理"


class OfferEnded(Refusal):
    """It was accepted, refused, ran out or was withdrawn. Details: `state`."""

    code = "offer_ended"
    status = 409
    message = "这个名额已经处理过了，请查看报名的最新状态"


class OfferExpired(Refusal):
    """It was not accepted in time: the next in line are asked. Details: `expires_at`."""

    code = "offer_expired"
    status = 409
    message = "确认时间已过，名额将让给下一位，您可以重新报名候补"


class SeatsNotFree(Refusal):
    """The party does not fit into what is free. Details: `free`, in seats."""

    code = "seats_not_free"
    status = 409
    message = "空余名额不够，不能直接安排"


class AlreadyExcused(Refusal):
    """What is said to a no-show is said once."""

    code = "already_excused"
    status = 409
    message = "您已经说明过原因，请等待站点查看"


class NoShowNotCounted(Refusal):
    """It was forgiven, or does not count for another reason. Details: `exemption`."""

    code = "no_show_not_counted"
    status = 409
    message = "这次爽约本来就不计入，不用再办理"


class NoExcuseWaits(Refusal):
    """Only an excuse is answered, and once: nothing was said to it, or it was upheld already."""

    code = "no_excuse_waits"
    status = 409
    message = "目前没有等待答复的爽约说明"


class OwnNoShow(Refusal):
    """Four eyes: nobody decides on their own or of who lives with them."""

    code = "own_no_show"
    status = 409
    message = "自己或家人的爽约不能由自己处理，请同事办理"
