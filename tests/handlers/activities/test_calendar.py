"""A booking in the phone's calendar: what stands there, who gets it, and how it changes."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from server.database import db
from server.domain import audit
from server.domain.activities import changes
from server.domain.bookings import cancellation
from server.domain.staff import Staff
from server.models import Activity, ActivityStatus, Booking, BookingStatus, Person
from tests.conftest import NOW
from tests.factories import activities as make

S = BookingStatus


@pytest.fixture
async def wang(phone_of):
    return await phone_of("wangnainai")


@pytest.fixture
async def booking(town, wang):
    activity = await make.activity(town)
    return await make.row(activity, await Person.get(id=wang.person_id))


async def entry(phone, booking):
    answer = await phone.get(f"/bookings/{booking.id}/calendar")
    assert answer.status_code == 200, answer.text
    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    return event


async def test_it_is_a_file_that_the_phone_takes_into_its_calendar(wang, booking):
    answer = await wang.get(f"/bookings/{booking.id}/calendar")

    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == "attachment; filename=activity.ics"
    assert answer.headers["cache-control"] == "no-store"


async def test_it_says_what_where_and_when_and_whom_to_call(wang, booking):
    event = await entry(wang, booking)

    assert (event["SUMMARY"], event["LOCATION"], event["STATUS"]) == ("免费体检", "邻玉街道社工站一楼", "CONFIRMED")
    assert event["DTSTART"].dt == make.STARTS
    assert event["DTEND"].dt == make.STARTS + timedelta(hours=2)
    assert "邻玉社工站，电话：0830-2000000" in event["DESCRIPTION"]
    assert event["DTSTAMP"].dt == NOW


async def test_after_a_change_the_same_entry_comes_with_a_higher_number(town, wang, booking):
    before = await entry(wang, booking)
    worker: Staff = town.staff["陈社工"]
    await changes.change(booking.activity_id, {"place": "二楼"}, by=worker, now=NOW)

    after = await entry(wang, booking)

    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LOCATION"] == "二楼"


async def test_cancelled_it_is_taken_out_of_the_calendar(wang, booking):
    before = await entry(wang, booking)
    await cancellation.cancel(booking.id, by=wang.person_id, now=NOW)

    after = await entry(wang, booking)

    assert (after["STATUS"], after["UID"]) == ("CANCELLED", before["UID"])
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.walk("VALARM") == []


async def test_an_activity_that_is_cancelled_is_out_of_every_calendar(wang, booking):
    await Activity.filter(id=booking.activity_id).update(status=ActivityStatus.CANCELLED)

    assert (await entry(wang, booking))["STATUS"] == "CANCELLED"


@pytest.mark.parametrize(
    ("status", "said", "title"),
    [
        (S.WAITING, "TENTATIVE", "候补：免费体检"),
        (S.OFFERED, "TENTATIVE", "候补：免费体检"),
        (S.BOOKED, "CONFIRMED", "免费体检"),
        (S.ATTENDED, "CONFIRMED", "免费体检"),
        (S.NO_SHOW, "CONFIRMED", "免费体检"),
        (S.CANCELLED, "CANCELLED", "免费体检"),
        (S.REFUSED, "CANCELLED", "免费体检"),
        (S.LAPSED, "CANCELLED", "免费体检"),
        (S.NOT_REACHED, "CANCELLED", "免费体检"),
    ],
)
async def test_what_stands_there_is_what_they_have(wang, booking, status, said, title):
    await Booking.filter(id=booking.id).update(status=status)

    event = await entry(wang, booking)

    assert (event["STATUS"], event["SUMMARY"]) == (said, title)


@pytest.mark.parametrize(
    ("status", "waits", "may_cancel"),
    [
        (S.BOOKED, False, True),
        (S.WAITING, True, True),
        (S.OFFERED, True, True),
        (S.CANCELLED, False, False),
        (S.LAPSED, False, False),
    ],
)
async def test_who_waits_reads_that_they_have_no_seat_and_who_cancelled_not_how_to(
    wang, booking, status, waits, may_cancel
):
    await Booking.filter(id=booking.id).update(status=status)

    said = (await entry(wang, booking))["DESCRIPTION"]

    assert ("目前没有名额" in said, "取消报名" in said) == (waits, may_cancel)


async def test_who_waited_for_what_was_cancelled_waits_for_nothing(wang, booking):
    await Booking.filter(id=booking.id).update(status=S.WAITING)
    await Activity.filter(id=booking.activity_id).update(status=ActivityStatus.CANCELLED)

    assert (await entry(wang, booking))["DESCRIPTION"] == "邻玉社工站，电话：0830-2000000"


async def test_a_booking_only_goes_on_and_its_number_with_it(wang, booking):
    numbers = []
    for status in (S.WAITING, S.OFFERED, S.BOOKED, S.ATTENDED):
        await Booking.filter(id=booking.id).update(status=status)
        numbers.append((await entry(wang, booking))["SEQUENCE"])

    assert numbers == sorted(set(numbers))


async def test_whatever_staff_do_with_the_activity_makes_the_number_grow(wang, booking):
    before = await entry(wang, booking)

    @db.transaction
    async def note():
        await audit.note("activity.changed", f"activity:{booking.activity_id}", by=None, now=NOW)

    await note()

    assert (await entry(wang, booking))["SEQUENCE"] == before["SEQUENCE"] + 1


async def test_a_volunteer_reads_their_post(town, wang):
    activity = await make.activity(town)
    post = await make.post(activity)
    booking = await make.row(activity, await Person.get(id=wang.person_id), post=post)

    assert (await entry(wang, booking))["SUMMARY"] == "免费体检（志愿者：签到）"


async def test_a_station_without_a_phone_leaves_a_dash(town, wang, booking):
    await type(town.stations["邻玉社工站"]).filter(name="邻玉社工站").update(phone="")

    assert "电话：—" in (await entry(wang, booking))["DESCRIPTION"]


async def test_nobody_elses_booking_is_given_out(booking, phone_of, phone_of_staff, client):
    stranger, worker = await phone_of("luren"), await phone_of_staff("陈芳", "邻玉社工站")

    for phone in (stranger, worker):
        assert (await phone.get(f"/bookings/{booking.id}/calendar")).status_code == 404
    assert (await client.get(f"/api/v1/bookings/{booking.id}/calendar")).status_code == 401
    assert (await stranger.get("/bookings/7/calendar")).status_code == 404
