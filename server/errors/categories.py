"""Refusals about categories of need, policies and the calendar."""

from server.errors.base import Refusal


class CategoryExists(Refusal):
    """Another category has this code."""

    code = "category_exists"
    status = 409
    message = "已经有这个代码的服务类别"


class CategoryUnknown(Refusal):
    """Details: `codes` that are no category in use."""

    code = "category_unknown"
    status = 409
    message = "有的服务类别不存在或已停用"


class NotSureStays(Refusal):
    """Who does not know what they need must always be able to say so."""

    code = "not_sure_stays"
    status = 409
    message = "“不确定”这一类必须保留，并由所有站点提供"


class PolicyOutOfRange(Refusal):
    """Details: `least`, `most`."""

    code = "policy_out_of_range"
    status = 409
    message = "数值超出允许的范围"


class PolicyIsCityWide(Refusal):
    """One number holds for the whole city."""

    code = "policy_is_city_wide"
    status = 409
    message = "这一项全市统一，不能按区县或站点单独设置"
