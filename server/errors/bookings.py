"""Refusals about bookings."""

from server.errors.base import Refusal, fixed, nullable, optional, required
from server.errors.common import (
    AlreadySubmitted,
    ConflictOfInterest,
    DeadlinePassed,
    InvalidState,
    LimitReached,
    NotApplicable,
    TooEarly,
)


class InvalidBookingState(InvalidState):
    message = "这份报名目前的状态不能这样办理，请刷新后查看"


class NotBookable(InvalidState):
    """The activity is finished or was cancelled."""

    message = "活动已经结束或取消，不能报名"


class BookingNotOpen(TooEarly):
    message = "还没有开始报名，请在{possible_from}以后再来"


class BookingClosed(DeadlinePassed):
    message = "报名已于{until}截止"


class AreaNotEligible(Refusal):
    """The activity is for residents of other areas."""

    code = "area_not_eligible"
    status = 409
    message = "这个活动只面向指定区域的居民"


class PriorityPeriod(TooEarly):
    """Until then only residents of the areas that the station covers may book."""

    message = "{possible_from}以前优先本片区的居民报名，请在那以后再来"


class BirthYearRequired(Refusal):
    """The activity has age limits, and these `attendees` have no year of birth."""

    code = "birth_year_required"
    status = 409
    message = "活动有年龄要求，请先填写参加人的出生年份"
    detail_types = required(attendees="places")


class AgeNotAllowed(Refusal):
    """These `attendees` are younger than `min_age` or older than `max_age`, by their years of birth."""

    code = "age_not_allowed"
    status = 409
    message = "有参加人的年龄不符合活动要求"
    detail_types = required(attendees="places") | nullable(min_age="integer", max_age="integer")


class AlreadyBooked(Refusal):
    """These `attendees` have a seat, a post or a place in the waiting list, by any person.

    `attendees` is left out if they were booked at this moment.
    """

    code = "already_booked"
    status = 409
    message = "有参加人已经报过名，每人只能报名一次"
    detail_types = optional(attendees="places")


class PartyTooLarge(LimitReached):
    message = "一起报名的人数太多，请减少人数"


class AccountHolderRequired(Refusal):
    """A party needs at least one person with an account, who answers for it."""

    code = "account_holder_required"
    status = 409
    message = "参加人中至少要有一位本人或家庭成员，不能只有没有账号的人；要取消时如果只剩他们，请取消整份报名"


class NotEnoughSeats(Refusal):
    """Only `free` seats are free, fewer than the party needs."""

    code = "not_enough_seats"
    status = 409
    message = "空余名额不够，不能直接安排"
    detail_types = required(free="integer")


class PostFull(NotEnoughSeats):
    """All places of the post are taken; posts have no waiting list."""

    message = "这个志愿岗位已经报满，请看看别的岗位"
    fixed_details = fixed(free=0)


class BookingEnded(InvalidState):
    """The booking was cancelled, refused, has lapsed or is over."""

    message = "这份报名已经结束，不能再取消"


class AlreadyCheckedIn(Refusal):
    """A booking cannot be cancelled after check-in."""

    code = "already_checked_in"
    status = 409
    message = "已经签到，不能再取消"


class OwnBooking(ConflictOfInterest):
    """Staff book and cancel for themselves and their household on their own phone."""

    message = "自己和家人的报名请在自己的手机上办理，或请同事办理"
    fixed_details = fixed(rule="own_booking")


class OfferEnded(InvalidState):
    """The offer was accepted or refused, has expired or was withdrawn."""

    message = "这个名额已经处理过了，请查看报名的最新状态"


class OfferExpired(DeadlinePassed):
    """The offer was not accepted in time, and goes to the next in the waiting list."""

    message = "确认时间已过（{until}），名额将让给下一位，您可以重新报名候补"


class AlreadyExcused(AlreadySubmitted):
    message = "您已经说明过原因，请等待站点查看"


class NoShowNotCounted(NotApplicable):
    """The no-show was forgiven, or does not count for another reason."""

    message = "这次爽约本来就不计入，不用再办理"
    detail_types = optional(exemption="string")


class NoExcusePending(Refusal):
    """There is no undecided excuse."""

    code = "no_excuse_pending"
    status = 409
    message = "目前没有等待答复的爽约说明"


class OwnNoShow(ConflictOfInterest):
    message = "自己或家人的爽约不能由自己处理，请同事办理"
    fixed_details = fixed(rule="own_no_show")
