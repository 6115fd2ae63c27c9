"""Refusals about venues."""

from server.errors.base import Refusal, fixed, required
from server.errors.common import AlreadyExists, BelowMinimum, InvalidState, LimitReached


class VenueTaken(Refusal):
    """The venue is taken at that time on these `days`, in Shanghai."""

    code = "venue_taken"
    status = 409
    message = "这个场地在所选时间已有安排，请换个时间或换个场地"
    detail_types = required(days="days")


class VenueTooSmall(Refusal):
    """The venue holds only `capacity` people."""

    code = "venue_too_small"
    status = 409
    message = "这个场地坐不下这么多人，请减少名额或换个场地"
    detail_types = required(capacity="integer")


class VenueNotAvailable(Refusal):
    """The venue is not in use any more."""

    code = "venue_not_available"
    status = 409
    message = "这个场地已停用，请换个场地"


class VenueExists(AlreadyExists):
    message = "本站已有同名的场地"


class TooManyVenues(LimitReached):
    message = "本站登记的场地太多了，请修改已有的场地"


class VenueSeatsBooked(BelowMinimum):
    """Coming activities in the venue have more seats than it would hold."""

    message = "已安排在这个场地的活动名额更多，请先调整活动"


class InvalidVenueTime(Refusal):
    """The time must end after now and after it begins, within the longest use."""

    code = "invalid_venue_time"
    status = 409
    message = "使用时间有误，请检查开始和结束时间"
    detail_types = required(fields="fields")


class VenueUseEnded(InvalidState):
    """The use has ended or was released."""

    message = "这次使用已经结束或已退还"
    fixed_details = fixed(status="ended")


class VenueUsedByActivity(Refusal):
    """The venue of an activity is released by moving or ending the `activity`."""

    code = "venue_used_by_activity"
    status = 409
    message = "这个时段由活动使用，请在活动中更换场地或取消活动"
    detail_types = required(activity="id")
