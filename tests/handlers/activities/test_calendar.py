"""A booking in the phone's calendar: content, access, changes."""

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


async def test_entry_is_a_calendar_file(wang, booking):
    answer = await wang.get(f"/bookings/{booking.id}/calendar")

    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == "attachment; filename=activity.ics"
    assert answer.headers["cache-control"] == "no-store"


async def test_entry_has_title_place_time_and_phone(wang, booking):
    event = await entry(wang, booking)

    assert (event["SUMMARY"], event["LOCATION"], event["STATUS"]) == ("免费体检", "邻玉街道社工站一楼", "CONFIRMED")
    assert event["DTSTART"].dt == make.STARTS
    assert event["DTEND"].dt == make.STARTS + timedelta(hours=2)
    assert "邻玉社工站，电话：0830-2000000" in event["DESCRIPTION"]
    assert event["DTSTAMP"].dt == NOW


async def test_changed_entry_has_a_higher_revision(town, wang, booking):
    before = await entry(wang, booking)
    worker: Staff = town.staff["陈社工"]
    await changes.change(booking.activity_id, {"place": "二楼"}, by=worker, now=NOW)

    after = await entry(wang, booking)

    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LOCATION"] == "二楼"


async def test_cancelled_booking_cancels_the_entry(wang, booking):
    before = await entry(wang, booking)
    await cancellation.cancel(booking.id, by=wang.person_id, now=NOW)

    after = await entry(wang, booking)

    assert (after["STATUS"], after["UID"]) == ("CANCELLED", before["UID"])
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.walk("VALARM") == []


async def test_cancelled_activity_cancels_every_entry(wang, booking):
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
async def test_entry_status_follows_the_booking(wang, booking, status, said, title):
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
async def test_waiting_entry_says_so_and_cancelled_entry_does_not_say_how_to_cancel(
    wang, booking, status, waits, may_cancel
):
    await Booking.filter(id=booking.id).update(status=status)

    said = (await entry(wang, booking))["DESCRIPTION"]

    assert ("目前没有名额" in said, "取消报名" in said) == (waits, may_cancel)


async def test_waiting_entry_of_a_cancelled_activity_says_nothing_of_waiting(wang, booking):
    await Booking.filter(id=booking.id).update(status=S.WAITING)
    await Activity.filter(id=booking.activity_id).update(status=ActivityStatus.CANCELLED)

    assert (await entry(wang, booking))["DESCRIPTION"] == "邻玉社工站，电话：0830-2000000"


async def test_revision_grows_with_the_booking(wang, booking):
    numbers = []
    for status in (S.WAITING, S.OFFERED, S.BOOKED, S.ATTENDED):
        await Booking.filter(id=booking.id).update(status=status)
        numbers.append((await entry(wang, booking))["SEQUENCE"])

    assert numbers == sorted(set(numbers))


async def test_revision_grows_with_every_change_of_the_activity(wang, booking):
    before = await entry(wang, booking)

    @db.transaction
    async def note():
        await audit.note("activity.changed", f"activity:{booking.activity_id}", by=None, now=NOW)

    await note()

    assert (await entry(wang, booking))["SEQUENCE"] == before["SEQUENCE"] + 1


async def test_volunteer_entry_has_the_post(town, wang):
    activity = await make.activity(town)
    post = await make.post(activity)
    booking = await make.row(activity, await Person.get(id=wang.person_id), post=post)

    assert (await entry(wang, booking))["SUMMARY"] == "免费体检（志愿者：签到）"


async def test_station_without_phone_shows_a_dash(town, wang, booking):
    await type(town.stations["邻玉社工站"]).filter(name="邻玉社工站").update(phone="")

    assert "电话：—" in (await entry(wang, booking))["DESCRIPTION"]


async def test_entry_of_another_persons_booking_is_not_found(booking, phone_of, phone_of_staff, client):
    stranger, worker = await phone_of("luren"), await phone_of_staff("陈芳", "邻玉社工站")

    for phone in (stranger, worker):
        assert (await phone.get(f"/bookings/{booking.id}/calendar")).status_code == 404
    assert (await client.get(f"/api/v1/bookings/{booking.id}/calendar")).status_code == 401
    assert (await stranger.get("/bookings/7/calendar")).status_code == 404
