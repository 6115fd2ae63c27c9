"""Notices about the supermarket: their texts."""

from server.domain.notifications import NoticeTemplate

GOODS_LOW_STOCK = NoticeTemplate(
    "goods_low_stock", title="爱心超市库存不足", body="{goods}的库存不多了，请及时补充。", opens="station"
)
GOODS_NEAR_USE_BY = NoticeTemplate(
    "goods_near_use_by",
    title="爱心超市物品临期",
    body="{goods}已临近保质期，请优先发放，过期的请及时下架处理。",
    opens="station",
)
