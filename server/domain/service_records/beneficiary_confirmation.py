"""The beneficiary's side of a service record."""

from datetime import datetime

from server import db
from server.domain.service_records import locked
from server.domain.service_records.moves import S, move
from server.errors import OwnServiceRecord
from server.models import ServiceRecord, Task


@db.transaction
async def confirm_for_task(task: Task, *, by: int, now: datetime) -> ServiceRecord:
    """The record of a locked task, confirmed, once, by whom it helped or by staff who asked them.

    Raises InvalidRecordState the second time, OwnServiceRecord for the volunteer.
    """
    record = await locked.of_task(task.id)
    if by == record.volunteer_id:
        raise OwnServiceRecord
    await move(record, S.CONFIRMED, confirmed_by_id=by, confirmed_at=now)
    return record
