"""Refusals about the time bank."""

from server.errors.base import Refusal


class GiftToOneself(Refusal):
    code = "gift_to_oneself"
    status = 409
    message = "不能赠送给自己"


class NotInHousehold(Refusal):
    """Nobody of one's own household: says nothing about whether there is such a person."""

    code = "not_in_household"
    status = 409
    message = "对方不在您的家庭中，只能赠送给同一家庭的成员"


class RecipientFull(Refusal):
    """With the gift they would have more minutes than a person may keep."""

    code = "recipient_full"
    status = 409
    message = "对方的时间已接近可存上限，收不下这么多分钟"


class PoolNotOpen(Refusal):
    """The station is not open, so its public pool takes nothing."""

    code = "pool_not_open"
    status = 409
    message = "该站点目前未开放，公益池不能接收捐赠"
