"""The attendance list with full names: for staff of the station, with a reason, recorded for each person."""

import pytest

from server.domain.bookings import cancellation
from server.domain.check_ins import attendance_list
from server.domain.check_ins.eligibility import name_of
from server.errors import NotAllowed, NotFound
from server.models import AuditEntry, BookingStatus, Reading
from tests import factories
from tests.conftest import NOW
from tests.factories import check_ins
from tests.factories.check_ins import STARTS, add_volunteer, health_check, seat


@pytest.fixture
async def activity(city):
    return await health_check(city)


async def taken_out(city, activity, by="陈社工"):
    return await attendance_list.export(activity.id, reason="归档", by=city.staff[by], now=STARTS)


async def names(city, activity):
    return [name_of(one) for one in (await taken_out(city, activity)).people]


async def test_list_has_volunteers_first_then_seats_in_booking_order(city, activity):
    row = await seat(activity)
    await check_ins.add_grandchild(row)
    await seat(activity, city.grandma)
    await add_volunteer(city, activity)

    assert (await names(city, activity))[0] == "李志强"
    assert set((await names(city, activity))[1:3]) == {"王大爷", "王小明"}
    assert (await names(city, activity))[3] == "王秀英"


async def test_list_has_no_shows_but_no_waiting_or_cancelled_people(city, activity):
    for name, status in (("甲", BookingStatus.WAITING), ("乙", BookingStatus.CANCELLED), ("丙", BookingStatus.BOOKED)):
        await seat(activity, await factories.person(name, NOW), status=status)
    await check_ins.finish(city, activity)

    assert await names(city, activity) == ["丙"]


async def test_person_who_left_a_no_show_party_is_not_listed(city, activity):
    row = await seat(activity, size=2)
    child = await check_ins.add_grandchild(row)
    await cancellation.cancel(row.booking_id, attendee_ids=[child.id], by=row.person_id, now=NOW)
    await check_ins.finish(city, activity)

    assert await names(city, activity) == ["王大爷"]


async def test_each_listed_person_gets_a_reading_with_the_reason(city, activity):
    row = await seat(activity)
    await check_ins.add_grandchild(row)

    await taken_out(city, activity)

    reading = await Reading.get()
    assert (reading.person_id, reading.reader_id) == (row.person_id, city.staff["陈社工"].person_id)
    assert (reading.subject, reading.what, reading.reason) == (f"activity:{activity.id}", "attendance", "归档")
    assert (await AuditEntry.get(action="activity.attendance_taken_out")).facts == {"people": 2}


async def test_officers_and_other_stations_cannot_export(city, activity):
    await seat(activity)

    for name, refusal in (("冯科长", NotAllowed), ("褚科长", NotFound), ("周社工", NotFound)):
        with pytest.raises(refusal):
            await taken_out(city, activity, by=name)
    assert not await Reading.all().exists()
