"""Write an edition's lines into a table where the database can compare them with the tree."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TextIO

from server.domain.areas import sql
from server.domain.areas.edition_csv import LEVELS, Checked, Line, Outline, Problems, lines_of
from server.domain.areas.names import is_dissolved
from server.models import AreaChange, AreaLevel

# A row's number is its level's share plus its line; areas touched without a line come after all of them.
LEVEL_SHARE = 100_000_000
UNLISTED = LEVEL_SHARE * 10
STAGED_AT_ONCE = 5_000
_COLUMNS = "edition_id, number, line, level, code, name, changes, parent_number, parent_area_id"
_MORE_COLUMNS = f"{_COLUMNS}, predecessors, aliases"
_SHARES = {level: number * LEVEL_SHARE for number, level in enumerate(LEVELS)}

Progress = Callable[[str, int], object]


@dataclass
class Staged:
    """The written rows: for each level the first and last row number, and how many lines are unmatched.

    Also the levels in which lines name predecessors.
    """

    spans: dict[AreaLevel, tuple[int, int]] = field(default_factory=dict)
    open: Counter[AreaLevel] = field(default_factory=Counter)
    with_predecessors: set[AreaLevel] = field(default_factory=set)

    def note(self, checked: Iterable[Checked]) -> None:
        for line, level, _ in checked:
            number = number_of(level, line.number)
            first, last = self.spans.get(level, (number, number))
            self.spans[level] = (min(first, number), max(last, number))
            self.open[level] += not is_dissolved(line.name)
            if line.predecessors:
                self.with_predecessors.add(level)


async def stage(edition_id: int, outline: Outline, opened: TextIO, problems: Problems, progress: Progress) -> Staged:
    """Write the correct lines. After the first wrong line, only read on to name the other wrong ones."""
    staged = Staged()
    checked = (outline.check(line, problems) for line in lines_of(opened, problems))
    good = (one for one in checked if one is not None)
    while some := list(islice(good, STAGED_AT_ONCE)):
        staged.note(some)
        if not problems.found:
            await _write(edition_id, some)
        progress("reading", len(some))
    return staged


def number_of(level: AreaLevel, line: int) -> int:
    """Return the row number that sorts by level, then by line."""
    return _SHARES[level] + line


async def _write(edition_id: int, checked: list[Checked]) -> None:
    """Write rows; lines rarely have predecessors or aliases, and every value costs time."""
    usual = [_row(edition_id, one) for one in checked if not _has_more(one.line)]
    if usual:
        await sql.insert("area_edition_row", _COLUMNS, usual)
    more = [(*_row(edition_id, one), *_more(one.line)) for one in checked if _has_more(one.line)]
    if more:
        await sql.insert("area_edition_row", _MORE_COLUMNS, more)


def _row(edition_id: int, checked: Checked) -> tuple[Any, ...]:
    line, level, parent = checked
    change = AreaChange.LEFT_OUT if is_dissolved(line.name) else AreaChange.ADDED
    parent_number = number_of(parent.level, parent.line) if parent and parent.line else None
    return (
        edition_id, number_of(level, line.number), line.number, level.value, line.code, line.name, change.value,
        parent_number, parent.area_id if parent else None,
    )  # fmt: skip


def _has_more(line: Line) -> bool:
    return bool(line.predecessors or line.aliases)


def _more(line: Line) -> tuple[str | None, str | None]:
    return line.predecessors or None, line.aliases or None
