"""Refusals about the duty roster."""

from server.errors.common import InvalidState, LimitReached, NotAllowed, NotApplicable, TimeConflict


class InvalidShiftState(InvalidState):
    message = "这个班目前的状态不能这样办理，请刷新后查看"


class ShiftOver(InvalidState):
    """The shift has ended."""

    message = "这个班已经结束"


class ShiftConflict(TimeConflict):
    """The person has accepted another shift at this time."""

    message = "这段时间已经安排了另一个班"


class TooManyShifts(LimitReached):
    """The person has as many shifts as a week or a month may have."""

    message = "超过了每人每周或每月可以值班的次数"


class NotOnRoster(NotAllowed):
    """The person neither works for the station nor is an officer of the county."""

    message = "只能安排本站工作人员或本区县主管人员值班"


class NobodyToTakeOver(NotApplicable):
    """No other shift covers the rest of this one. Ask a colleague to take it over instead."""

    message = "交班时没有人接班，请先请同事换班"
