"""Refusals about goods, donations and stock-taking."""

from server.errors.base import Refusal, required
from server.errors.common import AlreadyExists, BelowMinimum, LimitReached


class GoodNotAvailable(Refusal):
    """These `goods` are not active or past their use-by date, or their station is not operating."""

    code = "good_not_available"
    status = 409
    message = "这件物品现在不能兑换，请看看别的"
    detail_types = required(goods="ids")


class OrderedGoodExpired(GoodNotAvailable):
    """Goods past their use-by date cannot be handed over, so the order must be cancelled."""

    message = "订单中有物品已过保质期，不能发放，请取消订单退回积分"


class GoodExists(AlreadyExists):
    """The station already has a good of this name and use-by date."""

    message = "本站已有同名、同保质期的物品，请直接给它入库"


class UseByPassed(Refusal):
    """Goods past their use-by date can be neither created nor donated."""

    code = "use_by_passed"
    status = 409
    message = "保质期（{use_by}）已过，不能上架或入库"
    detail_types = required(use_by="day")


class DonorRequired(Refusal):
    """A donation needs the donor's name unless it is anonymous."""

    code = "donor_required"
    status = 409
    message = "请填写捐赠者的名称，或者选择匿名"


class StockLimit(LimitReached):
    """The pieces of the good would exceed the limit of any shelf."""

    message = "这种物品登记的数量太多了，请核对入库数量"
    detail_types = required(limit="integer", left="integer")


class CountBelowHeld(BelowMinimum):
    """The count is below the pieces on hold for orders."""

    message = "清点的数量少于已预留给订单的数量，请先取消部分订单再盘点"
