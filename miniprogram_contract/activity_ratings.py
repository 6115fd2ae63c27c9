"""Ratings of activities 满意度, by who attended them."""

from pydantic import ConfigDict, Field

from miniprogram_contract.satisfaction import TAG_WORDS, RatingTag
from miniprogram_contract.shapes import Id, Moment, Shape, prose


class NewActivityRating(Shape):
    """What somebody who attended says; sent again within its hours it replaces what was said."""

    stars: int = Field(ge=1, le=5, description="1 to 5; of one or two the station's head learns")
    tags: list[RatingTag] = Field(
        default=[],
        max_length=len(RatingTag),
        description="；".join(f"`{tag}` {words}" for tag, words in TAG_WORDS.items()),
    )
    comment: prose(500, 0) = Field("", description="Staff read it without a name")  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"stars": 5, "tags": ["kind", "clear"], "comment": "老师教得很耐心"}]}
    )


class ActivityRatingShape(Shape):
    """One's rating of an activity."""

    activity_id: Id
    stars: int = Field(description="1 to 5")
    tags: list[RatingTag]
    comment: str
    rated_at: Moment
    changeable_until: Moment


class ActivitySatisfaction(Shape):
    """What everybody may know of how an activity was rated: never an average without its response rate."""

    may_rate: int = Field(description="How many attended with an account of their own")
    ratings: int
    response_percent: int | None = Field(description="Of 100 who attended so many rated; null: nobody attended")
    shown_from: int = Field(description="Below so many ratings the average is null")
    average: float | None = Field(description="Stars, to one decimal")
