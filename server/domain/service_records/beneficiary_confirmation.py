"""The beneficiary's side of a service record."""

from datetime import datetime

from server.database import db
from server.domain.service_records import access
from server.domain.service_records.transitions import S, move
from server.errors import OwnServiceRecord
from server.models import ServiceRecord, Task


@db.transaction
async def confirm_for_task(task: Task, *, by: int, now: datetime) -> ServiceRecord:
    """The record of a locked task, confirmed, once, by whom it helped or by staff who asked them.

    Raises InvalidRecordState the second time, OwnServiceRecord for the volunteer.
    """
    record = await access.of_task(task.id)
    if by == record.volunteer_id:
        raise OwnServiceRecord
    await move(record, S.CONFIRMED, confirmed_by_id=by, confirmed_at=now)
    return record
