"""Name the actions a resident, or a worker, can take on a need now: the conditions of each verb, with time limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import policies
from server.domain.needs import access, deadlines, pleas
from server.domain.needs.transitions import NEVER_DECLINED_AFTER, OPEN, REFERABLE, WITHDRAWABLE, WRITABLE, S
from server.domain.staff import Staff
from server.models import Need

# The columns beside a need `n` that decide; their one value is the id of the person.
COLUMNS = """
    EXISTS (SELECT 1 FROM appeal WHERE need_id = n.id) is_appealed, r.rated_at, r.station_id rating_station_id
"""
RATING = "LEFT JOIN rating r ON r.need_id = n.id AND r.person_id = ?"


@dataclass(frozen=True)
class BesideNeed:
    """Facts beside the need that decide: whether a volunteer has begun to help, the appeal, and the own rating."""

    service_has_begun: bool = False
    is_appealed: bool = False
    rated_at: datetime | None = None
    rating_station_id: int | None = None


def beside(row: Mapping[str, Any], *, service_has_begun: bool) -> BesideNeed:
    """Return what the `COLUMNS` of a row say."""
    rated_at = row["rated_at"] and db.from_database(row["rated_at"])
    return BesideNeed(service_has_begun, bool(row["is_appealed"]), rated_at, row["rating_station_id"])


async def of_resident(need: Need, found: BesideNeed, *, reader: int, now: datetime) -> list[str]:
    """Return the actions that this person on the resident's side can take now, each by the last part of its path."""
    may = {
        "withdrawal": reader in access.own_residents(need)
        and need.status in WITHDRAWABLE
        and not found.service_has_begun
        and await pleas.kept_until(need, now) is None,
        "reminders": need.status in OPEN and await _may_remind(need, now),
        "messages": need.status in WRITABLE,
        "appeal": need.status == S.DECLINED
        and not found.is_appealed
        and await deadlines.is_within("appeal_days", need, need.ended_at, now),
        "reopening": need.status == S.RESOLVED
        and not need.reopenings
        and await deadlines.is_within("reopening_days", need, need.resolved_at, now),
        "rating": await _may_rate(need, found, now),
    }
    return [name for name, allowed in may.items() if allowed]


async def _may_remind(need: Need, now: datetime) -> bool:
    hours = await policies.number("reminder_interval_hours", station_id=need.station_id)
    return need.urged_at is None or now >= need.urged_at + timedelta(hours=hours)


async def _may_rate(need: Need, found: BesideNeed, now: datetime) -> bool:
    rated_at = found.rated_at
    if rated_at is None or (need.resolved_at is not None and rated_at < need.resolved_at):
        is_over = need.status in {S.RESOLVED, S.CLOSED}
        return is_over and await deadlines.is_within("rating_days", need, need.resolved_at, now)
    hours = await policies.number("rating_change_hours", station_id=found.rating_station_id)
    return now <= rated_at + timedelta(hours=hours)


@dataclass(frozen=True)
class StaffSight:
    """Facts beside the need that decide what staff can do.

    `heard`: no alert waits, or the caller has opened it. `kinds` are those of the timeline's entries, and `kept_from`
    the people who neither act on it nor read it.
    """

    readable: bool
    heard: bool
    kinds: frozenset[str]
    kept_from: frozenset[int]


def of_staff(need: Need, by: Staff, sight: StaffSight, *, now: datetime) -> list[str]:
    """Return the steps that the caller can take on a need now, each by the last part of its path.

    Those of a crisis, and opening as a stand-in, have their own fields. Who is kept from a need takes no step on it.
    """
    if by.person_id in sight.kept_from:
        return []
    works, heads = need.station_id in by.station_ids, need.station_id in by.head_of
    reads, confidential = works and sight.readable, need.category.confidential
    handles = reads and (heads or by.person_id == need.assignee_id)
    was_taken = not sight.kinds.isdisjoint(NEVER_DECLINED_AFTER)
    is_free = need.assignee_id is None and need.status == S.ACCEPTED and not confidential
    assigns = (heads and (reads or need.station_id not in by.stands_in_for)) or (works and is_free)
    may = {
        "acceptance": reads and need.status == S.SUBMITTED and sight.heard,
        "decline": reads and need.status in {S.SUBMITTED, S.ACCEPTED} and sight.heard and not was_taken,
        "assignment": assigns and need.status in {S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.REOPENED},
        "start": handles and need.status in {S.ASSIGNED, S.REOPENED},
        "note": reads,
        "contact": reads,
        "place": reads and need.status in OPEN,
        "referral": reads and need.status in REFERABLE,
        "referral-recall": reads and need.status == S.REFERRED,
        "resolution": handles and need.status == S.IN_PROGRESS,
        "extension": handles and _may_extend(need, sight, now),
        **_as_receiver(need, by),
    }
    return [name for name, allowed in may.items() if allowed]


def _may_extend(need: Need, sight: StaffSight, now: datetime) -> bool:
    in_hand = need.status in {S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS}
    return in_hand and now < need.completion_due_at and "extension_requested" not in sight.kinds


def _as_receiver(need: Need, by: Staff) -> dict[str, bool]:
    station_id = need.referred_to_id
    is_offered = need.status == S.REFERRED and station_id in by.station_ids
    answers = is_offered and (station_id in by.head_of or not need.category.confidential)
    return {"referral-acceptance": answers, "referral-return": answers and not need.decided_by_head}
