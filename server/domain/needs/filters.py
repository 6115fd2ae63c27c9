"""Filters and sort orders of the staff's list of needs, and the database index for each.

Without a named index MariaDB reads and sorts every need a station ever had.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from server.database import db
from server.database.condition import ALWAYS, Condition, among, select, where
from server.domain import reference
from server.domain.needs import access
from server.domain.needs.transitions import OPEN
from server.domain.slip_codes import SLIP_LENGTH
from server.domain.staff import Staff
from server.models import NeedStatus, Urgency


class Sort(StrEnum):
    """The orders of the list; each has an index."""

    NEWEST = "newest"
    OLDEST = "oldest"
    MOST_URGENT = "most_urgent"  # by completion deadline


class NeedScope(StrEnum):
    """Needs of the caller's stations and counties; referred to the caller's stations; overseen by them."""

    OWN = "own"
    REFERRED = "referred"
    OVERSEEN = "overseen"


ORDERS = {
    Sort.NEWEST: ("submitted_at", " DESC"),
    Sort.OLDEST: ("submitted_at", ""),
    Sort.MOST_URGENT: ("completion_due_at", ""),
}
# Ended needs only become more: they are counted and searched for this long, or for the period in the filter.
DEFAULT_LOOK_BACK = timedelta(days=30)
NOT_ENDED = OPEN | {NeedStatus.RESOLVED}
ENDED = frozenset(NeedStatus) - NOT_ENDED
# For more stations than this, the newest needs are found through the index over all stations.
FEW_STATIONS = 10
MAX_BY_NUMBER = 500


@dataclass(frozen=True)
class NeedFilter:
    """A filter of the list; empty fields do not narrow it."""

    scope: NeedScope = NeedScope.OWN
    statuses: Sequence[NeedStatus] = ()
    categories: Sequence[str] = ()
    urgency: Urgency | None = None
    assignee_id: int | None = None
    unassigned: bool = False
    overdue: bool = False
    submitted_from: datetime | None = None
    submitted_until: datetime | None = None
    text: str = ""
    station_id: int | None = None
    sort: Sort = Sort.NEWEST
    after: tuple[datetime, int] | None = None
    limit: int = field(default=20)

    @property
    def only_not_ended(self) -> bool:
        """Return whether the filter leaves out ended needs; the others are never many."""
        return self.overdue or (bool(self.statuses) and NOT_ENDED.issuperset(self.statuses))


@dataclass(frozen=True)
class Search:
    """The needs `n` to find, and the index that finds them fastest; None: the database chooses."""

    condition: Condition
    index: str | None

    @property
    def source(self) -> str:
        """Return the table with its index, for FROM. SQLite needs no hint, and has other words for it."""
        return "need n" if self.index is None or db.dialect() == "sqlite" else f"need n FORCE INDEX ({self.index})"


async def searches(need_filter: NeedFilter, by: Staff, now: datetime) -> tuple[Search, list[Search]]:
    """Return the search for the page in the filter's order, after its position, and those for the counts.

    Counted are needs of every status, whatever the filter's: those not ended, and each ended status since `_since`.
    """
    found, by_number = await _filtered(need_filter, by, now)
    page = found & _with_status(*need_filter.statuses) if need_filter.statuses else found
    if need_filter.after is not None:
        page &= _after(need_filter, *need_filter.after)
    since = where("n.submitted_at >= ?", _since(need_filter, now))
    counted = [_with_status(*NOT_ENDED), *(_with_status(one) & since for one in sorted(ENDED))]
    index = index_by_status(by) if _is_station_list(need_filter) and not by_number else None
    return Search(page, None if by_number else _index(need_filter, by)), [Search(found & one, index) for one in counted]


def _after(need_filter: NeedFilter, at: datetime, last: int) -> Condition:
    column, direction = ORDERS[need_filter.sort]
    beyond = "<" if direction else ">"
    return where(f"n.{column} {beyond} ?", at) | where(f"n.{column} = ? AND n.id {beyond} ?", at, last)


async def _filtered(need_filter: NeedFilter, by: Staff, now: datetime) -> tuple[Condition, bool]:
    """Return the condition for matching needs of any status, and whether a slip code or phone number found them."""
    found = _in_scope(need_filter.scope, by) & _exact_conditions(need_filter)
    if need_filter.categories:
        categories = (await reference.snapshot()).categories.values()
        found &= among("n.category_id", [one.id for one in categories if one.code in need_filter.categories])
    if need_filter.overdue:
        unanswered = where("n.response_due_at < ? AND n.accepted_at IS NULL", now)
        found &= (where("n.completion_due_at < ?", now) | unanswered) & _with_status(*OPEN)
    if not need_filter.text:
        return found, False
    found &= await access.with_readable_text(by)
    if by_number := await _ids_by_number(need_filter, by):
        return found & among("n.id", by_number), True
    return found & _recent(need_filter, now) & _containing(need_filter.text), False


def _in_scope(scope: NeedScope, by: Staff) -> Condition:
    return {
        NeedScope.OWN: access.of_stations,
        NeedScope.REFERRED: access.referred_to,
        NeedScope.OVERSEEN: access.overseen_by,
    }[scope](by)


def _exact_conditions(need_filter: NeedFilter) -> Condition:
    found = ALWAYS
    exact = {
        "n.urgency = ?": need_filter.urgency,
        "n.assignee_id = ?": need_filter.assignee_id,
        "n.station_id = ?": need_filter.station_id,
        "n.submitted_at >= ?": need_filter.submitted_from,
        "n.submitted_at < ?": need_filter.submitted_until,
    }
    for sql, value in exact.items():
        if value:
            found &= where(sql, value)
    return found & where("n.assignee_id IS NULL") if need_filter.unassigned else found


def _with_status(*statuses: NeedStatus) -> Condition:
    return among("n.status", sorted(statuses))


def _recent(need_filter: NeedFilter, now: datetime) -> Condition:
    since = where("n.submitted_at >= ?", _since(need_filter, now))
    return _with_status(*NOT_ENDED) | _with_status(*ENDED) & since


def _since(need_filter: NeedFilter, now: datetime) -> datetime:
    """Return since when ended needs are counted and searched: `DEFAULT_LOOK_BACK`, or the filter's period."""
    return need_filter.submitted_from or now - DEFAULT_LOOK_BACK


