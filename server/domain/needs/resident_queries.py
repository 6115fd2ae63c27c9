"""Queries for residents: their needs, and the need behind a slip code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db, rows
from server.database.condition import ALWAYS, Condition, select, where
from server.domain import reference
from server.domain.duty import cover
from server.domain.duty.cover import DutyState
from server.domain.needs import access, allowed_actions, listed, timeline
from server.domain.needs.access import of_resident
from server.domain.needs.allowed_actions import BesideNeed
from server.domain.needs.listed import ListedNeed
from server.domain.needs.timeline import RecordedEntry
from server.domain.needs.transitions import OPEN
from server.domain.slip_codes import SLIP_LENGTH, plain_code
from server.domain.tasks import progress
from server.domain.tasks import resident_queries as tasks
from server.domain.tasks.resident_queries import ResidentTask
from server.errors import NotFound
from server.models import Need, Photo, Urgency

# What decides whether more is to be read.
_FLAGS = """
    (SELECT minutes FROM minutes_offer WHERE need_id = n.id) minutes_offered,
    EXISTS (SELECT 1 FROM photo WHERE need_id = n.id) has_photos,
    EXISTS (SELECT 1 FROM task WHERE need_id = n.id) has_task
"""


async def list_needs(person_id: int, *, before: tuple[datetime, int] | None, limit: int) -> list[ListedNeed]:
    """Return a page of the person's needs, newest first, after the position `before`."""
    theirs = access.own(person_id)
    if before is not None:
        theirs &= where("n.submitted_at < ?", before[0]) | where("n.submitted_at = ? AND n.id < ?", *before)
    newest = "ORDER BY n.submitted_at DESC, n.id DESC LIMIT ?"
    found = await select(listed.COLUMNS, "need n", theirs, newest, last=(limit,))
    return await reference.attach([listed.from_row(row) for row in found], *listed.NAMED)


async def get_need(need_id: int, person_id: int) -> Need:
    """Return a need of the person. Raises `NotFound` for other people's needs."""
    return rows.of(Need, await _row(need_id, person_id))


async def _row(need_id: int, person_id: int) -> dict[str, Any]:
    theirs = where("n.id = ?", need_id) & of_resident(person_id)
    # The value of the join comes before those of the condition.
    join, columns = f"need n {allowed_actions.RATING}", f"n.*, {_FLAGS}, {allowed_actions.COLUMNS}"
    found = await select(columns, join, theirs, first=[person_id])
    if not found:
        raise NotFound
    return found[0]


async def get_by_slip(code: str) -> Need:
    """Return the need with this slip code, or the one that it was merged into while their people live together.

    Callers show only its state and station. Raises `NotFound` for no such.
    """
    need = await Need.filter(slip_code=plain_code(code)[: SLIP_LENGTH + 1]).first()
    if need is None:
        raise NotFound
    if need.merged_into_id is not None:
        together = where("m.id = ?", need.id) & LIVE_TOGETHER
        joined = await select("n.*", "need m JOIN need n ON n.id = m.merged_into_id", together)
        need = rows.of(Need, joined[0]) if joined else need
    [found] = await reference.attach([need], "station")
    return found


async def list_photos(need_id: int) -> list[Photo]:
    """Return the need's photos, oldest first."""
    found = await select("*", "photo", where("need_id = ?", need_id), "ORDER BY created_at, id")
    return [rows.of(Photo, row) for row in found]


JOINED_COLUMNS = "m.id, m.text, m.submitted_at, m.person_id, m.submitted_by_id, m.channel"


@dataclass(frozen=True)
class JoinedNeed:
    """A need that was merged into another one: what its resident wrote, and who they are."""

    id: int
    text: str
    submitted_at: datetime
    residents: frozenset[int]


async def list_joined(need: Need, *, among: Condition = ALWAYS) -> list[JoinedNeed]:
    """Return the needs `m` that were merged into this one `n` and meet the condition, oldest first."""
    if not need.joined_needs:
        return []
    source = "need m JOIN need n ON n.id = m.merged_into_id"
    theirs = where("m.merged_into_id = ?", need.id) & among
    return [_joined(row) for row in await select(JOINED_COLUMNS, source, theirs, "ORDER BY m.submitted_at, m.id")]


LIVE_TOGETHER = where(access.LIVE_TOGETHER)


def _joined(row: dict[str, Any]) -> JoinedNeed:
    residents = access.residents(row["person_id"], row["submitted_by_id"], row["channel"])
    return JoinedNeed(row["id"], row["text"], db.from_database(row["submitted_at"]), frozenset(residents))


@dataclass(frozen=True)
class ResidentNeedView:
    """A need with everything its resident sees; `may` names the actions possible now."""

    need: Need
    timeline: Sequence[RecordedEntry]
    photos: Sequence[Photo]
    may: list[str]
    task: ResidentTask | None = None
    minutes_offered: int | None = None
    duty: DutyState | None = None  # of an open emergency
    joined: Sequence[JoinedNeed] = ()


async def get_detail(need_id: int, person_id: int, *, now: datetime) -> ResidentNeedView:
    """Return a need of the person with all details. Raises `NotFound` for other people's needs."""
    row = await _row(need_id, person_id)
    [need] = await reference.attach([rows.of(Need, row)], *listed.NAMED)
    task = await tasks.get_latest(need, now=now) if row["has_task"] else None
    begun = task is not None and await progress.service_has_begun(need.id)
    beside = allowed_actions.beside(row, service_has_begun=begun)
    return ResidentNeedView(
        need=need,
        timeline=await timeline.list_entries(need, for_staff=False),
        photos=await list_photos(need.id) if row["has_photos"] else [],
        may=await allowed_actions.of_resident(need, beside, reader=person_id, now=now),
        task=task,
        minutes_offered=row["minutes_offered"],
        duty=await _duty(need, now),
        joined=await list_joined(need, among=LIVE_TOGETHER),
    )


async def get_submitted_detail(need: Need, *, with_photos: bool, now: datetime) -> ResidentNeedView:
    """Return the details of a need submitted just now, which has no task and no offer of minutes yet.

    A plea may have joined a need with photos.
    """
    with_photos = with_photos or need.urgency == Urgency.EMERGENCY
    await reference.attach([need], *listed.NAMED)
    is_only = need.event_count == 1
    return ResidentNeedView(
        need=need,
        timeline=[await timeline.get_first(need)] if is_only else await timeline.list_entries(need, for_staff=False),
        photos=await list_photos(need.id) if with_photos else [],
        may=await allowed_actions.of_resident(need, BesideNeed(), reader=need.submitted_by_id, now=now),
        duty=need.duty or await _duty(need, now),
        joined=await list_joined(need, among=LIVE_TOGETHER),
    )


async def _duty(need: Need, now: datetime) -> DutyState | None:
    """Return whether a person is on duty for an open emergency: its resident must know."""
    is_open_emergency = need.urgency == Urgency.EMERGENCY and need.status in OPEN
    return await cover.state_at(need.station_id, now, await access.kept_from(need)) if is_open_emergency else None
