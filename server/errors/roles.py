"""Refusals about roles."""

from server.errors.base import Refusal, fixed
from server.errors.common import AlreadyExists, ConflictOfInterest, InvalidState, NotAllowed


class OwnRole(ConflictOfInterest):
    message = "不能任免自己的职务"
    fixed_details = fixed(rule="own_role")


class RoleNotGrantable(NotAllowed):
    """City officers appoint county officers, these the heads of stations, and heads social workers."""

    message = "您没有权限任免这一职务"


class RoleHeld(AlreadyExists):
    """The person holds this very role already."""

    message = "该人员已经担任这一职务"


class RoleEnded(InvalidState):
    message = "这一职务已经终止"
    fixed_details = fixed(status="ended")


class HeadExists(Refusal):
    """A station has exactly one head: end the present head's role first."""

    code = "head_exists"
    status = 409
    message = "该站点已有站长，请先免去现任站长"
