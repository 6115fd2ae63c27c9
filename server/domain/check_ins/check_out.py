"""Check-out 签退 of volunteers: the time since check-in becomes a verified service record, once."""

from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.domain.activities.attendance import SHORTEST_STAY
from server.domain.check_ins.eligibility import SEATED, is_volunteer, refusal_for
from server.domain.service_records import create
from server.errors import CheckOutTooEarly, NotCheckedIn, PostRequired
from server.models import Activity, Attendee, ServiceRecord


@dataclass(frozen=True)
class CheckOut:
    """A volunteer who is checked out, and the service record; `is_new` is False if it was done before."""

    attendee: Attendee
    record: ServiceRecord
    is_new: bool


async def record_check_out(attendee: Attendee, activity: Activity, *, at: datetime, by: int, now: datetime) -> CheckOut:
    """Check out a locked attendee; a repeated check-out keeps the first time and its record.

    Raises PostRequired, NotCheckedIn, CheckOutTooEarly, CheckInCancelled.
    """
    db.require_transaction()
    if not is_volunteer(attendee):
        raise PostRequired(attendee=attendee.id)
    if attendee.checked_out_at is not None:
        return CheckOut(attendee, await ServiceRecord.get(id=attendee.service_record_id), is_new=False)
    _require_stay(attendee, at)
    await _write(attendee, checked_out_at=at, checked_out_by_id=by)
    record = await create.create_from_activity(attendee, activity, now=now)
    await _write(attendee, service_record_id=record.id)
    return CheckOut(attendee, record, is_new=True)


def _require_stay(attendee: Attendee, at: datetime) -> None:
    if attendee.checked_in_at is None:
        raise NotCheckedIn(attendee=attendee.id)
    if attendee.booking.status not in SEATED:
        raise refusal_for(attendee)
    if at < attendee.checked_in_at + SHORTEST_STAY:
        raise CheckOutTooEarly(attendee=attendee.id, possible_from=attendee.checked_in_at + SHORTEST_STAY)


async def _write(attendee: Attendee, **columns: datetime | int) -> None:
    await Attendee.filter(id=attendee.id).update(**columns)
    attendee.update_from_dict(columns)
