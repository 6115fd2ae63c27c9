"""Writing an edition's lines where the database can compare them with the tree."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TextIO

from server.domain.areas import sql
from server.domain.areas.names import is_dissolved
from server.domain.areas.reading import LEVELS, Checked, Outline, Problems, lines_of
from server.models import AreaChange, AreaLevel

# A row's number is its level's share plus its line; areas touched without a line come after all of them.
LEVEL_SHARE = 100_000_000
UNLISTED = LEVEL_SHARE * 10
STAGED_AT_ONCE = 5_000
_COLUMNS = "edition_id, number, line, level, code, name, parent_number, parent_area_id, predecessors, aliases, changes"

Progress = Callable[[str, int], object]


@dataclass
class Staged:
    """What was written: of each level the first and last row number and how many lines mean no area yet.

    And the levels in which lines name predecessors.
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
    """Write the good lines; once a line is wrong, only read on to name the others."""
    staged = Staged()
    checked = (outline.check(line, problems) for line in lines_of(opened, problems))
    good = (one for one in checked if one is not None)
    while some := list(islice(good, STAGED_AT_ONCE)):
        staged.note(some)
        if not problems.found:
            await sql.insert("area_edition_row", _COLUMNS, [_row(edition_id, one) for one in some])
        progress("reading", len(some))
    return staged


def number_of(level: AreaLevel, line: int) -> int:
    """The row number that sorts by level, then by line."""
    return LEVELS.index(level) * LEVEL_SHARE + line


def _row(edition_id: int, checked: Checked) -> tuple[Any, ...]:
    line, level, parent = checked
    change = AreaChange.LEFT_OUT if is_dissolved(line.name) else AreaChange.ADDED
    parent_number = number_of(parent.level, parent.line) if parent and parent.line else None
    return (
        edition_id, number_of(level, line.number), line.number, level.value, line.code, line.name, parent_number,
        parent.area_id if parent else None, line.predecessors or None, line.aliases or None, change.value,
    )  # fmt: skip
