"""How alike two needs read, so that a worker is shown possible duplicates; it decides nothing by itself."""

import re
from collections.abc import Mapping

from rapidfuzz import fuzz

from server.domain.masking import folded

# Words of asking stand in every need: left in, they make “请帮忙买药” and “请帮忙修灯” half the same.
_REQUEST_WORDS = re.compile(
    "需要|希望|想请|请问|麻烦|帮忙|能不能|可不可以|一下|有没有|有人|想找|请人|家里|谢谢|请|想|了|的|我|吗|呢|吧|啊"
)


def similarity_percent(text_a: str, text_b: str) -> int:
    """Return 0 (nothing in common) to 100 for Chinese free text; duplicates in other words mostly reach 60.

    Counts the distinct characters two needs share, in whatever order: people turn the parts of a story round,
    and on labelled pairs this told duplicates from others better than the scores that mind the order.
    """
    return _score(_characters(text_a), _characters(text_b))


def most_similar(text: str, others: Mapping[int, str], *, at_least: int, most: int) -> list[tuple[int, int]]:
    """Return up to `most` (key, score) of the others that reach `at_least`, most alike first, then by key."""
    wanted = _characters(text)
    scores = ((key, _score(wanted, _characters(other))) for key, other in others.items())
    found = [(key, score) for key, score in scores if score >= at_least]
    return sorted(found, key=lambda scored: (-scored[1], scored[0]))[:most]


def _characters(text: str) -> str:
    """Return the distinct characters that carry meaning, sorted; all of them when only asking is left."""
    letters = folded(text)
    return "".join(sorted(set(_REQUEST_WORDS.sub("", letters) or letters)))


def _score(characters_a: str, characters_b: str) -> int:
    # Nothing said is like nothing; the library calls two empty texts equal.
    if not characters_a or not characters_b:
        return 0
    return round(fuzz.ratio(characters_a, characters_b))
