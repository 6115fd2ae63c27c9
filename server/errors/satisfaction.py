"""Refusals about ratings and calls back."""

from server.errors.base import Refusal


class RatingFixed(Refusal):
    """A rating can be changed for a while after it was given. Details: `until`."""

    code = "rating_fixed"
    status = 409
    message = "评价已经过了可以修改的时间"


class CalledBackAlready(Refusal):
    code = "called_back_already"
    status = 409
    message = "这次回访已经完成"


class ActivityNotOver(Refusal):
    """An activity is rated once it is over."""

    code = "activity_not_over"
    status = 409
    message = "活动还没有结束，结束后再来评价"


class NotAttended(Refusal):
    """Only who was checked in under their own name rates an activity."""

    code = "not_attended"
    status = 403
    message = "只有签到参加了这次活动的人可以评价"


class OwnActivity(Refusal):
    """Four eyes: nobody rates what they organised, or served at as a volunteer."""

    code = "own_activity"
    status = 403
    message = "自己组织或担任志愿者的活动由其他参加者评价"
