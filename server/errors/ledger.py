"""Refusals of the ledger and of the time bank."""

from server.errors.base import Refusal, optional, required
from server.errors.common import DeadlinePassed, InvalidState, LimitReached


class InvalidAmount(Refusal):
    """The amount is not a whole number from 1 to 1,000,000,000."""

    code = "invalid_amount"
    status = 400
    message = "数量应为大于零的整数"


class NotEnough(Refusal):
    """The account has less than the request needs: only `spendable`."""

    status = 409
    detail_types = required(spendable="integer")


class NotEnoughMinutes(NotEnough):
    """The time bank account has only `spendable` minutes."""

    code = "not_enough_minutes"
    message = "时间银行的分钟数不足"


class NotEnoughPoints(NotEnough):
    """The account has only `spendable` points."""

    code = "not_enough_points"
    message = "积分不足"


class NotEnoughStock(NotEnough):
    """Only `spendable` pieces of the good are left."""

    code = "not_enough_stock"
    message = "库存不足，请减少数量或换一件"
    detail_types = required(spendable="integer") | optional(good="id")


class DuplicateTransfer(Refusal):
    """The same cause posted something else before: a mistake of the caller, so nothing moved."""

    code = "duplicate_transfer"
    status = 409
    message = "这笔账已经记过，没有重复记账"


class HoldResolved(InvalidState):
    """The hold was already captured, released or expired."""

    message = "这笔预留已经结清，不能重复处理"


class HoldExpired(DeadlinePassed):
    """The hold has expired; it can only be released."""

    message = "这笔预留已于{until}过期，不能再扣除"


class AmountExceedsHold(Refusal):
    """The amount exceeds the `held` one."""

    code = "amount_exceeds_hold"
    status = 409
    message = "超过了预留的数量"
    detail_types = required(held="integer")


class AlreadyReversed(Refusal):
    """The transfer is already reversed, or is a reversal itself."""

    code = "already_reversed"
    status = 409
    message = "这笔账已经冲正过，不能再次冲正"


class GiftToSelf(Refusal):
    """A gift must go to another person."""

    code = "gift_to_self"
    status = 409
    message = "不能赠送给自己"


class NotInHousehold(Refusal):
    """The person is not in the caller's household; the reply does not tell whether the person exists."""

    code = "not_in_household"
    status = 409
    message = "对方不在您的家庭中，只能赠送给同一家庭的成员"


class RecipientFull(LimitReached):
    """The gift exceeds the minutes that the recipient may hold."""

    message = "对方的时间已接近可存上限，收不下这么多分钟"
