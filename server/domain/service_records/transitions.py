"""The states of a service record and every move between them, as one table."""

from typing import Any

from server.database import db
from server.errors import Busy, InvalidRecordState
from server.models import RecordStatus, ServiceRecord

S = RecordStatus

MOVES: dict[RecordStatus, frozenset[RecordStatus]] = {
    # Approved at once: nobody was helped who could confirm it, or they stayed silent. Reviewed: back-entered time.
    S.CLAIMED: frozenset({S.CONFIRMED, S.REVIEWED, S.APPROVED, S.DECLINED}),
    S.CONFIRMED: frozenset({S.APPROVED, S.DECLINED}),
    S.REVIEWED: frozenset({S.APPROVED, S.DECLINED}),
    S.APPROVED: frozenset({S.REVERSED}),
    S.DECLINED: frozenset(),
    S.REVERSED: frozenset(),
}
# Somebody of the station is still to decide.
WAITING = frozenset({S.CLAIMED, S.CONFIRMED, S.REVIEWED})


def must_lead(record: ServiceRecord, to: RecordStatus) -> None:
    """Refuse with InvalidRecordState unless the table knows the move."""
    if to not in MOVES[record.status]:
        raise InvalidRecordState(status=record.status)


async def move(record: ServiceRecord, to: RecordStatus, **changes: Any) -> None:
    """Move a locked record along the table, with what changes besides; the time of an ended one is free again."""
    db.require_transaction()
    must_lead(record, to)
    changes |= {"status": to} | ({} if MOVES[to] else {"counts": None})
    # The lock makes this always hit; were a lock ever forgotten, the status would tell.
    if not await ServiceRecord.filter(id=record.id, status=record.status).update(**changes):
        raise Busy
    record.update_from_dict(changes)
