"""Figures of ratings, as clients read them."""

from typing import Any, Protocol

from miniprogram_contract.satisfaction import TAG_WORDS, ActivityRatingStatistics, RatingTag, TagCount
from server.domain.satisfaction.averages import RatingAverages


class _Figures(Protocol):
    @property
    def ratings(self) -> int: ...
    @property
    def min_ratings(self) -> int: ...
    @property
    def response_percent(self) -> int | None: ...
    @property
    def averages(self) -> RatingAverages | None: ...


def rating_figures(one: _Figures) -> dict[str, Any]:
    """Return the fields of `RatingFigures`."""
    averages = one.averages
    return {
        "ratings": one.ratings,
        "response_percent": one.response_percent,
        "min_ratings": one.min_ratings,
        "average": averages.average if averages else None,
        "distribution": averages.distribution if averages else None,
        "tags": [_tag(RatingTag(tag), count) for tag, count in averages.tags] if averages else None,
    }


def _tag(tag: RatingTag, count: int) -> TagCount:
    return TagCount(tag=tag, words=TAG_WORDS[tag], count=count)


def activity_ratings(one: _Figures, eligible_raters: int) -> ActivityRatingStatistics:
    return ActivityRatingStatistics(eligible_raters=eligible_raters, **rating_figures(one))
