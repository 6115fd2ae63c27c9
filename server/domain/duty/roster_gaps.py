"""Gaps of the roster: times without a shift. Heads and officers get a notice of each, once, before it begins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.database import db
from server.domain import notifications, policies, reference, staff, stations
from server.domain.duty import cover
from server.domain.duty.cover import CoveringShift
from server.domain.duty.notifications import DUTY_GAP, moment_in_words
from server.models import COVERING, DutyGap, DutyShift, Station, StationStatus

JOB_KIND = "watch_duty"
# A notice has room for so many stations.
MOST_NAMED = 5


@dataclass(frozen=True)
class Gap:
    """A time without a shift, from its begin to the next shift or to the end of what was asked for."""

    starts_at: datetime
    ends_at: datetime


def find_gaps(shifts: Iterable[CoveringShift], since: datetime, until: datetime) -> list[Gap]:
    """Return the times between `since` and `until` that no shift covers, in order."""
    gaps, covered_until = list[Gap](), since
    for shift in sorted(shifts, key=lambda one: one.starts_at):
        if shift.starts_at > covered_until:
            gaps.append(Gap(covered_until, min(shift.starts_at, until)))
        covered_until = max(covered_until, shift.ends_at)
        if covered_until >= until:
            break
    if covered_until < until:
        gaps.append(Gap(covered_until, until))
    return [gap for gap in gaps if gap.starts_at < gap.ends_at]


@db.transaction
async def watch(*, now: datetime) -> int:
    """Notify heads and officers of gaps that begin soon. Return how many stations have a new one.

    A gap that was closed and opens again is a new one.
    """
    # One after the other: two runners must not find the same gap.
    await stations.lock_row((await stations.city_desk()).id)
    shifts, snapshot = await _shifts_by_scope(now), await reference.snapshot()
    known = await _known()
    found = dict[Station, Gap]()
    for station in snapshot.stations.values():
        if station.status == StationStatus.OPEN:
            theirs = [one for scope in cover.scopes_covering(station) for one in shifts.get(scope, ())]
            hours = await policies.number("duty_gap_notice_hours", station_id=station.id)
            gaps = find_gaps(theirs, now, now + timedelta(hours=hours))
            if new := await _remember(station, gaps, known.get(station.id, []), now):
                found[station] = new
    await _notify(found, now=now)
    return len(found)


async def _shifts_by_scope(now: datetime) -> Mapping[str, Sequence[CoveringShift]]:
    most = policies.POLICIES["duty_gap_notice_hours"].most
    rows = DutyShift.filter(ends_at__gt=now, starts_at__lt=now + timedelta(hours=most), status__in=COVERING)
    found: dict[str, list[CoveringShift]] = {}
    for scope, person_id, starts_at, ends_at in await rows.values_list("scope", "person_id", "starts_at", "ends_at"):
        found.setdefault(scope, []).append(CoveringShift(scope, person_id, "", starts_at, ends_at))
    return found


async def _known() -> Mapping[int, Sequence[DutyGap]]:
    found: dict[int, list[DutyGap]] = {}
    for row in await DutyGap.all():
        found.setdefault(row.station_id, []).append(row)
    return found


async def _remember(station: Station, gaps: Sequence[Gap], known: Sequence[DutyGap], now: datetime) -> Gap | None:
    """Remember the station's gaps and forget those that were closed. Return the first new one."""
    # A gap that began before now is the one that was known before now.
    same = {max(now, row.starts_at): row for row in sorted(known, key=lambda row: row.starts_at)}
    new = [gap for gap in gaps if gap.starts_at not in same]
    starts = {gap.starts_at for gap in gaps}
    if closed := [row.id for row in known if (max(now, row.starts_at)) not in starts]:
        await DutyGap.filter(id__in=closed).delete()
    for gap in new:
        await db.insert_or_nothing("duty_gap", station_id=station.id, starts_at=gap.starts_at)
    return new[0] if new else None


async def _notify(found: Mapping[Station, Gap], *, now: datetime) -> None:
    """Notify each head and officer once of all new gaps of theirs."""
    theirs: dict[int, list[str]] = {}
    for station, gap in found.items():
        people = await staff.of_station(station.id)
        words = f"{station.name}{moment_in_words(gap.starts_at)}起"
        for person in {*people.heads, *people.officers}:
            theirs.setdefault(person, []).append(words)
    hours = await policies.number("duty_gap_notice_hours")
    for person, gaps in theirs.items():
        more = f"等{len(gaps)}个站点" if len(gaps) > MOST_NAMED else ""
        words = "、".join(gaps[:MOST_NAMED]) + more
        await notifications.notify([person], DUTY_GAP, now=now, hours=hours, gaps=words)
