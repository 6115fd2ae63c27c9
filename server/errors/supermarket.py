"""Refusals about goods, donations and stock-taking."""

from server.errors.base import Refusal


class GoodNotOffered(Refusal):
    """It was taken off the list, is past its use-by date, or its station is not open. Details: `goods`."""

    code = "good_not_offered"
    status = 409
    message = "这件物品现在不能兑换，请看看别的"


class GoodListed(Refusal):
    """The station has a good of this name and use-by date. Details: `good`, its id."""

    code = "good_listed"
    status = 409
    message = "本站已有同名、同保质期的物品，请直接给它入库"


class UseByPassed(Refusal):
    """Goods whose use-by date is over are neither listed nor taken in. Details: `use_by`."""

    code = "use_by_passed"
    status = 409
    message = "保质期已过，不能上架或入库"


class DonorMissing(Refusal):
    """A donation is thanked for by name, or is anonymous."""

    code = "donor_missing"
    status = 409
    message = "请填写捐赠者的名称，或者选择匿名"


class ShelfFull(Refusal):
    """More pieces of one good than a station could ever hold. Details: `most` pieces, and the `left` room."""

    code = "shelf_full"
    status = 409
    message = "这种物品登记的数量太多了，请核对入库数量"


class CountBelowHeld(Refusal):
    """Some of the missing pieces are promised to orders. Details: `held` pieces."""

    code = "count_below_held"
    status = 409
    message = "清点的数量少于已预留给订单的数量，请先取消部分订单再盘点"
