"""Filters and sort orders of the staff's list of needs, and the database index for each.

Without a named index MariaDB reads and sorts every need a station ever had.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from server.domain.needs.transitions import OPEN
from server.domain.slip_codes import SLIP_LENGTH
from server.domain.staff import Staff
from server.models import Category, Need, NeedStatus, Urgency


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
    Sort.NEWEST: ("submitted_at", "-"),
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


async def matching(need_filter: NeedFilter, by: Staff, now: datetime) -> QuerySet[Need]:
    """Return the matching needs, unsorted, with the index that finds them fastest."""
    found, by_number = await _filtered(need_filter, by, now)
    index = None if by_number else _index(need_filter, by)
    return found.force_index(index) if index else found


async def matching_recent(need_filter: NeedFilter, by: Staff, now: datetime) -> QuerySet[Need]:
    """Return the same as `matching`, without needs that ended before `DEFAULT_LOOK_BACK` or the filter's period."""
    found, by_number = await _filtered(need_filter, by, now)
    found = found.filter(_recent(need_filter, now))
    return found if by_number or not _is_station_list(need_filter) else found.force_index(index_by_status(by))


async def _filtered(need_filter: NeedFilter, by: Staff, now: datetime) -> tuple[QuerySet[Need], bool]:
    """Return the matching needs, and whether they were found by a slip code or phone number."""
    found = Need.filter(_in_scope(need_filter.scope, by), _exact_conditions(need_filter, now))
    if need_filter.categories:
        category_ids = await Category.filter(code__in=list(need_filter.categories)).values_list("id", flat=True)
        found = found.filter(category_id__in=list(category_ids) or [0])
    if not need_filter.text:
        return found, False
    found = found.filter(await _text_readable_by(by))
    if by_number := await _ids_by_number(need_filter, by):
        return found.filter(id__in=by_number), True
    return found.filter(_recent(need_filter, now), text__contains=need_filter.text), False


def _in_scope(scope: NeedScope, by: Staff) -> Q:
    station_ids = sorted(by.station_ids) or [0]
    return {
        NeedScope.OWN: by.of_stations(),
        NeedScope.REFERRED: Q(referred_to_id__in=station_ids),
        NeedScope.OVERSEEN: Q(overseer_id__in=station_ids),
    }[scope]


def _exact_conditions(need_filter: NeedFilter, now: datetime) -> Q:
    exact: dict[str, Any] = {
        "status__in": list(need_filter.statuses),
        "urgency": need_filter.urgency,
        "assignee_id": need_filter.assignee_id,
        "station_id": need_filter.station_id,
        "submitted_at__gte": need_filter.submitted_from,
        "submitted_at__lt": need_filter.submitted_until,
    }
    found = Q(**{name: value for name, value in exact.items() if value})
    if need_filter.unassigned:
        found &= Q(assignee_id=None)
    if need_filter.overdue:
        late = Q(completion_due_at__lt=now) | Q(response_due_at__lt=now, accepted_at=None)
        found &= late & Q(status__in=list(OPEN))
    return found


def _recent(need_filter: NeedFilter, now: datetime) -> Q:
    since = need_filter.submitted_from or now - DEFAULT_LOOK_BACK
    return Q(status__in=list(NOT_ENDED)) | Q(status__in=list(ENDED), submitted_at__gte=since)


async def _text_readable_by(by: Staff) -> Q:
    """Return the condition for needs whose text the caller may read: a search must not reveal hidden text."""
    hidden = await Category.filter(confidential=True).values_list("id", flat=True)
    return (
        ~Q(category_id__in=list(hidden) or [0])
        | Q(assignee_id=by.person_id)
        | Q(station_id__in=sorted(by.head_of) or [0])
    )


async def _ids_by_number(need_filter: NeedFilter, by: Staff) -> list[int]:
    """Return the ids of needs with this slip code, or the newest needs with this phone number, of any age."""
    words, in_scope = need_filter.text, Need.filter(_in_scope(need_filter.scope, by))
    found: list[Any] = []
    if len(words) == SLIP_LENGTH:
        found = await in_scope.filter(slip_code=words.upper()).values_list("id", flat=True)
    if not found and any(letter.isdigit() for letter in words):
        by_phone = in_scope.filter(contact_phone=words).force_index("need_by_phone").order_by("-submitted_at")
        found = await by_phone.limit(MAX_BY_NUMBER).values_list("id", flat=True)
    return found


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
