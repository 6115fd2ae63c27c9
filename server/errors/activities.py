"""Refusals about activities."""

from server.errors.base import Refusal, required
from server.errors.common import (
    AlreadyExists,
    BelowMinimum,
    FieldNotEditable,
    InvalidState,
    LimitReached,
    TooEarly,
)


class InvalidActivityState(InvalidState):
    message = "活动目前的状态不能这样办理，请刷新后查看"


class ActivityNotDraft(InvalidState):
    """Only a draft can be edited freely or discarded."""

    message = "活动已经发布或结束，不能再按草稿修改"


class ActivityEnded(InvalidState):
    """The activity is finished or cancelled, or its end has passed: then its status is `running`."""

    message = "活动已经结束或取消，不能再修改"


class InvalidActivityPlan(Refusal):
    """Times or ages contradict each other or are in the past, the place is missing, or the venue has too few seats."""

    code = "invalid_activity_plan"
    status = 409
    message = "活动的时间或年龄安排有误，请按提示修改"
    detail_types = required(fields="fields")


class PlaceRequired(Refusal):
    """An activity needs a place or a venue."""

    code = "place_required"
    status = 409
    message = "请填写活动地点，或者选择本站的场地"


class InvalidAnswers(Refusal):
    """The questions at booking are not answered as the activity asks; `fields` has every wrong answer."""

    code = "invalid_answers"
    status = 409
    message = "报名问题的回答有误，请按提示修改"
    detail_types = required(fields="fields")


class PostExists(AlreadyExists):
    message = "这个活动已有同名的志愿岗位"


class TooManyPosts(LimitReached):
    message = "志愿岗位太多了，请合并岗位或增加人数"


class PlacesBelowTaken(BelowMinimum):
    """Volunteers have taken more places than would be left."""

    message = "已有志愿者报名这个岗位，名额不能少于已报的{minimum}人"


class PostInUse(Refusal):
    """A volunteer once took the post, so it is kept; its places can be lowered."""

    code = "post_in_use"
    status = 409
    message = "已有志愿者报过这个岗位，不能删除，可以把名额减到已报人数"


class ActivityInSeries(Refusal):
    """The activity is in a series already."""

    code = "activity_in_series"
    status = 409
    message = "这个活动已属于一个系列，请复制后再建立新的系列"


class SeriesEmpty(Refusal):
    """No day of the series is left."""

    code = "series_empty"
    status = 409
    message = "按这样安排没有可以举办的日期，请检查截止日期"


class SeriesTooLong(LimitReached):
    """A series has at most `limit` activities, the last one on `latest`."""

    message = "系列活动最多{limit}次，最晚到{latest}，请缩短"
    detail_types = required(limit="integer", latest="day")


class SeatsOrPostsRequired(Refusal):
    """An activity needs a seat or a post."""

    code = "seats_or_posts_required"
    status = 409
    message = "请至少设置一个名额或志愿岗位，再发布活动"


class ActivityBegun(FieldNotEditable):
    """Once an activity has begun, its beginning and place are fixed; its end may still move."""

    message = "活动已经开始，不能再改开始时间和地点"


class ActivityPublished(FieldNotEditable):
    """A published activity keeps its category, area, ages, series and questions."""

    message = "活动已经发布，有的内容不能再修改"


class SeatsBelowBooked(BelowMinimum):
    """Seats cannot be fewer than are booked and offered."""

    message = "名额不能少于已报名和正在保留的{minimum}人"


class ActivityTooEarly(TooEarly):
    """An activity can be finished only after it has begun."""

    message = "活动{possible_from}才开始，不能结束；不办了请取消活动"


class AttendanceOpen(TooEarly):
    """Before the end, `missing` people may still come and `offered` people may accept an offer."""

    message = "还有人报了名没有签到，{possible_from}以前他们仍可能到场，请到时再结束"
    detail_types = required(missing="integer", offered="integer", possible_from="moment")


class VolunteersCheckedIn(Refusal):
    """The `volunteers` who are checked in must check out first, so that no hour is lost."""

    code = "volunteers_checked_in"
    status = 409
    message = "还有志愿者没有签退，请先为他们签退，再取消活动"
    detail_types = required(volunteers="integer")
