"""The love supermarket of the demonstration: deeds and points, a public notice, donated goods, an order."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scripts.demo_cast import Cast
from server.domain import stations
from server.domain.orders import handover, place_order
from server.domain.points import deeds, public_notices
from server.domain.points.deeds import DeedClaim
from server.domain.supermarket import donations, goods
from server.domain.supermarket.donations import DonatedPieces
from server.domain.supermarket.goods import Listing
from server.models import Earning, EarningRule, Good

SWEEPING, MEETING, MEDIATING = "义务清扫公共区域", "参加院坝会", "帮助调解邻里纠纷"
# The deeds that 王奶奶 got points for.
DONE = (
    (9, SWEEPING, "清扫单元楼楼道。"),
    (6, SWEEPING, "清扫小广场的落叶。"),
    (5, MEETING, "参加院坝会，商量安装路灯。"),
)
LISTED = (("xiaoli", "劝和楼上楼下因漏水起的争执。"), ("xiaofang", "帮两家人商量好共用晾衣场地。"))


@dataclass(frozen=True)
class Shelf:
    """A donation: goods, donor ("" is anonymous) and use-by days."""

    name: str
    text: str
    points_price: int
    pieces: int
    donor: str
    use_by_days: int | None = None
    month_limit: int | None = None
    low_stock_pieces: int = 0


RICE, OIL, SOAP, TOWEL = (
    Shelf("大米（5公斤）", "本地新米。", 50, 20, "邻玉街道惠民粮油店", 200, month_limit=1, low_stock_pieces=5),
    Shelf("菜籽油（1.8升）", "临近保质期，请尽快食用。", 30, 8, "邻玉街道惠民粮油店", 14, month_limit=2),
    Shelf("香皂", "一块装。", 8, 6, "", low_stock_pieces=5),
    Shelf("毛巾", "纯棉。", 12, 30, "泸州市某爱心企业"),
)


async def open_(cast: Cast) -> tuple[int, int]:
    """Fill the shelves and give points; return the numbers of goods and deeds."""
    shelves = [await shelf(cast, one) for one in (RICE, OIL, SOAP, TOWEL)]
    for story in (rewarded, in_public_notice, waiting_deed):
        await story(cast)
    await ready_order(cast, shelves[2])
    return len(shelves), await Earning.filter(kind="deed").count()


async def shelf(cast: Cast, details: Shelf) -> Good:
    """Create a good of 邻玉街道's station, with donated pieces."""
    use_by = None if details.use_by_days is None else stations.today(cast.now) + timedelta(days=details.use_by_days)
    listing = Listing(
        cast.station,
        details.name,
        details.points_price,
        details.text,
        use_by,
        person_month_limit=details.month_limit,
        household_month_limit=details.month_limit,
        low_stock_pieces=details.low_stock_pieces,
    )
    good = await goods.create(listing, [], by=cast.staff["zhaozhanzhang"], now=cast.ago(18, 10))
    gift = DonatedPieces(details.pieces, details.donor, anonymous=not details.donor)
    await donations.receive(good.id, gift, by=cast.staff["chenshegong"], now=cast.ago(17, 15))
    return good


async def rewarded(cast: Cast) -> None:
    """Give 王奶奶 points for deeds that 陈社工 approved."""
    for day, rule, text in DONE:
        earning = await _claimed(cast, rule, text, by="wangnainai", at=cast.ago(day, 19))
        await deeds.approve(earning.id, by=cast.staff["chenshegong"], now=cast.ago(day - 1, 9))


async def in_public_notice(cast: Cast) -> None:
    """Approve deeds and list them in public."""
    for who, text in LISTED:
        earning = await _claimed(cast, MEDIATING, text, by=who, at=cast.ago(4, 20))
        await deeds.approve(earning.id, by=cast.staff["chenshegong"], now=cast.ago(3, 9))
    title = "帮助调解邻里纠纷积分公示"
    await public_notices.publish(cast.station, title=title, by=cast.staff["zhaozhanzhang"], now=cast.ago(2, 10))


async def waiting_deed(cast: Cast) -> None:
    """A claim without a decision."""
    await _claimed(cast, MEETING, "参加院坝会，帮忙做记录。", by="xiaofang", at=cast.ago(1, 20))


async def ready_order(cast: Cast, soap: Good) -> None:
    """Order soap for 王奶奶, ready for her or 小芳; few pieces are left."""
    placed_at = cast.now - timedelta(days=1)
    order = (await place_order.place(cast.station, {soap.id: 2}, by=cast.people["wangnainai"], now=placed_at)).order
    await handover.mark_ready(order.id, by=cast.staff["chenshegong"], now=placed_at + timedelta(hours=4))


async def _claimed(cast: Cast, rule: str, text: str, *, by: str, at: datetime) -> Earning:
    found = await EarningRule.get(station_id=cast.station, title=rule)
    return await deeds.claim(DeedClaim(cast.station, found.id, text, at.date()), by=cast.people[by], now=at)
