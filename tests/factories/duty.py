"""Duty shifts for tests, made by the verbs' rows: offered, or accepted with a phone."""

from datetime import datetime, timedelta
from typing import Any

from server.domain.duty import cover
from server.domain.staff import Staff
from server.models import Area, DutyShift, DutyShiftStatus, Station

PHONE = "13700000001"


async def shift(
    place: Station | Area, person: Staff, starts_at: datetime, *, hours: float = 12, **more: Any
) -> DutyShift:
    """Create a shift of the person, which they accepted with `PHONE` unless `more` says otherwise."""
    is_station = isinstance(place, Station)
    where = {"station_id": place.id} if is_station else {"county_id": place.id}
    columns = {
        "status": DutyShiftStatus.ACCEPTED,
        "phone": PHONE,
        "offered_by_id": person.person_id,
        "offered_at": starts_at,
        **more,
    }
    ends_at = starts_at + timedelta(hours=hours)
    return await DutyShift.create(
        scope=cover.scope_of(**where),
        **where,
        person_id=person.person_id,
        starts_at=starts_at,
        ends_at=ends_at,
        **columns,
    )
