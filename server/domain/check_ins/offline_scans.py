"""Offline scans: a steward's phone sends them later, and each gets its own outcome.

Each scan has an id from the phone and is stored once; a repeated scan gets the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError

from server.database import db
from server.domain import audit
from server.domain.activities.access import subject_key
from server.domain.check_ins import access, four_eyes, roster
from server.domain.check_ins.hours import get_hours
from server.domain.check_ins.notifications import notify_checked_out
from server.domain.check_ins.roster import RosterProof
from server.domain.check_ins.scan_matching import DONE, MatchedScan, Outcome, ScanInput, match
from server.domain.check_ins.scan_results import ScanProcessor
from server.domain.check_ins.stewards import require_steward
from server.errors import Busy
from server.models import Activity, Attendee, Scan


@dataclass(frozen=True)
class ProcessedScan:
    """A new scan and its outcome."""

    matched: MatchedScan
    outcome: Outcome


@dataclass(frozen=True)
class MergedScan:
    """The outcome of a scan, by the phone's id of it."""

    client_id: str
    outcome: Outcome


@db.transaction
async def merge(
    activity_id: int, proof: RosterProof, scans: Sequence[ScanInput], *, by: int, now: datetime
) -> list[MergedScan]:
    """Process a phone's scans in the order of their times; return outcomes in the order in which they were sent.

    Raises NotFound, NotAllowed, InvalidRoster; CheckInNotOpen and ActivityOver for volunteers who are stewards; Busy if
    another request sends the same scans now.
    """
    unlocked = await access.get_published(activity_id)
    await require_steward(unlocked, await get_hours(unlocked), by, now)
    roster.require_valid(unlocked, proof)
    matched = await match(unlocked, scans)
    activity = await access.lock_shared(activity_id)
    # Lock before reading the stored scans: of two requests with the same scans the second finds them stored.
    wanted = {one.attendee_id for one in matched if one.attendee_id is not None}
    locked = await access.lock_attendees(wanted | await four_eyes.own_post_ids(activity, by))
    known = await _stored_outcomes(activity, scans)
    processor = ScanProcessor(
        activity, await get_hours(activity), await four_eyes.load_steward(activity, locked, by, now), now
    )
    processed = await _process(processor, [one for one in matched if one.scan.client_id not in known], locked)
    await _write(processor, processed)
    known |= {one.matched.scan.client_id: one.outcome for one in processed}
    return [MergedScan(scan.client_id, known[scan.client_id]) for scan in scans]


async def _process(
    processor: ScanProcessor, new: Sequence[MatchedScan], locked: Sequence[Attendee]
) -> list[ProcessedScan]:
    """Process the new scans in the order of their times."""
    rows = {one.id: one for one in locked}
    in_order = sorted(new, key=lambda one: one.scan.scanned_at)
    return [ProcessedScan(one, await processor.process(one, rows.get(one.attendee_id or 0))) for one in in_order]


async def _stored_outcomes(activity: Activity, scans: Sequence[ScanInput]) -> dict[str, Outcome]:
    ids = [one.client_id for one in scans]
    found = await Scan.filter(activity_id=activity.id, client_id__in=ids or [""]).values_list("client_id", "outcome")
    return {client_id: Outcome(outcome) for client_id, outcome in found}


async def _write(processor: ScanProcessor, processed: Sequence[ProcessedScan]) -> None:
    if not processed:
        return
    await notify_checked_out(processor.checked_out, now=processor.now)
    conflicts = sum(one.outcome not in DONE for one in processed)
    facts = {"scans": len(processed), "conflicts": conflicts}
    await audit.note(
        "activity.scans_merged",
        subject_key(processor.activity.id),
        by=processor.by.person_id,
        now=processor.now,
        **facts,
    )
    try:
        await Scan.bulk_create(_row(processor, one) for one in processed)
    except IntegrityError as error:
        # Another request sends the same scans now; a repeated request will get its answer.
        raise Busy from error


def _row(processor: ScanProcessor, one: ProcessedScan) -> Scan:
    scan = one.matched.scan
    return Scan(
        activity_id=processor.activity.id,
        client_id=scan.client_id,
        attendee_id=one.matched.attendee_id,
        out=scan.out,
        scanned_at=scan.scanned_at,
        received_at=processor.now,
        sent_by_id=processor.by.person_id,
        outcome=one.outcome,
    )
