"""Queries for staff: the list of needs, its counts, and a need with all details."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal

from tortoise.expressions import Q
from tortoise.functions import Count

from server.database import db
from server.domain import audit
from server.domain.needs import access, duplicates, filters, resident_queries, timeline, triage
from server.domain.needs.access import visible_to
from server.domain.needs.duplicates import LikelyDuplicate
from server.domain.needs.filters import ORDERS, NeedFilter
from server.domain.needs.transitions import OPEN
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Channel, CrisisAlert, Need, NeedEvent, NeedStatus, Photo, Station, Urgency


@dataclass(frozen=True)
class NeedListItem(access.NeedAccessFacts):
    """The columns of a need that the staff's list shows."""

    status: NeedStatus
    urgency: Urgency
    category: str
    category_name: str
    station_name: str
    station_phone: str
    area: str
    contact_name: str
    contact_phone: str
    text: str
    assignee: str | None
    submitted_at: datetime
    response_due_at: datetime
    completion_due_at: datetime
    accepted_at: datetime | None
    urgings: int

    @classmethod
    def from_need(cls, need: Need) -> "NeedListItem":
        """Return the list item of a need whose relations are fetched."""
        related = {name: _related_value(need, path) for name, path in RELATED_FIELDS.items()}
        return cls(**{name: getattr(need, name) for name in OWN_FIELDS}, **related)


RELATED_FIELDS = {
    "confidential": "category__confidential",
    "category": "category__code",
    "category_name": "category__name",
    "station_name": "station__name",
    "station_phone": "station__phone",
    "area": "area__name",
    "assignee": "assignee__name",
}
OWN_FIELDS = [field.name for field in fields(NeedListItem) if field.name not in RELATED_FIELDS]


def _related_value(need: Need, path: str) -> Any:
    first, second = path.split("__")
    return getattr(getattr(need, first), second, None)


async def list_needs(need_filter: NeedFilter, *, by: Staff, now: datetime) -> list[NeedListItem]:
    """Return a page of the needs the filter matches, in its order, after its position `after`."""
    column, sign = ORDERS[need_filter.sort]
    found = await filters.matching(need_filter, by, now)
    if need_filter.after is not None:
        beyond = "lt" if sign else "gt"
        at, last = need_filter.after
        further: dict[str, Any] = {f"{column}__{beyond}": at}
        same_time: dict[str, Any] = {column: at, f"id__{beyond}": last}
        found = found.filter(Q(**further) | Q(**same_time))
    page = found.order_by(f"{sign}{column}", f"{sign}id").limit(need_filter.limit)
    return [NeedListItem(**row) for row in await page.values(*OWN_FIELDS, **RELATED_FIELDS)]


async def count_by_status(need_filter: NeedFilter, *, by: Staff, now: datetime) -> dict[NeedStatus, int]:
    """Return the number of matching needs by status, ignoring the filter's own statuses; see `DEFAULT_LOOK_BACK`."""
    unbound = replace(need_filter, statuses=())
    found = (await filters.matching_recent(unbound, by, now)).annotate(number=Count("id")).group_by("status")
    return {row["status"]: row["number"] for row in await found.values("status", "number")}


async def get_need(need_id: int, *, by: Staff) -> Need:
    """Return a need the caller may see (`access.visible_to`). Raises `NotFound` for others."""
    found = Need.filter(id=need_id).select_related(
        "category", "station", "assignee", "first_worker", "area", "person", "merged_into"
    )
    need = await found.filter(visible_to(by)).first()
    if need is None:
        raise NotFound
    return need


async def get_responsible_station(need: Need) -> Station:
    return await Station.get(id=need.station_id)


async def get_for_slip(need_id: int, *, by: Staff) -> Need:
    """Return a need whose slip the caller may print: also one they entered that went to another station."""
    entered = Need.filter(id=need_id, submitted_by_id=by.person_id).exclude(channel=Channel.PHONE_APP)
    return await entered.select_related("station").first() or await get_need(need_id, by=by)


@db.transaction
async def log_reading(need: Need, *, by: Staff, now: datetime) -> None:
    """Log that the caller read a confidential need."""
    await audit.read(f"need:{need.id}", "confidential", of=need.person_id, by=by.person_id, now=now)


CrisisState = Literal["none", "unanswered", "acknowledged"]


@dataclass(frozen=True)
class StaffNeedView:
    """A need with everything staff see; without photos and duplicates where it is not `readable`."""

    need: Need
    readable: bool
    timeline: Sequence[NeedEvent]
    photos: Sequence[Photo]
    likely_duplicates: Sequence[LikelyDuplicate]
    crisis: CrisisState


async def open_need(need_id: int, *, by: Staff, now: datetime) -> StaffNeedView:
    """Open a need: the first worker to open it is named on it, and reading a confidential need is logged."""
    need = await get_need(need_id, by=by)
    if need.first_worker_id is None and need.status in OPEN:
        await triage.record_first_opening(need_id, by=by, now=now)
        need = await get_need(need_id, by=by)
    readable = await access.may_read(need, by)
    if readable and need.category.confidential:
        await log_reading(need, by=by, now=now)
    return StaffNeedView(
        need=need,
        readable=readable,
        timeline=await timeline.list_entries(need, for_staff=True),
        photos=await resident_queries.list_photos(need.id) if readable else [],
        likely_duplicates=await duplicates.find(need, by=by) if readable and need.status in OPEN else [],
        crisis=await _get_crisis_state(need),
    )


async def _get_crisis_state(need: Need) -> CrisisState:
    alert = await CrisisAlert.get_or_none(need_id=need.id)
    if alert is None:
        return "none"
    return "unanswered" if alert.acknowledged_at is None else "acknowledged"
