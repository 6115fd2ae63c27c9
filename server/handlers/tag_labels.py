"""Rating tags with their Chinese words."""

from collections.abc import Iterable

from miniprogram_contract.satisfaction import TAG_WORDS, RatingTag, TagLabel


def tag_labels(tags: Iterable[str]) -> list[TagLabel]:
    """Return the tags with their words."""
    return [TagLabel(tag=RatingTag(tag), words=TAG_WORDS[RatingTag(tag)]) for tag in tags]
