"""Refusals about people and their homes."""

from server.errors.base import Refusal


class HomeNeeded(Refusal):
    """The person has chosen no home community yet."""

    code = "home_needed"
    status = 409
    message = "请先选择您居住的村或社区"


class NotACommunity(Refusal):
    """A home is a village or community that exists today, not a town or county."""

    code = "not_a_community"
    status = 409
    message = "请选择具体的村或社区"
