"""Name the actions a resident can take on a need now: the same conditions as those of each verb, with time limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import policies
from server.domain.needs import access, deadlines, pleas
from server.domain.needs.transitions import OPEN, WITHDRAWABLE, WRITABLE, S
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
