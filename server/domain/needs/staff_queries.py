"""Queries for staff: the list of needs, its counts, and a need with all details."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from server.database import db, rows
from server.database.condition import ALWAYS, Condition, select, where
from server.domain import audit, reference, stations
from server.domain.needs import (
    access,
    allowed_actions,
    crisis_access,
    duplicates,
    filters,
    housemates,
    listed,
    resident_queries,
    timeline,
    triage,
)
from server.domain.needs.allowed_actions import StaffSight
from server.domain.needs.duplicates import LikelyDuplicate
from server.domain.needs.filters import ORDERS, NeedFilter, Search
from server.domain.needs.listed import ListedNeed
from server.domain.needs.resident_queries import JoinedNeed
from server.domain.needs.timeline import RecordedEntry
from server.domain.needs.transitions import OPEN
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Channel, Need, NeedStatus, Photo, ReadingKind, Station, Urgency

EXCERPT = 60
# Of an ended status no more are counted: over the years they become many.
MOST_ENDED_COUNTED = 100
# The list reads only the beginning of the text.
COLUMNS = listed.COLUMNS.replace("n.text", f"SUBSTR(n.text, 1, {EXCERPT}) text")


@dataclass(frozen=True)
class StaffNeed:
    """A need as the list shows it; `readable`: whether its text and name are shown to the caller."""

    need: ListedNeed | Need
    assignee: str | None
    readable: bool


@dataclass(frozen=True)
class NeedList:
    """A page of the list; the first one with the numbers of needs by status."""

    items: Sequence[StaffNeed]
    counts: dict[NeedStatus, int] | None


async def list_needs(need_filter: NeedFilter, *, by: Staff, now: datetime) -> NeedList:
    """Return a page of the needs the filter matches, in its order, after its position `after`.

    Of confidential needs it shows the category alone, to everybody: to read one is to open it, and that is logged.
    The counts belong to the first page; see `filters.searches`.
    """
    page, counted = await filters.searches(need_filter, by, now)
    counts = _counts(counted) if need_filter.after is None else NO_COUNTS
    in_order = f"ORDER BY {ORDERS[need_filter.sort].sql} LIMIT ?"
    source, condition, first = _source(page, in_order, need_filter.limit)
    found = await select(
        f"{COLUMNS}, p.name assignee, {counts.sql} counts",
        f"{source} LEFT JOIN person p ON p.id = n.assignee_id",
        condition,
        in_order,
        first=(*counts.values, *first),
        last=(need_filter.limit,),
    )
    needs = await reference.attach([listed.from_row(row) for row in found], *listed.NAMED)
    items = [listed_need(one, row["assignee"]) for one, row in zip(needs, found, strict=True)]
    if any(one.need.urgency == Urgency.EMERGENCY for one in items):
        # An emergency may be about those who live with the resident.
        near = await housemates.ids_of(by)
        items = [one if one.need.person_id not in near else replace(one, readable=False) for one in items]
    return NeedList(items, await _counted(counts, found) if counts is not NO_COUNTS else None)


def _source(page: Search, in_order: str, limit: int) -> tuple[str, Condition, tuple[Any, ...]]:
    """Return where the page's needs `n` are read, their condition, and the values of the former."""
    if not page.finds_ids:
        return page.source, page.condition, ()
    ids = f"SELECT n.id FROM {page.source} WHERE {page.condition.sql} {in_order}"  # noqa: S608 - names of ours
    return f"({ids}) page JOIN need n ON n.id = page.id", ALWAYS, (*page.condition.values, limit)


def listed_need(need: ListedNeed, assignee: str | None) -> StaffNeed:
    """Return a need for a list: of a confidential one, nobody reads more than the category there."""
    return StaffNeed(need, assignee, readable=not need.category.confidential)


NO_COUNTS = where("NULL")


def _counts(searches: Sequence[Search]) -> Condition:
    """Return the column that counts the needs of the searches by status: an object in JSON, the same in every row."""
    not_ended, *ended = (f"SELECT n.status FROM {one.source} WHERE {one.condition.sql}" for one in searches)  # noqa: S608 - constants
    numbers = [f"SELECT status, COUNT(*) number FROM ({not_ended}) s GROUP BY status"]  # noqa: S608 - as above
    # Each of these has one status, or no row.
    numbers += [f"SELECT MIN(status), COUNT(*) FROM ({one} LIMIT {MOST_ENDED_COUNTED}) s" for one in ended]  # noqa: S608 - as above
    as_object = "JSON_GROUP_OBJECT" if db.dialect() == "sqlite" else "JSON_OBJECTAGG"
    return Condition(
        f"(SELECT {as_object}(status, number) FROM ({' UNION ALL '.join(numbers)}) c WHERE status IS NOT NULL)",  # noqa: S608 - as above
        tuple(value for one in searches for value in one.condition.values),
    )


