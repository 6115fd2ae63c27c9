"""Refusals of the ledger."""

from server.errors.base import Refusal


class AmountNotPositive(Refusal):
    """An amount is a whole number from 1 to 1,000,000,000."""

    code = "amount_not_positive"
    status = 400
    message = "数量应为大于零的整数"


class NotEnough(Refusal):
    """The account has less than was asked for. Details: `spendable`."""

    code = "not_enough"
    status = 409
    message = "余额不足"


class NotEnoughMinutes(NotEnough):
    """Details: `spendable` minutes."""

    code = "not_enough_minutes"
    message = "时间银行的分钟数不足"


class NotEnoughPoints(NotEnough):
    """Details: `spendable` points."""

    code = "not_enough_points"
    message = "积分不足"


class NotEnoughStock(NotEnough):
    """Details: `spendable` pieces that are left."""

    code = "not_enough_stock"
    message = "库存不足，请减少数量或换一件"


class AlreadyMoved(Refusal):
    """The same cause moved something else already: a mistake of the caller, nothing was moved."""

    code = "already_moved"
    status = 409
    message = "这笔账已经记过，没有重复记账"


class HoldResolved(Refusal):
    """It was captured, released or has expired before. Details: `state`."""

    code = "hold_resolved"
    status = 409
    message = "这笔预留已经结清，不能重复处理"


class HoldExpired(Refusal):
    """Its time is over; it can only be released."""

    code = "hold_expired"
    status = 409
    message = "这笔预留已过期，不能再扣除"


class HoldTooSmall(Refusal):
    """More than was held cannot be paid out. Details: `held`."""

    code = "hold_too_small"
    status = 409
    message = "超过了预留的数量"


class AlreadyReversed(Refusal):
    """A transfer is reversed once, and a reversal not at all."""

    code = "already_reversed"
    status = 409
    message = "这笔账已经冲正过，不能再次冲正"
