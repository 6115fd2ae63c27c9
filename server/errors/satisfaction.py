"""Refusals about ratings and call-backs."""

from server.errors.base import fixed
from server.errors.common import ConflictOfInterest, DeadlinePassed, InvalidState, RoleRequired, TooEarly


class RatingClosed(DeadlinePassed):
    """A rating can be changed only for some hours."""

    message = "评价只能在{until}以前修改"


class CallBackDone(InvalidState):
    message = "这次回访已经完成"
    fixed_details = fixed(status="done")


class ActivityNotOver(TooEarly):
    message = "活动{possible_from}结束，结束后再来评价"


class ParticipantRequired(RoleRequired):
    """Only a person who was checked in under their own name may rate an activity."""

    message = "只有签到参加了这次活动的人可以评价"
    fixed_details = fixed(role="participant")


class OwnActivity(ConflictOfInterest):
    """A person may not rate an activity they organised or served at as a volunteer."""

    message = "自己组织或担任志愿者的活动由其他参加者评价"
    fixed_details = fixed(rule="own_activity")


class MonthOpen(TooEarly):
    """Figures of a month are shown when none of its ratings can change any more, from `possible_from` on."""

    message = "这个月的满意度{possible_from}公布"
