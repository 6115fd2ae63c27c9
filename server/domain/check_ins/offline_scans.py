"""Scans of a steward's phone that had no network, merged later: what can count counts, and each says how it ended.

Each comes with an id of the phone's own and is taken in once: sent again, it is answered as the first time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError

from server.database import db
from server.domain import audit
from server.domain.activities.staff_queries import subject_key
from server.domain.check_ins import access, four_eyes, roster
from server.domain.check_ins.hours import hours_of
from server.domain.check_ins.roster import Proof
from server.domain.check_ins.scan_matching import DONE, Meant, Outcome, Scanned, recognise
from server.domain.check_ins.scan_results import Door
from server.domain.check_ins.staff_check_in import tell_left
from server.domain.check_ins.stewards import must_be_steward
from server.errors import Busy
from server.models import Activity, Attendee, Scan


@dataclass(frozen=True)
class Taken:
    """A scan that was new, and how it ended."""

    meant: Meant
    outcome: Outcome


@dataclass(frozen=True)
class Result:
    """How a scan ended, by the phone's id of it."""

    client_id: str
    outcome: Outcome


@db.transaction
async def merge(activity_id: int, proof: Proof, scans: Sequence[Scanned], *, by: int, now: datetime) -> list[Result]:
    """Take in what a phone saw, in the order it saw it; the results in the order they were sent.

    Raises NotFound, NotAllowed, InvalidRoster; CheckInNotOpen and ActivityOver for volunteers who are stewards; Busy
    when another phone is sending the same.
    """
    seen = await access.published(activity_id)
    await must_be_steward(seen, await hours_of(seen), by, now)
    roster.must_be_ours(seen, proof)
    meant = await recognise(seen, scans)
    activity = await access.shared(activity_id)
    # The lock comes before what is known of: of two who merge the same, the second finds it known.
    wanted = {one.attendee_id for one in meant if one.attendee_id is not None}
    held = await access.rows(wanted | await four_eyes.own_post(activity, by))
    known = await _known(activity, scans)
    door = Door(activity, await hours_of(activity), await four_eyes.voucher(activity, held, by, now), now)
    taken = await _take(door, [one for one in meant if one.scan.client_id not in known], held)
    await _write(door, taken)
    known |= {one.meant.scan.client_id: one.outcome for one in taken}
    return [Result(scan.client_id, known[scan.client_id]) for scan in scans]


async def _take(door: Door, new: Sequence[Meant], held: Sequence[Attendee]) -> list[Taken]:
    """What is new, in the order it was seen."""
    rows = {one.id: one for one in held}
    in_order = sorted(new, key=lambda one: one.scan.scanned_at)
    return [Taken(one, await door.take(one, rows.get(one.attendee_id or 0))) for one in in_order]


async def _known(activity: Activity, scans: Sequence[Scanned]) -> dict[str, Outcome]:
    ids = [one.client_id for one in scans]
    found = await Scan.filter(activity_id=activity.id, client_id__in=ids or [""]).values_list("client_id", "outcome")
    return {client_id: Outcome(outcome) for client_id, outcome in found}


async def _write(door: Door, taken: Sequence[Taken]) -> None:
    if not taken:
        return
    await tell_left(door.left, now=door.now)
    conflicts = sum(one.outcome not in DONE for one in taken)
    facts = {"scans": len(taken), "conflicts": conflicts}
    await audit.note(
        "activity.scans_merged", subject_key(door.activity.id), by=door.by.person_id, now=door.now, **facts
    )
    try:
        await Scan.bulk_create(_row(door, one) for one in taken)
    except IntegrityError as error:
        # Somebody sends the same at this moment: once they are done, the answer is theirs.
        raise Busy from error


def _row(door: Door, one: Taken) -> Scan:
    scan = one.meant.scan
    return Scan(
        activity_id=door.activity.id,
        client_id=scan.client_id,
        attendee_id=one.meant.attendee_id,
        out=scan.out,
        scanned_at=scan.scanned_at,
        received_at=door.now,
        sent_by_id=door.by.person_id,
        outcome=one.outcome,
    )
