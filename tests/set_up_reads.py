"""Reads of the set-up's tables, which are to be answered from memory."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from server.domain import reference

DOMAIN = f"{Path(__file__).parent.parent}/server/domain/"
READ = re.compile(
    r"\b(?:FROM|JOIN) [`\"]?(area|area_successor|station|station_category|coverage|category|service_promise|policy"
    r"|calendar_day)\b",
    re.IGNORECASE,
)
# The statement of a request that finds its session: where nobody works gives rights, never from memory.
SESSION = re.compile(r"SELECT s\.id, s\.person_id, s\.last_used_at, v\.number,")
# Functions that may read these tables, as `file:function`.
MAY_READ = re.compile(
    r"reference/"
    r"|areas/search\.py:(_fitting|children)$"  # by words, and below areas that are not of the city
    r"|areas/(apply_edition|edition_queries|inherited_coverage|matching|predecessors|propose_edition)"
    r"|invariants\.py"  # it checks what the tables hold
    r"|stations\.py:lock_row$|needs/access\.py:keep_unstaffed$"  # they read no more than an id
    r"|sessions\.py:of_token$|staff\.py:of_person$"  # where nobody works gives rights: never from memory
)


def where_read(statement: str) -> str | None:
    """Return the place in the domain that reads a table of the set-up with this statement, and should not; else None.

    A verb that has announced a change of the set-up may read what it changes.
    """
    if not READ.search(statement) or reference.changes_here():
        return None
    places = list(_callers())
    if not places or any(map(MAY_READ.match, places)):
        return None
    return f"{places[0]} reads {READ.findall(statement)}"


def _callers() -> Iterator[str]:
    """Yield the file and function of each caller in the domain, the innermost first."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename.startswith(DOMAIN):
            yield f"{frame.f_code.co_filename.removeprefix(DOMAIN)}:{frame.f_code.co_name}"
        frame = frame.f_back
