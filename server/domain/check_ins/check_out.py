"""签退: a volunteer goes; the time since their check-in becomes a verified service record, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.database import db
from server.domain.check_ins.eligibility import SEATED, is_volunteer, why_not
from server.domain.service_records import create
from server.errors import CheckOutTooEarly, NotCheckedIn, PostRequired
from server.models import Activity, Attendee, ServiceRecord

SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True)
class Left:
    """A volunteer who checked out, and the record their time became; `just_now`, or before."""

    attendee: Attendee
    record: ServiceRecord
    just_now: bool


async def leave(attendee: Attendee, activity: Activity, *, at: datetime, by: int, now: datetime) -> Left:
    """Check out a locked row; who was already keeps the first time and its record.

    Raises PostRequired, NotCheckedIn, CheckOutTooEarly, CheckInCancelled.
    """
    db.must_be_in_transaction()
    if not is_volunteer(attendee):
        raise PostRequired(attendee=attendee.id)
    if attendee.checked_out_at is not None:
        return Left(attendee, await ServiceRecord.get(id=attendee.service_record_id), just_now=False)
    _must_have_stayed(attendee, at)
    await _write(attendee, checked_out_at=at, checked_out_by_id=by)
    record = await create.from_activity(attendee, activity, now=now)
    await _write(attendee, service_record_id=record.id)
    return Left(attendee, record, just_now=True)


def _must_have_stayed(attendee: Attendee, at: datetime) -> None:
    if attendee.checked_in_at is None:
        raise NotCheckedIn(attendee=attendee.id)
    if attendee.booking.status not in SEATED:
        raise why_not(attendee)
    if at < attendee.checked_in_at + SHORTEST:
        raise CheckOutTooEarly(attendee=attendee.id, possible_from=attendee.checked_in_at + SHORTEST)


async def _write(attendee: Attendee, **told: datetime | int) -> None:
    await Attendee.filter(id=attendee.id).update(**told)
    attendee.update_from_dict(told)
