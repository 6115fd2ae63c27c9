"""Contents of ratings for tests."""

from collections.abc import Sequence

from server.domain.satisfaction.need_rating import RatingContent
from server.models.satisfaction import RatingTag, Solved


def stars(number: int, tags: Sequence[RatingTag] = (), comment: str = "") -> RatingContent:
    """Return a rating of so many stars, of a need that was solved at least partly: the stars alone decide."""
    return RatingContent(number, Solved.PARTLY, tags, comment)
