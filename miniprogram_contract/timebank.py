"""Time bank 时间银行 and points: balances, statements, gifts and donations of minutes."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from miniprogram_contract.needs import StationBrief
from miniprogram_contract.shapes import Amount, Cursor, Id, Moment, Page, Shape


class LineKind(StrEnum):
    """Why minutes or points came or went."""

    SERVICE = "service"
    GIFT = "gift"
    DONATION = "donation"
    HELP_PAID = "help_paid"
    POOL_PAID = "pool_paid"
    POINTS_SERVICE = "points_service"
    POINTS_ACTIVITY = "points_activity"
    POINTS_DEED = "points_deed"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    REVERSAL = "reversal"


KIND_WORDS = {
    LineKind.SERVICE: "志愿服务",
    LineKind.GIFT: "家人赠送",
    LineKind.DONATION: "收到捐赠",
    LineKind.HELP_PAID: "请人帮忙",
    LineKind.POOL_PAID: "帮助困难居民",
    LineKind.POINTS_SERVICE: "志愿服务得积分",
    LineKind.POINTS_ACTIVITY: "参加活动得积分",
    LineKind.POINTS_DEED: "积分事项",
    LineKind.REDEEMED: "兑换物品",
    LineKind.EXPIRED: "积分到期",
    LineKind.REVERSAL: "更正",
}
# What the same is called by who gave it.
GIVER_WORDS = {LineKind.GIFT: "赠送家人", LineKind.DONATION: "捐给公益池"}


class MinutesBalance(Shape):
    """One's own minutes."""

    minutes: int
    held: int = Field(description="Minutes set aside for help that is under way")
    spendable: int = Field(description="Minutes less those held")
    kept_most: int = Field(description="Minutes a person may keep")


class PointsBalance(Shape):
    """One's own points."""

    points: int
    held: int = Field(description="Points set aside for orders")
    spendable: int = Field(description="Points less those held")


class StatementQuery(Shape):
    after: Cursor | None = Field(None, description="`next` of the page before")
    limit: int = Field(20, ge=1, le=100)


class StatementLine(Shape):
    """Minutes or points that came or went."""

    number: int = Field(description="1 for the first; none is missing")
    at: Moment
    kind: LineKind
    kind_words: str = Field(examples=["志愿服务"])
    amount: int = Field(description="Below zero: they went")
    balance: int = Field(description="After it")
    note: str


class MinutesGift(Shape):
    """Minutes for a member of one's household."""

    person_id: Id
    minutes: Amount

    model_config = ConfigDict(json_schema_extra={"examples": [{"person_id": 4503599627370495, "minutes": 60}]})


class MinutesDonation(Shape):
    """Minutes for a station's public pool 公益池."""

    station_id: Id
    minutes: Amount

    model_config = ConfigDict(json_schema_extra={"examples": [{"station_id": 7, "minutes": 60}]})


class PoolBalance(Shape):
    """A station's public pool 公益池, from which it pays for people in hardship."""

    station: StationBrief
    minutes: int
    held: int = Field(description="Minutes set aside for help that is under way")
    spendable: int = Field(description="Minutes less those held")


class PoolQuery(StatementQuery):
    station: Id


class PoolStatement(Page[StatementLine]):
    pool: PoolBalance
