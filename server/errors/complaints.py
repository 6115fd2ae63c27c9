"""Refusals about complaints."""

from server.errors.common import InvalidState


class InvalidComplaintState(InvalidState):
    message = "这条投诉目前的状态不能这样办理，请刷新后查看"
