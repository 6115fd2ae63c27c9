"""Refusals about points."""

from server.errors.base import Refusal


class RuleExists(Refusal):
    """The station has a rule of this kind and title, maybe one that is not active."""

    code = "rule_exists"
    status = 409
    message = "本站已有同名的积分规则，可以修改或重新启用它"


class HourRuleActive(Refusal):
    """A station has at most one active rule for hours of service."""

    code = "hour_rule_active"
    status = 409
    message = "本站已有生效的服务时长积分规则，请先停用它"


class RuleCapsDisordered(Refusal):
    """Points, daily cap and monthly cap rise in this order."""

    code = "rule_caps_disordered"
    status = 409
    message = "每次的积分不能超过每日上限，每日上限不能超过每月上限"


class RuleNotOffered(Refusal):
    """The station is not open or gives no points by such a rule for a deed now."""

    code = "rule_not_offered"
    status = 409
    message = "这个站点现在没有这项积分，请重新选择"


class DeedDayRefused(Refusal):
    """The day lies ahead, or too far back. Details: `earliest`, `latest`."""

    code = "deed_day_refused"
    status = 409
    message = "日期不能晚于今天，也不能太早"


class CapReached(Refusal):
    """The rule gives the person no more points for that day or month."""

    code = "cap_reached"
    status = 409
    message = "这项积分当天或当月已达到上限"


class SameHands(Refusal):
    """Four eyes: neither who entered, approved or objected to it, nor who earns it, nor their household."""

    code = "same_hands"
    status = 403
    message = "您与这笔积分有关，请由其他工作人员办理"


class NothingToList(Refusal):
    """No approved points of the station wait for a public notice."""

    code = "nothing_to_list"
    status = 409
    message = "目前没有待公示的积分"


class PublicNoticeOver(Refusal):
    """The line is no longer up for objections."""

    code = "public_notice_over"
    status = 409
    message = "公示已结束，不能再提出异议"


class OwnLine(Refusal):
    """Nobody objects to their own points."""

    code = "own_line"
    status = 409
    message = "不能对自己的积分提出异议"


class ObjectedAlready(Refusal):
    """Once a person and line."""

    code = "objected_already"
    status = 409
    message = "您已对这笔积分提出过异议，请等待处理"
