"""The attendance list with whole names: for staff of the station, with a reason, on record for everybody on it."""

import pytest

from server.domain.bookings import cancellation
from server.domain.check_ins import attendance_list
from server.domain.check_ins.eligibility import name_of
from server.errors import NotAllowed, NotFound
from server.models import AuditEntry, BookingStatus, Reading
from tests import factories
from tests.conftest import NOW
from tests.domain.check_ins import door
from tests.domain.check_ins.door import STARTS, at_post, health_check, seat


@pytest.fixture
async def activity(city):
    return await health_check(city)


async def taken_out(city, activity, by="陈社工"):
    return await attendance_list.export(activity.id, reason="归档", by=city.staff[by], now=STARTS)


async def names(city, activity):
    return [name_of(one) for one in (await taken_out(city, activity)).people]


async def test_volunteers_first_then_everybody_with_a_seat_in_the_order_they_booked(city, activity):
    row = await seat(activity)
    await door.with_grandchild(row)
    await seat(activity, city.grandma)
    await at_post(city, activity)

    assert (await names(city, activity))[0] == "李志强"
    assert set((await names(city, activity))[1:3]) == {"王大爷", "王小明"}
    assert (await names(city, activity))[3] == "王秀英"


async def test_who_waits_or_cancelled_is_not_on_it_and_who_stayed_away_is(city, activity):
    for name, status in (("甲", BookingStatus.WAITING), ("乙", BookingStatus.CANCELLED), ("丙", BookingStatus.BOOKED)):
        await seat(activity, await factories.person(name, NOW), status=status)
    await door.finish(city, activity)

    assert await names(city, activity) == ["丙"]


async def test_who_left_a_party_that_then_stayed_away_is_not_on_it(city, activity):
    row = await seat(activity, size=2)
    child = await door.with_grandchild(row)
    await cancellation.cancel(row.booking_id, attendee_ids=[child.id], by=row.person_id, now=NOW)
    await door.finish(city, activity)

    assert await names(city, activity) == ["王大爷"]


async def test_each_whose_name_is_read_has_that_on_record_with_the_reason(city, activity):
    row = await seat(activity)
    await door.with_grandchild(row)

    await taken_out(city, activity)

    reading = await Reading.get()
    assert (reading.person_id, reading.reader_id) == (row.person_id, city.staff["陈社工"].person_id)
    assert (reading.subject, reading.what, reading.reason) == (f"activity:{activity.id}", "attendance", "归档")
    assert (await AuditEntry.get(action="activity.attendance_taken_out")).facts == {"people": 2}


async def test_officers_and_others_do_not_read_names(city, activity):
    await seat(activity)

    for name, refusal in (("冯科长", NotAllowed), ("褚科长", NotFound), ("周社工", NotFound)):
        with pytest.raises(refusal):
            await taken_out(city, activity, by=name)
    assert not await Reading.all().exists()
