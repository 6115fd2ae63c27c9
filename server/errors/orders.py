"""Refusals about orders."""

from server.errors.base import Refusal, fixed, required
from server.errors.common import ConflictOfInterest, DeadlinePassed, InvalidState, LimitReached, NotAllowed


class PersonMonthLimit(LimitReached):
    message = "超过了每人每月可以兑换的数量"
    detail_types = required(good="id", left="integer")


class HouseholdMonthLimit(LimitReached):
    message = "超过了每户每月可以兑换的数量"
    detail_types = required(good="id", left="integer")


class OrderEnded(InvalidState):
    """The order is already handed over, cancelled or expired."""

    message = "这个订单已经结束，请刷新查看"


class OrderExpired(DeadlinePassed):
    """The order was not picked up in time, so points and goods go back."""

    message = "已过领取期限（{until}），订单失效，积分会退回"


class OrderReady(InvalidState):
    message = "这个订单已经备好，不用重复操作"
    fixed_details = fixed(status="ready")


class InvalidPickupCode(Refusal):
    """No open order of the station has this code: it is mistyped or already used."""

    code = "invalid_pickup_code"
    status = 409
    message = "取货码不对，或者已经用过，请核对后再试"


class PickupNotAllowed(NotAllowed):
    """Only the orderer or a member of their household may pick the order up."""

    message = "只能由本人或同一家庭的成员领取"


class OwnOrder(ConflictOfInterest):
    message = "自己或家人的订单请由同事办理"
    fixed_details = fixed(rule="own_order")
