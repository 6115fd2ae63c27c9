"""Notices about activities reach everybody on a booking, once each."""

from datetime import timedelta

import pytest

from server.database import db
from server.domain.activities import notifications
from server.domain.activities.notifications import ACTIVITY_CALL, ACTIVITY_CANCELLED
from server.models import Activity, Attendee, Booking, BookingStatus, Channel, Notice, Person, Role
from tests import factories
from tests.conftest import NOW
from tests.factories.activities import activity, row

S = BookingStatus


async def notify(one: Activity) -> list[int]:
    """Return who was notified."""
    await db.transaction(notifications.notify_booked)(one, ACTIVITY_CANCELLED, now=NOW, when="今天", reason="下雨")
    return sorted(await Notice.filter(template="activity_cancelled").values_list("person_id", flat=True))


@pytest.fixture
async def dance(city):
    return await activity(city, seats=9)


async def test_people_with_a_seat_and_in_line_are_notified(city, dance):
    people = {status: await factories.person(status.value, NOW) for status in S}
    for status, person in people.items():
        await row(dance, person, status)

    reached = (S.BOOKED, S.ATTENDED, S.WAITING, S.OFFERED)
    assert await notify(dance) == sorted(people[one].id for one in reached)


async def test_party_is_notified_person_by_person(city, dance):
    daughter, child, gone = [await factories.person(name, NOW) for name in ("女儿", "外孙", "不来了")]
    booking = await row(dance, city.grandma, booked_by=daughter, size=4)
    await Attendee.create(activity=dance, booking=booking, name="无手机的邻居")
    for person, current in ((daughter, 1), (child, 1), (gone, None)):
        await Attendee.create(activity=dance, booking=booking, person=person, current=current)

    assert await notify(dance) == sorted(one.id for one in (city.grandma, daughter, child))


async def test_worker_at_the_counter_is_not_notified_of_bookings_made_for_others(city, dance):
    worker = city.staff["陈社工"].person_id
    await row(dance, city.grandma, booked_by=await Person.get(id=worker), channel=Channel.COUNTER)

    assert await notify(dance) == [city.grandma.id]


async def test_people_of_another_activity_are_not_notified(city, dance):
    await row(await activity(city, title="别的活动"), city.grandma)

    assert await notify(dance) == []


async def test_notice_opens_the_activity_and_says_why(city, dance):
    await row(dance, city.grandma)

    await notify(dance)

    notice = await Notice.get(person_id=city.grandma.id)
    assert (notice.subject_kind, notice.subject_id) == ("activity", dance.id)
    assert notice.body == f"“{dance.title}”（原定今天）已取消，原因：下雨。给您带来不便，敬请谅解。"


async def test_only_people_seated_before_a_moment_are_found(city, dance):
    early, late, promoted = [await factories.person(name, NOW) for name in ("早", "晚", "候补上的")]
    await row(dance, early, booked_at=NOW - timedelta(hours=2))
    await row(dance, late, booked_at=NOW)
    booking = await row(dance, promoted, booked_at=NOW - timedelta(hours=2))
    await Booking.filter(id=booking.id).update(seated_at=NOW)

    assert await notifications.people(dance, notifications.SEATED, NOW) == [early.id]


async def test_workers_of_the_station_are_notified_and_officers_where_nobody_works(city, dance):
    notify_station = db.transaction(notifications.notify_station)
    await notify_station(dance, ACTIVITY_CALL, now=NOW, count=2)
    reached = set(await Notice.all().values_list("person_id", flat=True))
    assert reached == {city.staff[name].person_id for name in ("陈社工", "林社工", "赵站长")}

    await Role.filter(station_id=dance.station_id).update(current=None)
    await notify_station(dance, ACTIVITY_CALL, now=NOW, count=2)

    officer = await Notice.get(person_id=city.staff["冯科长"].person_id)
    assert officer.body.startswith(f"邻玉社工站目前没有工作人员，请您代为办理。“{dance.title}”的安排有变，有2份报名")
