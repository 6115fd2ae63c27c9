"""Whom an activity's notices reach: everybody on a booking, once each."""

from datetime import timedelta

import pytest

from server.database import db
from server.domain.activities import notifications
from server.models import Activity, Attendee, Booking, BookingStatus, Channel, Notice, Person, Role
from tests import factories
from tests.conftest import NOW
from tests.factories.activities import activity, row

S = BookingStatus


async def tell(one: Activity, **how) -> list[int]:
    """Who was told."""
    await db.transaction(notifications.tell_booked)(one, "activity_test", "通知", "请查看。", now=NOW, **how)
    return sorted(await Notice.filter(template="activity_test").values_list("person_id", flat=True))


@pytest.fixture
async def dance(city):
    return await activity(city, seats=9)


async def test_who_has_a_seat_is_told_and_the_line_only_when_asked_for(city, dance):
    people = {status: await factories.person(status.value, NOW) for status in S}
    for status, person in people.items():
        await row(dance, person, status)

    assert await tell(dance) == sorted(people[one].id for one in (S.BOOKED, S.ATTENDED))
    await Notice.all().delete()
    reached = (S.BOOKED, S.ATTENDED, S.WAITING, S.OFFERED)
    assert await tell(dance, waiting=True) == sorted(people[one].id for one in reached)


async def test_a_party_is_told_person_by_person_and_nobody_twice(city, dance):
    daughter, child, gone = [await factories.person(name, NOW) for name in ("女儿", "外孙", "不来了")]
    booking = await row(dance, city.grandma, booked_by=daughter, size=4)
    await Attendee.create(activity=dance, booking=booking, name="无手机的邻居")
    for person, current in ((daughter, 1), (child, 1), (gone, None)):
        await Attendee.create(activity=dance, booking=booking, person=person, current=current)

    assert await tell(dance) == sorted(one.id for one in (city.grandma, daughter, child))


async def test_the_worker_at_the_counter_is_not_told_of_bookings_made_for_others(city, dance):
    worker = city.staff["陈社工"].person_id
    await row(dance, city.grandma, booked_by=await Person.get(id=worker), channel=Channel.COUNTER)

    assert await tell(dance) == [city.grandma.id]


async def test_people_of_another_activity_hear_nothing(city, dance):
    await row(await activity(city, title="别的活动"), city.grandma)

    assert await tell(dance) == []


async def test_a_notice_leads_to_the_activity(city, dance):
    await row(dance, city.grandma)

    await tell(dance)

    notice = await Notice.get(person_id=city.grandma.id)
    assert (notice.subject_kind, notice.subject_id, notice.title) == ("activity", dance.id, "通知")


async def test_only_who_was_seated_before_a_moment_is_found_when_one_is_given(city, dance):
    early, late, promoted = [await factories.person(name, NOW) for name in ("早", "晚", "候补上的")]
    await row(dance, early, booked_at=NOW - timedelta(hours=2))
    await row(dance, late, booked_at=NOW)
    booking = await row(dance, promoted, booked_at=NOW - timedelta(hours=2))
    await Booking.filter(id=booking.id).update(seated_at=NOW)

    assert await notifications.people(dance, notifications.SEATED, NOW) == [early.id]


async def test_the_stations_workers_are_told_and_without_any_the_officers(city, dance):
    tell_station = db.transaction(notifications.tell_station)
    await tell_station(dance, "activity_test", "通知", "请办理。", now=NOW)
    told = set(await Notice.all().values_list("person_id", flat=True))
    assert told == {city.staff[name].person_id for name in ("陈社工", "林社工", "赵站长")}

    await Role.filter(station_id=dance.station_id).update(current=None)
    await tell_station(dance, "activity_test", "通知", "请办理。", now=NOW)

    officer = await Notice.get(person_id=city.staff["冯科长"].person_id)
    assert officer.body == "邻玉社工站还没有工作人员。请办理。"
