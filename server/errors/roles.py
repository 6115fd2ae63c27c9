"""Refusals about who holds which role."""

from server.errors.base import Refusal


class OwnRole(Refusal):
    """Four eyes: nobody grants or ends a role of their own."""

    code = "own_role"
    status = 403
    message = "不能任免自己的职务"


class NotYoursToGrant(Refusal):
    """City officers appoint county officers, these the heads of stations, and heads social workers."""

    code = "not_yours_to_grant"
    status = 403
    message = "您没有权限任免这一职务"


class RoleHeld(Refusal):
    """The person holds this very role already."""

    code = "role_held"
    status = 409
    message = "该人员已经担任这一职务"


class RoleEnded(Refusal):
    code = "role_ended"
    status = 409
    message = "这一职务已经终止"


class HeadExists(Refusal):
    """A station has exactly one head: end the present one's role first."""

    code = "head_exists"
    status = 409
    message = "该站点已有站长，请先免去现任站长"