async def _counted(counts: Condition, found: Sequence[Mapping[str, Any]]) -> dict[NeedStatus, int]:
    if not found:  # no row of the page has brought them
        _, found = await db.execute(f"SELECT {counts.sql} counts", counts.values)
    return {NeedStatus(status): number for status, number in json.loads(found[0]["counts"] or "{}").items()}


async def get_need(need_id: int, *, by: Staff) -> Need:
    """Return a need the caller may see (`access.visible_to`). Raises `NotFound` for others."""
    return rows.of(Need, await _row(need_id, by))


async def _row(need_id: int, by: Staff) -> dict[str, Any]:
    """Return the columns of a need the caller may see, and what staff see beside it."""
    crisis, opened = crisis_access.opened_by(by.person_id), access.opened_by(by)
    columns = f"{BESIDE}, {crisis.sql} crisis_opened, {opened.sql} opened"
    this = where("n.id = ?", need_id) & access.visible_to(by)
    found = await select(columns, PEOPLE, this, first=(*crisis.values, *opened.values))
    if not found:
        raise NotFound
    return found[0]


BESIDE = """
    n.*, a.name assignee, f.name first_worker, c.id crisis_id, c.acknowledged_at crisis_acknowledged_at,
    EXISTS (SELECT 1 FROM photo WHERE need_id = n.id) has_photos
"""
PEOPLE = """
    need n LEFT JOIN person a ON a.id = n.assignee_id LEFT JOIN person f ON f.id = n.first_worker_id
    LEFT JOIN crisis_alert c ON c.need_id = n.id
"""


async def get_responsible_station(need: Need) -> Station:
    return await stations.get(need.station_id)


# After that a worker who entered a need is no longer at the counter with its resident.
AT_COUNTER = timedelta(days=1)


async def get_for_slip(need_id: int, *, by: Staff, now: datetime) -> Need:
    """Return a need with its station, whose slip the caller may print: for a day also one they entered for another.

    Raises `HeadRequired` for a confidential need that the caller may not read: its code finds it.
    """
    own = Need.filter(id=need_id, submitted_by_id=by.person_id, submitted_at__gt=now - AT_COUNTER)
    entered = await own.exclude(channel=Channel.PHONE_APP).first()
    need = entered or await get_need(need_id, by=by)
    if entered is None:
        await access.require_reader(need, by)
    return (await reference.attach([need], "station"))[0]


@db.transaction
async def log_reading(need: Need, *, by: Staff, now: datetime) -> None:
    """Log that the caller read a confidential need."""
    await audit.read(f"need:{need.id}", ReadingKind.CONFIDENTIAL, of=need.person_id, by=by.person_id, now=now)


CrisisState = Literal["none", "unanswered", "acknowledged"]


@dataclass(frozen=True)
class StaffNeedView:
    """A need with everything staff see; without photos and duplicates where it is not readable."""

    need: Need
    shown: StaffNeed
    first_worker: str | None
    timeline: Sequence[RecordedEntry]
    photos: Sequence[Photo]
    likely_duplicates: Sequence[LikelyDuplicate]
    crisis: CrisisState
    crisis_opened: bool  # by the caller
    joined: Sequence[JoinedNeed]
    may: Sequence[str]


async def open_need(need_id: int, *, by: Staff, now: datetime) -> StaffNeedView:
    """Open a need: the first worker to open it is named on it, and reading a confidential need is logged."""
    row = await _row(need_id, by)
    if row["first_worker_id"] is None and row["status"] in OPEN:
        await triage.record_first_opening(need_id, by=by, now=now)
        row = await _row(need_id, by)
    [need] = await reference.attach([rows.of(Need, row)], *listed.NAMED)
    kept = await access.kept_from(need)
    readable = by.person_id not in kept and (bool(row["opened"]) or await access.reads(need, by))
    if readable and need.category.confidential:
        await log_reading(need, by=by, now=now)
    entries = await timeline.list_entries(need, for_staff=True)
    joined = await resident_queries.list_joined(need)
    sight = StaffSight(
        readable=readable,
        heard=_crisis_state(row) != "unanswered" or bool(row["crisis_opened"]),
        kinds=frozenset(one.kind for one in entries),
        kept_from=frozenset(kept),
    )
    return StaffNeedView(
        need=need,
        shown=StaffNeed(need, row["assignee"], readable),
        first_worker=row["first_worker"],
        timeline=entries,
        photos=await resident_queries.list_photos(need.id) if readable and row["has_photos"] else [],
        likely_duplicates=await duplicates.find(need, by=by) if readable and need.status in OPEN else [],
        crisis=_crisis_state(row),
        crisis_opened=bool(row["crisis_opened"]),
        joined=joined,
        may=allowed_actions.of_staff(need, by, sight, now=now),
    )


def _crisis_state(row: Mapping[str, Any]) -> CrisisState:
    if row["crisis_id"] is None:
        return "none"
    return "unanswered" if row["crisis_acknowledged_at"] is None else "acknowledged"
