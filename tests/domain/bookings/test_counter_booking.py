"""Booking at the counter: for people the station has served, for new people, not for relatives."""

from datetime import timedelta

import pytest

from server.domain.bookings import cancellation, counter_booking
from server.domain.bookings.counter_booking import Newcomer
from server.domain.bookings.party import PartyRequest
from server.errors import (
    AgeNotAllowed,
    AlreadyBooked,
    BookingClosed,
    CommunityRequired,
    NotAllowed,
    NotFound,
    OwnBooking,
)
from server.models import AuditEntry, Booking, BookingStatus, Channel, HouseholdMember, Notice, Person
from tests.conftest import NOW
from tests.factories.activities import STARTS, activity
from tests.factories.bookings import CHILD, book_party, check_counts, family, resident

S = BookingStatus


@pytest.fixture
async def one(city):
    return await activity(city)


async def enter(city, one, person, *others, by="陈社工", now=NOW, channel=Channel.COUNTER):
    wanted = PartyRequest(others or (None,))
    return await counter_booking.book(one.id, wanted, person=person, channel=channel, by=city.staff[by], now=now)


def liu(city, home="团结村", **more):
    usual = {"phone": "0830-2345678", "area_id": city.areas[home].id, "birth_year": 1948}
    return Newcomer("刘大爷", **(usual | more))


async def test_new_person_is_created_and_booked(city, one):
    made = await enter(city, one, liu(city), None, CHILD)

    person, chen = await Person.get(id=made.person_id), city.staff["陈社工"].person_id
    assert (person.name, person.phone, person.birth_year, person.openid) == ("刘大爷", "0830-2345678", 1948, None)
    assert (person.home_id, person.created_by_id) == (city.areas["团结村"].id, chen)
    assert (made.status, made.size, made.booked_by_id, made.channel) == (S.BOOKED, 2, chen, Channel.COUNTER)
    assert await AuditEntry.filter(action="booking.entered", subject=f"booking:{made.id}").count() == 1
    assert await Notice.filter(template="booked_for_you").values_list("person_id", flat=True) == [person.id]
    await check_counts(one)


async def test_two_new_people_of_one_name_and_year_both_get_a_seat(city, one):
    first = await enter(city, one, liu(city))
    second = await enter(city, one, liu(city, phone="0830-7654321"))

    assert first.person_id != second.person_id
    assert [first.status, second.status] == [S.BOOKED, S.BOOKED]


async def test_new_person_with_name_and_phone_of_a_booked_one_is_refused(city, one):
    first = await enter(city, one, liu(city))

    with pytest.raises(AlreadyBooked) as refusal:
        await enter(city, one, liu(city), CHILD, None, by="林社工")
    elsewhere = await enter(city, await activity(city), liu(city))

    assert refusal.value.details == {"attendees": [1]}
    assert await Person.filter(name="刘大爷").count() == 2
    assert elsewhere.person_id != first.person_id


async def test_new_person_who_cancelled_can_be_booked_again(city, one):
    first = await enter(city, one, liu(city))
    await cancellation.cancel_by_staff(first.id, "改时间", by=city.staff["陈社工"], now=NOW)

    assert (await enter(city, one, liu(city))).status == S.BOOKED


async def test_person_with_a_need_or_booking_at_the_station_can_be_booked(city, one):
    await city.need()
    by_need = await enter(city, one, city.grandma.id)
    newcomer = await enter(city, one, liu(city))

    again = await enter(city, await activity(city), newcomer.person_id, channel=Channel.TELEPHONE)

    assert (by_need.person_id, again.person_id) == (city.grandma.id, newcomer.person_id)
    assert again.channel == Channel.TELEPHONE


async def test_person_never_served_by_the_station_is_not_found(city, one):
    elsewhere = await activity(city, station="蓝田社工站")
    stranger = await resident(city, "路人")
    await book_party(elsewhere, stranger)

    for person_id in (stranger.id, city.grandma.id, 12345):
        with pytest.raises(NotFound):
            await enter(city, one, person_id)


async def test_only_staff_of_the_station_can_book_at_the_counter(city, one):
    for name, refusal in (("周社工", NotFound), ("褚科长", NotFound), ("冯科长", NotAllowed), ("卫处长", NotAllowed)):
        with pytest.raises(refusal):
            await enter(city, one, liu(city), by=name)
    assert not await Person.filter(name="刘大爷").exists()


async def test_staff_cannot_book_for_themselves_or_family_at_the_counter(city, one):
    await city.need()
    await family(city.grandma, await Person.get(id=city.staff["陈社工"].person_id))

    with pytest.raises(OwnBooking):
        await enter(city, one, city.grandma.id)
    assert (await enter(city, one, city.grandma.id, by="林社工")).status == S.BOOKED


async def test_party_with_a_workers_relative_is_refused_at_the_counter(city, one):
    await city.need()
    son = await resident(city)
    await family(son, await Person.get(id=city.staff["陈社工"].person_id))
    earlier = {"joined_at": NOW - timedelta(days=9), "left_at": NOW - timedelta(days=1), "current": None}
    await HouseholdMember.all().update(**earlier)
    await family(city.grandma, son)

    with pytest.raises(OwnBooking):
        await enter(city, one, city.grandma.id, None, son.id)
    assert (await enter(city, one, city.grandma.id)).size == 1


async def test_person_booked_at_the_counter_cannot_book_again_on_the_phone(city, one):
    await city.need()
    await enter(city, one, city.grandma.id)

    with pytest.raises(AlreadyBooked):
        await book_party(one, city.grandma)
    with pytest.raises(AlreadyBooked):
        await enter(city, one, city.grandma.id, by="林社工")
    assert await Booking.filter(activity_id=one.id).count() == 1


async def test_counter_can_book_after_closing_until_the_end(city, one):
    made = await enter(city, one, liu(city), now=STARTS)

    assert made.status == S.BOOKED
    with pytest.raises(BookingClosed) as refusal:
        await enter(city, one, liu(city), now=one.ends_at)
    assert refusal.value.details == {"until": one.ends_at}


async def test_rules_at_the_counter_are_the_same(city):
    one = await activity(city, max_age=60, seats=1)

    with pytest.raises(AgeNotAllowed):
        await enter(city, one, liu(city))
    with pytest.raises(CommunityRequired):
        await enter(city, one, liu(city, home="江阳区"))
    made = [await enter(city, one, liu(city, birth_year=1980, phone=f"0830-234567{number}")) for number in range(2)]

    assert [each.status for each in made] == [S.BOOKED, S.WAITING]
    await check_counts(one)
