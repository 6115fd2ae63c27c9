"""Refusals about points."""

from server.errors.base import Refusal, fixed, required
from server.errors.common import (
    AlreadyExists,
    AlreadySubmitted,
    ConflictOfInterest,
    DateOutOfRange,
    DeadlinePassed,
    LimitReached,
)


class RuleExists(AlreadyExists):
    """The station already has a rule of this kind and title, active or not."""

    message = "本站已有同名的积分规则，可以修改或重新启用它"


class HourRuleActive(Refusal):
    """The station already has an active rule for hours of service."""

    code = "hour_rule_active"
    status = 409
    message = "本站已有生效的服务时长积分规则，请先停用它"


class InvalidPointsCaps(Refusal):
    """The points exceed the daily cap, or the daily cap exceeds the monthly cap."""

    code = "invalid_points_caps"
    status = 409
    message = "每次的积分不能超过每日上限，每日上限不能超过每月上限"


class RuleNotAvailable(Refusal):
    """The station is not operating, or gives no points for a deed by this rule now."""

    code = "rule_not_available"
    status = 409
    message = "这个站点现在没有这项积分，请重新选择"


class DeedDayOutOfRange(DateOutOfRange):
    message = "日期应在{earliest}到{latest}之间"
    detail_types = required(earliest="day", latest="day")


class PointsCapReached(LimitReached):
    """The rule gives the person no more points for that day or month."""

    message = "这项积分当天或当月已达到上限"


class InvolvedInPoints(ConflictOfInterest):
    """The caller entered, approved or objected to these points, earns them, or lives with the earner."""

    message = "您与这笔积分有关，请由其他工作人员办理"
    fixed_details = fixed(rule="involved_in_points")


class OwnPoints(ConflictOfInterest):
    message = "不能对自己的积分提出异议"
    fixed_details = fixed(rule="own_points")


class NothingToPublish(Refusal):
    """The station has no approved points that wait for a public notice."""

    code = "nothing_to_publish"
    status = 409
    message = "目前没有待公示的积分"


class ObjectionsClosed(DeadlinePassed):
    """The public notice has ended."""

    message = "公示已于{until}结束，不能再提出异议"


class AlreadyObjected(AlreadySubmitted):
    message = "您已对这笔积分提出过异议，请等待处理"
