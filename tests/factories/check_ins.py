"""An activity with seats, posts, codes, lists and scans, for tests."""

from datetime import timedelta
from typing import Any

import pytest

from server.database import db
from server.domain.activities import cancel_and_finish
from server.domain.bookings import tickets
from server.domain.check_ins import codes, offline_scans, roster, self_check_in, staff_check_in
from server.domain.check_ins.scan_matching import ScanInput
from server.domain.check_ins.staff_check_in import Selection
from server.models import Activity, Attendee, Booking, BookingStatus, Person, Post, ServiceRecord
from tests import factories
from tests.conftest import NOW
from tests.factories import City, activities, volunteers

STARTS = activities.STARTS
ENDS = STARTS + timedelta(hours=2)
HERE = "邻玉社工站"


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


async def health_check(city: City, **more: Any) -> Activity:
    """Create an activity in three days from ten to twelve, with twenty seats."""
    return await activities.activity(city, **{"seats": 20, **more})


async def seat(activity: Activity, person: Person | None = None, **more: Any) -> Attendee:
    """Create a seat, of 王大爷 by default."""
    person = person or await factories.person("王大爷", NOW)
    booking = await activities.row(activity, person, more.pop("status", BookingStatus.BOOKED), **more)
    return await Attendee.get(booking_id=booking.id)


async def add_grandchild(first: Attendee) -> Attendee:
    """Add a child without an account to the party."""
    told = {"activity_id": first.activity_id, "booking_id": first.booking_id, "current": 1}
    return await Attendee.create(name="王小明", birth_year=2018, **told)


async def add_volunteer(city: City, activity: Activity, name: str = "李志强", title: str = "签到") -> Attendee:
    """Create a volunteer of the station with a post."""
    person = await (await volunteers.volunteer(name, city.stations[HERE], NOW)).person
    one = await Post.get_or_none(activity=activity, title=title) or await activities.post(activity, 9, title)
    await Post.filter(id=one.id).update(taken=one.taken + 1)
    return await seat(activity, person, post=one)


def code(activity: Activity, at: Any = STARTS) -> str:
    return codes.current_code(activity, at).text


async def scan_in(activity: Activity, by: int | None, *, at: Any = STARTS, **more: Any) -> list[Attendee]:
    """Check in on an own phone with the code of that moment."""
    assert by is not None
    return await self_check_in.check_in(activity.id, more.pop("code", code(activity, at)), by=by, now=at, **more)


async def scan_out(activity: Activity, by: int | None, *, at: Any = ENDS, **more: Any) -> Any:
    assert by is not None
    return await self_check_in.check_out(activity.id, more.pop("code", code(activity, at)), by=by, now=at)


async def list_in(city: City, activity: Activity, *rows: Attendee, by: str = "林社工", at: Any = STARTS) -> Any:
    whom = Selection([one.id for one in rows])
    return await staff_check_in.check_in(activity.id, whom, by=city.staff[by].person_id, now=at)


async def list_out(city: City, activity: Activity, *rows: Attendee, by: str = "林社工", at: Any = ENDS) -> Any:
    whom = Selection([one.id for one in rows])
    return await staff_check_in.check_out(activity.id, whom, by=city.staff[by].person_id, now=at)


def ticket(activity: Activity, row: Attendee) -> str:
    return tickets.code(activity, row.id)


def scanned(client_id: str, row: Attendee | int | None = None, *, at: Any = STARTS, **more: Any) -> ScanInput:
    attendee_id = row.id if isinstance(row, Attendee) else row
    return ScanInput(client_id, at, attendee_id=attendee_id, **more)


async def merge(city: City, activity: Activity, *seen: ScanInput, by: str = "林社工", at: Any = ENDS) -> dict[str, str]:
    """Return the outcomes of a worker's scans, by the phone's ids."""
    person_id = city.staff[by].person_id
    _, proof = await roster.issue(activity.id, by=person_id, now=STARTS - minutes(120))
    found = await offline_scans.merge(activity.id, proof, seen, by=person_id, now=at)
    return {one.client_id: one.outcome.value for one in found}


async def finish(city: City, activity: Activity, at: Any = ENDS) -> Activity:
    return await cancel_and_finish.finish(activity.id, by=city.staff["赵站长"], now=at)


async def fresh(row: Attendee) -> Attendee:
    """Return the row as it is now, with booking and record."""
    return await Attendee.get(id=row.id).select_related("booking", "service_record")


async def record_of(row: Attendee) -> ServiceRecord:
    return await ServiceRecord.get(attendee=row.id)


async def set_status(row: Attendee, status: BookingStatus) -> None:
    """Set the booking's status without the other changes of that move."""
    await Booking.filter(id=row.booking_id).update(status=status)
    if status not in {"booked", "waiting", "offered", "attended"}:
        await Attendee.filter(booking_id=row.booking_id).update(current=None)


def record_locks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect the activities that are share-locked from now on."""
    held, share = [], db.lock_shared

    async def noted(table: str, ids: Any) -> None:
        held.extend(ids)
        await share(table, ids)

    monkeypatch.setattr(db, "lock_shared", noted)
    return held


@db.transaction
async def lock_and_release(activity: Activity) -> None:
    """Lock and release the activity's row, as a change of seats does."""
    await Activity.filter(id=activity.id).select_for_update().get()
