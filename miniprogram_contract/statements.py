"""Statements: every line of minutes or points that came or went."""

from enum import StrEnum

from pydantic import Field

from miniprogram_contract.shapes import Cursor, Moment, Shape


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
