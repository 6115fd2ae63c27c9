"""Names of areas: official, short, and as people type them."""

from collections.abc import Iterable

SEPARATOR = " · "
# Longest first; the part before the bar stays: 团结村民委员会 and 团结村委会 are both 团结村.
_ENDINGS = ("村|村民委员会", "村|村委会", "村|民委员会", "村|委会", "|居民委员会", "|居委会")
_DISSOLVED = ("（撤销）", "(撤销)")


def short_name(name: str) -> str:
    """Return the name without its committee: 团结村 for 团结村民委员会, 玉成社区 for 玉成社区居民委员会."""
    for ending in _ENDINGS:
        kept, _, dropped = ending.partition("|")
        if name.endswith(kept + dropped) and len(name) > len(kept + dropped):
            return name.removesuffix(dropped)
    return name


def spellings(words: str) -> list[str]:
    """Return every official name that people may mean by these words: 团结村 is also 团结村民委员会."""
    short = short_name(words)
    if short.endswith("村"):
        tails = ["", "民委员会", "委会", "村民委员会", "村委会"]
    elif short.endswith("社区"):
        tails = ["", "居民委员会", "居委会"]
    else:
        tails = ["", "居民委员会", "居委会", "社区居民委员会", "社区居委会"]
    return list(dict.fromkeys([words, *(short + tail for tail in tails)]))


def is_dissolved(name: str) -> bool:
    """Return whether the list itself marks this area as dissolved."""
    return name.endswith(_DISSOLVED)


def path_of(names: Iterable[str]) -> str:
    """Return the names from the top down as one line: “泸州市 · 江阳区 · 邻玉街道 · 团结村”."""
    return SEPARATOR.join(short_name(name) for name in names)
