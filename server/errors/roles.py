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


class InvalidRoleCode(Refusal):
    """The code is unknown, used or expired; the answer does not tell which."""

    code = "invalid_role_code"
    status = 409
    message = "任职邀请码不对，或已经用过、过期，请向邀请人再要一个"


class RoleNotConfirmable(NotAllowed):
    """Officers of the county or the city confirm roles of stations, those of the city the roles of officers."""

    message = "您没有权限处理这份任职邀请"


class OwnRoleOffer(ConflictOfInterest):
    message = "任职须由邀请人和被邀请人以外的人确认"
    fixed_details = fixed(rule="own_offer")


class RoleOfferNotAccepted(InvalidState):
    message = "对方还没有接受任职邀请"
    fixed_details = fixed(status="offered")


class RoleOfferDecided(InvalidState):
    """The offer was confirmed, or has ended."""

    message = "这份任职邀请已经处理过"


class HeadExists(Refusal):
    """A station has exactly one head: end the present head's role first."""

    code = "head_exists"
    status = 409
    message = "该站点已有站长，请先免去现任站长"
