"""HTML out of Python values: whatever is not markup already is escaped."""

import re
from collections.abc import Sequence
from html import escape

NEEDS_NO_END = {"meta"}
MARKED = re.compile(r"\*\*(?P<bold>[^*]+)\*\*|`(?P<code>[^`]+)`")


class Markup(str):
    """Text that is HTML."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str) -> Markup:
    """An element; `class_` is the attribute class, an attribute that is empty is left out."""
    said = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items() if value)
    if name in NEEDS_NO_END:
        return Markup(f"<{name}{said}>")
    return Markup(f"<{name}{said}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """The children one after the other."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))


def table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Markup:
    """A table that scrolls by itself on a narrow screen; nothing when it has no rows."""
    if not rows:
        return Markup()
    head = tag("thead", tag("tr", *(tag("th", one) for one in headings)))
    body = tag("tbody", *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows))
    return tag("div", tag("table", head, body), class_="wide")


def marked(text: str) -> Markup:
    """A line with its **bold** and `code`."""
    pieces, at = [], 0
    for found in MARKED.finditer(text):
        pieces += [
            text[at : found.start()],
            tag("b" if found["bold"] else "code", found["bold"] or found["code"]),
        ]
        at = found.end()
    return joined(*pieces, text[at:])


def prose(text: str) -> Markup:
    """Paragraphs and lists of a text that marks them as Markdown does."""
    blocks = [block for block in re.split(r"\n\s*\n|\n(?=- )", text.strip()) if block]
    said = [(block.startswith("- "), marked(" ".join(block.removeprefix("- ").split()))) for block in blocks]
    return joined(*(tag("p", words, class_="point" if point else "") for point, words in said))
