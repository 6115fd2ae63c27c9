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
