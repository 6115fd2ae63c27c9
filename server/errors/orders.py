"""Refusals about orders."""

from server.errors.base import Refusal


class PersonLimit(Refusal):
    """More pieces than one person may order in a calendar month. Details: `good`, and the pieces `left` to them."""

    code = "person_limit"
    status = 409
    message = "超过了每人每月可以兑换的数量"


class HouseholdLimit(Refusal):
    """More pieces than one household may order in a calendar month. Details: `good`, and the pieces `left` to it."""

    code = "household_limit"
    status = 409
    message = "超过了每户每月可以兑换的数量"


class OrderEnded(Refusal):
    """It was handed over, cancelled or has expired before. Details: `status`."""

    code = "order_ended"
    status = 409
    message = "这个订单已经结束，请刷新查看"


class OrderExpired(Refusal):
    """It was not fetched in time: points and goods go back. Details: `expires_at`."""

    code = "order_expired"
    status = 409
    message = "已过领取期限，订单失效，积分会退回"


class OrderReady(Refusal):
    """Its goods were put ready before."""

    code = "order_ready"
    status = 409
    message = "这个订单已经备好，不用重复操作"


class PickupCodeWrong(Refusal):
    """No order of this station waits for this code: it was mistyped, or used before."""

    code = "pickup_code_wrong"
    status = 409
    message = "取货码不对，或者已经用过，请核对后再试"


class MayNotFetch(Refusal):
    """An order is fetched by who placed it, or by who still lives with them."""

    code = "may_not_fetch"
    status = 403
    message = "只能由本人或同一家庭的成员领取"


class OwnOrder(Refusal):
    """Four eyes: nobody prepares, hands over or cancels as staff what they or their household ordered."""

    code = "own_order"
    status = 403
    message = "自己或家人的订单请由同事办理"


class OrderedGoodPast(Refusal):
    """Nobody is handed what may not be used any more; the order is to be cancelled. Details: `goods`."""

    code = "ordered_good_past"
    status = 409
    message = "订单中有物品已过保质期，不能发放，请取消订单退回积分"
