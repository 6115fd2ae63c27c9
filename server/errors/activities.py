"""Refusals about activities."""

from server.errors.base import Refusal


class ActivityNotDraft(Refusal):
    """Only a draft may be edited freely or thrown away. Details: `status`."""

    code = "activity_not_draft"
    status = 409
    message = "活动已经发布或结束，不能再按草稿修改"


class ActivityEnded(Refusal):
    """It is finished or cancelled, or its end has passed. Details: `phase`, `running` until it is finished."""

    code = "activity_ended"
    status = 409
    message = "活动已经结束或取消，不能再修改"


class ActivityPlanWrong(Refusal):
    """Times or ages that contradict each other or lie in the past.

    Details: `fields`, all of them, each with why; also a place that is missing, or seats that its room has not.
    """

    code = "activity_plan_wrong"
    status = 409
    message = "活动的时间或年龄安排有误，请按提示修改"


class PlaceMissing(Refusal):
    """Neither a place nor a room is named."""

    code = "place_missing"
    status = 409
    message = "请填写活动地点，或者选择本站的房间"


class AnswersWrong(Refusal):
    """What was asked at booking is not answered as asked. Details: `fields`, every wrong one, each with why."""

    code = "answers_wrong"
    status = 409
    message = "报名问题的回答有误，请按提示修改"


class PostExists(Refusal):
    """The posts of an activity have different titles."""

    code = "post_exists"
    status = 409
    message = "这个活动已有同名的志愿岗位"


class TooManyPosts(Refusal):
    """Details: `most` an activity."""

    code = "too_many_posts"
    status = 409
    message = "志愿岗位太多了，请合并岗位或增加人数"


class PostTaken(Refusal):
    """Volunteers have taken more places than would be left. Details: `taken`."""

    code = "post_taken"
    status = 409
    message = "已有志愿者报名这个岗位，名额不能少于已报人数"


class PostHasBookings(Refusal):
    """Somebody once took the post, so that it stays in the books; its places can be lowered."""

    code = "post_has_bookings"
    status = 409
    message = "已有志愿者报过这个岗位，不能删除，可以把名额减到已报人数"


class ActivityInSeries(Refusal):
    """It belongs to a series already."""

    code = "activity_in_series"
    status = 409
    message = "这个活动已属于一个系列，请复制后再建立新的系列"


class SeriesEmpty(Refusal):
    """No day of the series is left."""

    code = "series_empty"
    status = 409
    message = "按这样安排没有可以举办的日期，请检查截止日期"


class SeriesTooLong(Refusal):
    """Details: `most` activities, `latest` day."""

    code = "series_too_long"
    status = 409
    message = "系列活动太多或排得太远，请缩短"


class ActivityNotNow(Refusal):
    """What was decided of the activity does not allow it. Details: `status`."""

    code = "activity_not_now"
    status = 409
    message = "活动目前的状态不能这样办理，请刷新后查看"


class NothingOffered(Refusal):
    """It has neither a seat nor a post."""

    code = "nothing_offered"
    status = 409
    message = "请至少设置一个名额或志愿岗位，再发布活动"


class ActivityBegun(Refusal):
    """Once it has begun it stays where and when it is; its end may still move. Details: `fields`."""

    code = "activity_begun"
    status = 409
    message = "活动已经开始，不能再改开始时间和地点"


class SeatsBelowBooked(Refusal):
    """No fewer seats than are booked and offered. Details: `taken` and `held`."""

    code = "seats_below_booked"
    status = 409
    message = "名额不能少于已报名和正在保留的人数"


class ActivityTooEarly(Refusal):
    """It is finished after it has begun. Details: `possible_from`."""

    code = "activity_too_early"
    status = 409
    message = "活动还没有开始，不能结束；不办了请取消活动"


class SeatsUndecided(Refusal):
    """Before its end somebody may still come, or accept an offer. Details: `missing`, `offered`, `possible_from`."""

    code = "seats_undecided"
    status = 409
    message = "还有人报了名没有签到，活动结束时间以前他们仍可能到场，请到时再结束"


class VolunteersCheckedIn(Refusal):
    """Who serves is checked out first, so that no hour is lost. Details: `volunteers`, how many."""

    code = "volunteers_checked_in"
    status = 409
    message = "还有志愿者没有签退，请先为他们签退，再取消活动"
