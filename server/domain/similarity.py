"""Similarity of two texts, for showing likely duplicates to a worker, who decides."""

import re
from collections.abc import Mapping

from rapidfuzz import fuzz

from server.domain.masking import folded

# Words of request are in every need: with them, “请帮忙买药” and “请帮忙修灯” would be half the same.
_REQUEST_WORDS = re.compile(
    "需要|希望|想请|请问|麻烦|帮忙|能不能|可不可以|一下|有没有|有人|想找|请人|家里|谢谢|请|想|了|的|我|吗|呢|吧|啊"
)


def similarity_percent(text_a: str, text_b: str) -> int:
    """Return the similarity of two Chinese texts, 0 to 100; duplicates in other words mostly reach 60.

    It counts the distinct characters that both texts share, in any order: people tell a story in different orders, and
    on labelled pairs this found duplicates better than scores that depend on the order.
    """
    return _score(_characters(text_a), _characters(text_b))


def most_similar(text: str, others: Mapping[int, str], *, at_least: int, most: int) -> list[tuple[int, int]]:
    """Return up to `most` pairs (key, score) with a score of at least `at_least`, most similar first, then by key."""
    characters = _characters(text)
    scores = ((key, _score(characters, _characters(other))) for key, other in others.items())
    found = [(key, score) for key, score in scores if score >= at_least]
    return sorted(found, key=lambda scored: (-scored[1], scored[0]))[:most]


def _characters(text: str) -> str:
    """Return the distinct characters without words of request, sorted; all of them if nothing else is left."""
    letters = folded(text)
    return "".join(sorted(set(_REQUEST_WORDS.sub("", letters) or letters)))


def _score(characters_a: str, characters_b: str) -> int:
    # An empty text is similar to no other; the library takes two empty texts for equal.
    if not characters_a or not characters_b:
        return 0
    return round(fuzz.ratio(characters_a, characters_b))
