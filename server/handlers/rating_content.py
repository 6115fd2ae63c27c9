"""Read the content of a rating of a need, which a resident or staff on their word sends."""

from miniprogram_contract.satisfaction import NewNeedRating
from server.domain.satisfaction.need_rating import RatingContent
from server.models.satisfaction import RatingTag, Solved


def content_of(body: NewNeedRating) -> RatingContent:
    return RatingContent(body.stars, Solved(body.solved), [RatingTag(tag) for tag in body.tags], body.comment)
