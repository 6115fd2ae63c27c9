"""The states of a service record and the transitions between them, as one table."""

from typing import Any

from server.database import db
from server.errors import Busy, InvalidRecordState
from server.models import RecordStatus, ServiceRecord

S = RecordStatus

TRANSITIONS: dict[RecordStatus, frozenset[RecordStatus]] = {
    # Approved at once: no beneficiary, or a silent one. Reviewed: back-entered time only.
    S.CLAIMED: frozenset({S.CONFIRMED, S.REVIEWED, S.APPROVED, S.DECLINED}),
    S.CONFIRMED: frozenset({S.APPROVED, S.DECLINED}),
    S.REVIEWED: frozenset({S.APPROVED, S.DECLINED}),
    S.APPROVED: frozenset({S.REVERSED}),
    S.DECLINED: frozenset(),
    S.REVERSED: frozenset(),
}
# The station has not decided yet.
UNDECIDED = frozenset({S.CLAIMED, S.CONFIRMED, S.REVIEWED})


def may_move(record: ServiceRecord, to: RecordStatus) -> bool:
    """Return whether the transition is in the table."""
    return to in TRANSITIONS[record.status]


def require_transition(record: ServiceRecord, to: RecordStatus) -> None:
    """Refuse with `InvalidRecordState` a transition that is not in the table."""
    if not may_move(record, to):
        raise InvalidRecordState(status=record.status)


async def move(record: ServiceRecord, to: RecordStatus, **changes: Any) -> None:
    """Move a locked record to another state with further changes; a declined or reversed record frees its time."""
    db.require_transaction()
    require_transition(record, to)
    changes |= {"status": to} | ({} if TRANSITIONS[to] else {"counts": None})
    # The lock makes this update always hit; without the lock the status would not match.
    if not await ServiceRecord.filter(id=record.id, status=record.status).update(**changes):
        raise Busy
    record.update_from_dict(changes)
