"""Satisfaction 满意度: ratings of needs, stations' figures, and call-backs 回访."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, GetJsonSchemaHandler, model_validator

from miniprogram_contract.base import ContractModel, Id, IdPageQuery, Moment, prose
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.stations import StationReference


class RatingTag(StrEnum):
    QUICK = "quick"
    KIND = "kind"
    SKILLED = "skilled"
    SOLVED = "solved"
    CLEAR = "clear"
    SLOW = "slow"
    UNKIND = "unkind"
    CARELESS = "careless"
    UNSOLVED = "unsolved"
    UNCLEAR = "unclear"

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core_schema))
        # The words to show beside each value.
        schema["x-words"] = {str(tag): words for tag, words in TAG_WORDS.items()}
        return schema


TAG_WORDS = {
    RatingTag.QUICK: "来得及时",
    RatingTag.KIND: "态度和气",
    RatingTag.SKILLED: "专业细心",
    RatingTag.SOLVED: "问题解决了",
    RatingTag.CLEAR: "说得明白",
    RatingTag.SLOW: "等得太久",
    RatingTag.UNKIND: "态度不好",
    RatingTag.CARELESS: "马虎应付",
    RatingTag.UNSOLVED: "问题没解决",
    RatingTag.UNCLEAR: "没说明白",
}


class TagLabel(ContractModel):
    """A tag with its Chinese words."""

    tag: RatingTag
    words: str = Field(examples=["态度和气"])


class Solved(StrEnum):
    """The answer to 解决了吗: 解决了, 部分解决, 没有解决."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class NewNeedRating(ContractModel):
    """A rating of a resolved need; sending it again within some hours replaces it."""

    solved: Solved = Field(description="Whether the need was solved (解决了吗); `no` counts like two stars")
    stars: int = Field(ge=1, le=5, description="1 to 5; one or two stars reopen the need, once")
    tags: list[RatingTag] = Field(
        default=[],
        max_length=len(RatingTag),
        description="；".join(f"`{tag}` {words}" for tag, words in TAG_WORDS.items()),
    )
    comment: prose(500, 0) = Field("", description="Staff read it without a name")  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"solved": "yes", "stars": 5, "tags": ["quick", "kind"], "comment": "谢谢陈社工"}]
        }
    )


class NeedRatingDetail(HeardReply):
    """The caller's rating of a need."""

    need_id: Id
    solved: Solved
    stars: int = Field(description="1 to 5")
    tags: list[TagLabel]
    comment: str
    rated_at: Moment
    changeable_until: Moment


Month = Annotated[
    str, Field(pattern=r"^20[2-9][0-9]-(0[1-9]|1[0-2])$", description="A month in Shanghai", examples=["2026-11"])
]


class MonthFilter(IdPageQuery):
    """Filter by a month. Figures are for whole months, and fixed when no rating of the month can change any more."""

    month: Month | None = Field(None, description="Left out: the newest month with figures")


class SatisfactionFilter(MonthFilter):
    """Filter by station and month."""

    station: Id | None = Field(None, description="One station; left out: all of the caller's stations")


class TagCount(TagLabel):
    """How often a tag was given."""

    count: int


class RatingFigures(ContractModel):
    """Figures of ratings, with their response rate. They never change once they are shown.

    There are no averages of fewer than `min_ratings` people, nor where those of fewer could be computed from them.
    """

    ratings: int
    response_percent: int | None = Field(description="Percentage that rated of those who could; null: there are none")
    min_ratings: int = Field(description="Average, distribution and tags are null if fewer people rated")
    average: float | None = Field(description="Stars, to one decimal")
    distribution: list[int] | None = Field(description="Number of ratings with 1, 2, 3, 4 and 5 stars")
    tags: list[TagCount] | None = Field(description="Most frequent first")


class Rate(ContractModel):
    """A part of a whole, with its definition in words."""

    percent: int | None = Field(description="Null if the whole is 0")
    part: int
    whole: int
    words: str = Field(description="The definition, to be shown beside it")


class Rates(ContractModel):
    """The three rates 三率 of Chinese hotlines. `solved` and `satisfied` are null where averages are not shown."""

    in_time: Rate = Field(description="响应率")
    solved: Rate | None = Field(description="解决率")
    satisfied: Rate | None = Field(description="满意率")


class NeedSatisfaction(RatingFigures):
    """Satisfaction with needs. A rating counts in the month in which it was given.

    A need may have two ratings, by the person and by who submitted it.
    """

    resolved: int = Field(description="Needs resolved in the month")
    asked: int = Field(description="Needs that were rated in the month, or closed because nobody rated them")
    rated: int = Field(description="Needs that were rated in the month")
    rates: Rates


class ActivityRatingStatistics(RatingFigures):
    """Ratings of activities."""

    eligible_raters: int = Field(description="People who attended with an account of their own")


class StationSatisfaction(ContractModel):
    """A station's satisfaction in a month. Confidential needs count in the county's only."""

    station: StationReference
    month: Month
    needs: NeedSatisfaction
    activities: ActivityRatingStatistics = Field(
        description="Of all activities whose own figures were fixed in the month"
    )


class CountySatisfaction(ContractModel):
    """A county's satisfaction in a month, with confidential needs."""

    county_id: Id
    county_name: str = Field(examples=["江阳区"])
    month: Month
    needs: NeedSatisfaction


class CommentFilter(SatisfactionFilter):
    """Filter by a station and the month in which comments were written."""

    station: Id


class Comment(ContractModel):
    """A comment, without name, need, day or stars."""

    comment: str
    month: Month


class CallBackReason(StrEnum):
    LOW_RATING = "low_rating"
    STILL_LOW = "still_low"
    SAMPLE = "sample"


REASON_WORDS = {
    CallBackReason.LOW_RATING: "评价较低",
    CallBackReason.STILL_LOW: "重新办理后仍不满意",
    CallBackReason.SAMPLE: "随机回访",
}


class CallBackRow(ContractModel):
    """A call-back that the caller may make: read the contact, and record the result.

    Of a confidential need the list shows the category alone.
    """

    id: Id
    need_id: Id
    station: StationReference
    category_name: str
    confidential: bool = Field(description="Only a head calls back about such a need")
    reason: CallBackReason
    reason_words: str
    name: str | None = Field(description="Masked: 王**")
    phone: str | None = Field(description="Masked: 138****5678")
    opened_at: Moment
    due_at: Moment
    overdue: bool


class CallBackContact(ContractModel):
    """Name and phone, unmasked. The reading is logged, and the resident sees it."""

    name: str | None = Field(description="Null if the caller may not know whose need it was")
    phone: str


class CallBackResult(ContractModel):
    """The result of the call. `reached` false ends the attempts; there is no further call."""

    reached: bool
    satisfied: bool | None = Field(None, description="The resident's answer; null if not reached")
    note: prose(1000, 0) = Field("", description="Staff only")  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reached": True, "satisfied": True, "note": "药已换好，老人满意"}]}
    )

    @model_validator(mode="after")
    def _satisfied_when_reached(self) -> Self:
        if self.reached == (self.satisfied is None):
            raise ValueError("联系上了要填是否满意，没联系上不要填")
        return self


class CallBackDetail(ContractModel):
    id: Id
    need_id: Id
    reached: bool
    satisfied: bool | None
    called_at: Moment