def _containing(words: str) -> Condition:
    escaped = words.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return where("n.text LIKE ? ESCAPE '!'", f"%{escaped}%")


async def _ids_by_number(need_filter: NeedFilter, by: Staff) -> list[int]:
    """Return the ids of needs with this slip code, or the newest needs with this phone number, of any age."""
    words, in_scope = need_filter.text, _in_scope(need_filter.scope, by)
    found: list[int] = []
    if len(words) == SLIP_LENGTH:
        found = await _ids(Search(where("n.slip_code = ?", words.upper()) & in_scope, None))
    if not found and any(letter.isdigit() for letter in words):
        found = await _ids(Search(where("n.contact_phone = ?", words) & in_scope, "need_by_phone"))
    return found


async def _ids(search: Search) -> list[int]:
    newest = "ORDER BY n.submitted_at DESC LIMIT ?"
    found = await select("n.id", search.source, search.condition, newest, last=(MAX_BY_NUMBER,))
    return [row["id"] for row in found]


def _index(need_filter: NeedFilter, by: Staff) -> str | None:
    """Return the index that has the list's order, or finds the few rows to sort; None: the database chooses."""
    if not _is_station_list(need_filter):
        return None
    if need_filter.only_not_ended or need_filter.text:
        return index_by_status(by)
    stations = {need_filter.station_id} if need_filter.station_id else by.station_ids | by.county_station_ids
    if need_filter.submitted_from or (not by.is_city and 1 < len(stations) <= FEW_STATIONS):
        return None
    return _index_in_order(need_filter) if by.is_city or len(stations) > 1 else _station_index_in_order(need_filter)


def _is_station_list(need_filter: NeedFilter) -> bool:
    # The lists of a worker, of referred and of overseen needs have indexes of their own.
    return need_filter.scope is NeedScope.OWN and not need_filter.assignee_id


def _index_in_order(need_filter: NeedFilter) -> str:
    if need_filter.sort is Sort.MOST_URGENT:
        return "need_by_deadline"
    return "need_by_status" if len(need_filter.statuses) == 1 else "need_by_time"


def _station_index_in_order(need_filter: NeedFilter) -> str:
    if need_filter.sort is Sort.MOST_URGENT:
        return "need_of_station_by_deadline"
    if len(need_filter.statuses) == 1:
        return "need_of_station_by_status"
    return "need_of_station_by_category" if len(need_filter.categories) == 1 else "need_of_station"


def index_by_status(by: Staff) -> str:
    """Return the name of the index over status, for the city or for single stations."""
    return "need_by_status" if by.is_city else "need_of_station_by_status"
