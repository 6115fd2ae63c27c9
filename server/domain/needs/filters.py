"""Filters and sort orders of the staff's list of needs, and the database index for each.

Without a named index MariaDB reads and sorts every need a station ever had.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from server.database import db
from server.database.condition import ALWAYS, NEVER, Condition, among, where
from server.domain import reference
from server.domain.needs import access, housemates
from server.domain.needs.transitions import OPEN
from server.domain.staff import Staff
from server.models import NeedStatus, Urgency
from server.models.needs import DueRank


class Sort(StrEnum):
    """The orders of the list; each has an index."""

    NEWEST = "newest"
    OLDEST = "oldest"
    MOST_URGENT = "most_urgent"  # emergencies, then others by their next deadline, then those that nothing is due for


class NeedScope(StrEnum):
    """Needs of the caller's stations and counties; referred to the caller's stations; overseen by them."""

    OWN = "own"
    REFERRED = "referred"
    OVERSEEN = "overseen"


@dataclass(frozen=True)
class Order:
    """The columns of an order, the id last. NULL is never among the values that others are compared with."""

    columns: tuple[str, ...]
    newest_first: bool = False

    @property
    def sql(self) -> str:
        """Return the columns for ORDER BY."""
        return ", ".join(f"n.{column}{' DESC' if self.newest_first else ''}" for column in self.columns)

    def place(self, need: Any) -> tuple[Any, ...]:
        """Return the place of a need in the order: the page after it begins there."""
        return tuple(getattr(need, column) for column in self.columns)

    def after(self, place: Sequence[Any]) -> Condition:
        """Return the condition for the needs `n` after a place."""
        beyond, same, found = "<" if self.newest_first else ">", ALWAYS, NEVER
        for column, value in zip(self.columns, place, strict=True):
            if value is None:
                same &= where(f"n.{column} IS NULL")
            else:
                found |= same & where(f"n.{column} {beyond} ?", value)
                same &= where(f"n.{column} = ?", value)
        return found


ORDERS = {
    Sort.NEWEST: Order(("submitted_at", "id"), newest_first=True),
    Sort.OLDEST: Order(("submitted_at", "id")),
    # Nothing is due for needs of the last rank: NULL is among them alone.
    Sort.MOST_URGENT: Order(("due_rank", "next_due_at", "id")),
}
# Ended needs only become more: they are counted and searched for this long, or for the period in the filter.
DEFAULT_LOOK_BACK = timedelta(days=30)
NOT_ENDED = OPEN | {NeedStatus.RESOLVED}
ENDED = frozenset(NeedStatus) - NOT_ENDED
# For more stations than this, the newest needs are found through the index over all stations.
FEW_STATIONS = 10


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
    after: tuple[Any, ...] | None = None  # the place in the order of `sort`
    limit: int = field(default=20)

    @property
    def only_not_ended(self) -> bool:
        """Return whether the filter leaves out ended needs; the others are never many."""
        return self.overdue or (bool(self.statuses) and NOT_ENDED.issuperset(self.statuses))


# Indexes that have the columns of most filters and orders.
WITHOUT_ROWS = frozenset(
    {"need_by_time", "need_by_due", "need_of_station_by_due", "need_by_status", "need_of_station_by_status"}
)


@dataclass(frozen=True)
class Search:
    """The needs `n` to find, and the index that finds them fastest; None: the database chooses."""

    condition: Condition
    index: str | None

    @property
    def finds_ids(self) -> bool:
        """Return whether the index alone finds and sorts the ids of a page: rows are read only of what is shown."""
        return self.index in WITHOUT_ROWS and self.condition != ALWAYS

    @property
    def source(self) -> str:
        """Return the table with its index, for FROM. SQLite needs no hint, and has other words for it."""
        return "need n" if self.index is None or db.dialect() == "sqlite" else f"need n FORCE INDEX ({self.index})"


async def searches(need_filter: NeedFilter, by: Staff, now: datetime) -> tuple[Search, list[Search]]:
    """Return the search for the page in the filter's order, after its position, and those for the counts.

    Counted are needs of every status, whatever the filter's: those not ended, and each ended status since `_since`.
    """
    found = await _filtered(need_filter, by, now)
    page = found & _of_statuses(need_filter)
    if need_filter.after is not None:
        page &= ORDERS[need_filter.sort].after(need_filter.after)
    index = _index_of_counts(need_filter, by) if _is_station_list(need_filter) else None
    counted = [Search(found & one, index) for one in _counted(need_filter, now)]
    return Search(page, _index(need_filter, by)), counted


def _of_statuses(need_filter: NeedFilter) -> Condition:
    """Return the condition for the statuses in the filter, with the ranks that they have: an index finds both."""
    if not need_filter.statuses:
        return ALWAYS
    found = _with_status(*need_filter.statuses)
    if need_filter.sort is Sort.MOST_URGENT and OPEN.issuperset(need_filter.statuses):
        found &= _DUE
    elif need_filter.sort is Sort.MOST_URGENT and OPEN.isdisjoint(need_filter.statuses):
        found &= where("n.due_rank = ?", DueRank.NOTHING_DUE.value)
    return found


_DUE = among("n.due_rank", [DueRank.EMERGENCY.value, DueRank.OTHER.value])


def _counted(need_filter: NeedFilter, now: datetime) -> list[Condition]:
    """Return the conditions for what is counted: needs that have not ended, and of each ended status since `_since`."""
    if need_filter.overdue:
        return [_with_status(*OPEN)]
    since = where("n.submitted_at >= ?", _since(need_filter, now))
    return [_with_status(*NOT_ENDED), *(_with_status(one) & since for one in sorted(ENDED))]


async def _filtered(need_filter: NeedFilter, by: Staff, now: datetime) -> Condition:
    """Return the condition for matching needs of any status.

    Words are searched in no confidential need, for nobody: a search says which words a text has, and is not logged.
    """
    found = _in_scope(need_filter.scope, by) & _exact_conditions(need_filter)
    if need_filter.categories:
        categories = (await reference.snapshot()).categories.values()
        found &= among("n.category_id", [one.id for one in categories if one.code in need_filter.categories])
    if need_filter.overdue:
        found &= _DUE & where("n.next_due_at < ?", now)
    if not need_filter.text:
        return found
    found &= await access.not_confidential() & await housemates.shown_to(by)
    return found & _recent(need_filter, now) & _containing(need_filter.text)


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


def _index(need_filter: NeedFilter, by: Staff) -> str | None:
    """Return the index that has the list's order, or finds the few rows to sort; None: the database chooses."""
    if not _is_station_list(need_filter):
        return None
    stations = {need_filter.station_id} if need_filter.station_id else by.station_ids | by.county_station_ids
    is_one = len(stations) == 1 and (need_filter.station_id is not None or not by.is_city)
    if not need_filter.text and (need_filter.overdue or need_filter.sort is Sort.MOST_URGENT):
        # What is due is never much: the index over all stations begins with it.
        return "need_of_station_by_due" if is_one else "need_by_due"
    if need_filter.only_not_ended or need_filter.text:
        return _index_by_status(need_filter, by)
    if need_filter.submitted_from or (not by.is_city and 1 < len(stations) <= FEW_STATIONS):
        return None
    return _station_index_in_order(need_filter) if is_one else _index_in_order(need_filter)


def _is_station_list(need_filter: NeedFilter) -> bool:
    # The lists of a worker, of referred and of overseen needs have indexes of their own.
    return need_filter.scope is NeedScope.OWN and not need_filter.assignee_id


def _index_in_order(need_filter: NeedFilter) -> str:
    return "need_by_status" if len(need_filter.statuses) == 1 else "need_by_time"


def _station_index_in_order(need_filter: NeedFilter) -> str:
    if len(need_filter.statuses) == 1:
        return "need_of_station_by_status"
    return "need_of_station_by_category" if len(need_filter.categories) == 1 else "need_of_station"


def _index_of_counts(need_filter: NeedFilter, by: Staff) -> str:
    if need_filter.overdue and not need_filter.text:
        return "need_by_due" if _of_whole_city(need_filter, by) else "need_of_station_by_due"
    return _index_by_status(need_filter, by)


def _index_by_status(need_filter: NeedFilter, by: Staff) -> str:
    return "need_by_status" if _of_whole_city(need_filter, by) else "need_of_station_by_status"


def _of_whole_city(need_filter: NeedFilter, by: Staff) -> bool:
    return by.is_city and need_filter.station_id is None
