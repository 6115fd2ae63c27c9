"""Notices about orders: their texts, and who receives them."""

from datetime import datetime

from server.domain import notifications
from server.domain.notifications import NoticeTemplate
from server.models import Order

ORDER_PLACED = NoticeTemplate(
    "order_placed", title="有新的兑换订单", body="有居民兑换了爱心超市的物品，请及时备货。", opens="order"
)
ORDER_READY = NoticeTemplate(
    "order_ready", title="物品已备好", body="您兑换的物品已备好，请凭取货码到服务站领取。", opens="order"
)
ORDER_HANDED_OVER = NoticeTemplate(
    "order_handed_over",
    title="物品已领取",
    body="您兑换的物品已领取。如不是您本人或家人领取，请与服务站联系。",
    opens="order",
)
ORDER_CANCELLED = NoticeTemplate(
    "order_cancelled", title="订单已取消", body="您的兑换订单被服务站取消，积分已退回，请查看原因。", opens="order"
)
ORDER_EXPIRES_SOON = NoticeTemplate(
    "order_expires_soon",
    title="物品快到领取期限",
    body="您兑换的物品还没有领取，请在{until}前领取，过后订单失效。",
    opens="order",
)
ORDER_EXPIRED = NoticeTemplate(
    "order_expired", title="订单已失效", body="您兑换的物品超过期限没有领取，订单已失效，积分已退回。", opens="order"
)
ORDER_PUT_BACK = NoticeTemplate(
    "order_put_back", title="请把物品放回货架", body="有备好的订单不再领取，请放回物品。", opens="order"
)


async def notify_orderer(order: Order, template: NoticeTemplate, *, now: datetime, **words: str) -> None:
    """Notify the person who ordered; `words` fill the template."""
    await notifications.notify([order.person_id], template, subject_id=order.id, now=now, **words)


async def notify_station(order: Order, template: NoticeTemplate, *, now: datetime) -> None:
    """Notify everybody of the order's station; if nobody works there, the officers who can change that."""
    await notifications.notify_station(order.station_id, template, subject_id=order.id, now=now)
