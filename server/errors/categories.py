"""Refusals about categories of need, policies and the calendar."""

from server.errors.base import Refusal, required
from server.errors.common import AlreadyExists, OutOfRange


class CategoryExists(AlreadyExists):
    message = "已经有这个代码的服务类别"


class CategoryNotAvailable(Refusal):
    """These `categories` do not exist, or are inactive."""

    code = "category_not_available"
    status = 409
    message = "没有这一类服务，或者已经停用，请重新选择"
    detail_types = required(categories="codes")


class CategoryRequired(Refusal):
    """The category “not sure” is always offered, because residents may not know what they need."""

    code = "category_required"
    status = 409
    message = "“不确定”这一类必须保留，并由所有站点提供"


class PolicyOutOfRange(OutOfRange):
    message = "数值超出允许的范围，应为{minimum}到{maximum}"


class CityWidePolicy(Refusal):
    """The number is the same for the whole city."""

    code = "city_wide_policy"
    status = 409
    message = "这一项全市统一，不能按区县或站点单独设置"
