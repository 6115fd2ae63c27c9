"""Statements: all changes of an account of minutes or points."""

from enum import StrEnum

from pydantic import Field

from miniprogram_contract.base import ContractModel, Moment, Reference


class StatementEntryKind(StrEnum):
    """The reason of a change of minutes or points."""

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
    JOINED = "joined"
    REVERSAL = "reversal"


KIND_WORDS = {
    StatementEntryKind.SERVICE: "志愿服务",
    StatementEntryKind.GIFT: "家人赠送",
    StatementEntryKind.DONATION: "收到捐赠",
    StatementEntryKind.HELP_PAID: "请人帮忙",
    StatementEntryKind.POOL_PAID: "帮助困难居民",
    StatementEntryKind.POINTS_SERVICE: "志愿服务得积分",
    StatementEntryKind.POINTS_ACTIVITY: "参加活动得积分",
    StatementEntryKind.POINTS_DEED: "积分事项",
    StatementEntryKind.REDEEMED: "兑换物品",
    StatementEntryKind.EXPIRED: "积分到期",
    StatementEntryKind.JOINED: "档案合并",
    StatementEntryKind.REVERSAL: "更正",
}
# The words for the giver's side of the same change.
GIVER_WORDS = {StatementEntryKind.GIFT: "赠送家人", StatementEntryKind.DONATION: "捐给公益池"}


class StatementEntry(ContractModel):
    """A change of minutes or points."""

    number: int = Field(description="1 for the first; none is missing")
    at: Moment
    kind: StatementEntryKind
    kind_words: str = Field(examples=["志愿服务"])
    amount: int = Field(description="Below zero: they went")
    balance: int = Field(description="After it")
    reference: Reference | None = Field(
        description="What moved them, such as an order; null: a gift or a donation, or expiry"
    )
    note: str
