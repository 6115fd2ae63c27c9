"""Which bookings people and staff see; places in line, tickets, contacts."""

from datetime import timedelta

import pytest

from server.domain.bookings import cancellation, queries, tickets
from server.domain.bookings.queries import BookingFilter
from server.domain.pagination import Window
from server.errors import NotAllowed, NotFound
from server.models import Attendee, Booking, BookingStatus, Channel, HouseholdMember, Reading
from tests.conftest import NOW
from tests.factories.activities import activity, row
from tests.factories.bookings import CHILD, book_party, create_residents, family, give_penalty, resident
from tests.factories.waiting_list import activity_with_offer

S = BookingStatus


async def mine(person, **window):
    return [one.booking.id for one in await queries.list_of_person(person.id, Window(**window), now=NOW)]


async def listed(city, one, by="陈社工", after=None, limit=20, **which):
    found, _ = await queries.list_of_activity(
        one.id, BookingFilter(Window(after, limit), **which), by=city.staff[by], now=NOW
    )
    return found


async def test_person_sees_own_bookings_newest_first(city):
    son, stranger = await resident(city, "王强"), await resident(city, "路人")
    await family(city.grandma, son)
    first = await book_party(await activity(city), city.grandma)
    second = await book_party(await activity(city), son, None, city.grandma.id, now=NOW + timedelta(minutes=1))
    third = await book_party(await activity(city), son, city.grandma.id, now=NOW + timedelta(minutes=2))

    assert await mine(city.grandma) == [third.id, second.id, first.id]
    assert await mine(son) == [third.id, second.id]
    assert await mine(stranger) == []
    assert await mine(city.grandma, limit=1, after=(third.booked_at, third.id)) == [second.id]


async def test_worker_at_the_counter_does_not_see_the_booking_as_own(city):
    made = await row(await activity(city), city.grandma)
    worker = city.staff["陈社工"].person_id
    await Booking.filter(id=made.id).update(booked_by_id=worker, channel=Channel.COUNTER)

    assert await queries.list_of_person(worker, Window(), now=NOW) == []
    with pytest.raises(NotFound):
        await queries.get_for_person(made.id, worker, now=NOW)


async def test_booking_is_visible_only_to_its_people_and_household(city):
    son, stranger = await resident(city, "王强"), await resident(city, "路人")
    await family(city.grandma, son)
    made = await book_party(await activity(city), city.grandma)

    assert (await queries.get_for_person(made.id, son.id, now=NOW)).booking.id == made.id
    await HouseholdMember.filter(person=son).update(current=None)
    for person, booking_id in ((son, made.id), (stranger, made.id), (city.grandma, made.id + 1)):
        with pytest.raises(NotFound):
            await queries.get_for_person(booking_id, person.id, now=NOW)


async def test_booking_comes_with_activity_and_attendees(city):
    one = await activity(city)
    made = await book_party(one, city.grandma, None, CHILD)

    shown = await queries.get_for_person(made.id, city.grandma.id, now=NOW)

    assert (shown.booking.activity.title, shown.booking.activity.station.name) == ("免费体检", "邻玉社工站")
    assert {each.name or each.person.name for each in shown.attendees} == {"王秀英", "李小明"}
    assert (shown.offer, shown.ahead) == (None, None)


async def test_attendee_who_left_is_hidden_and_those_who_stayed_are_shown(city):
    made = await book_party(await activity(city), city.grandma, None, CHILD)
    child = await Attendee.get(booking_id=made.id, person_id=None)
    for attendee_ids in ([child.id], None):
        await cancellation.cancel(made.id, attendee_ids=attendee_ids, by=city.grandma.id, now=NOW)

        shown = (await queries.get(made.id, now=NOW)).attendees
        assert [one.person_id for one in shown] == [city.grandma.id]


async def test_person_who_left_a_party_does_not_see_the_booking(city):
    son = await resident(city)
    await family(city.grandma, son)
    made = await book_party(await activity(city), city.grandma, None, son.id)
    [his] = await Attendee.filter(booking_id=made.id, person=son)
    await cancellation.cancel(made.id, attendee_ids=[his.id], by=son.id, now=NOW)
    await HouseholdMember.filter(person=son).update(current=None, left_at=NOW)
    await cancellation.cancel(made.id, by=city.grandma.id, now=NOW)

    with pytest.raises(NotFound):
        await queries.get_for_person(made.id, son.id, now=NOW)
    assert await mine(son) == []
    assert await queries.get_for_person(made.id, city.grandma.id, now=NOW)


async def test_waiting_booking_knows_how_many_are_before_it(city):
    one = await activity(city, seats=1)
    made = [await book_party(one, person) for person in await create_residents(city, 4)]

    shown = [await queries.get(each.id, now=NOW) for each in made]
    fresh = await queries.view_new(made[3])

    assert [each.ahead for each in shown] == [None, 0, 1, 2]
    assert fresh.ahead == 2


async def test_booking_with_penalty_counts_all_others_before_it(city):
    one, missing = await activity(city, seats=1), await resident(city)
    until = await give_penalty(city, missing)
    await book_party(one, city.grandma)
    behind, after = await book_party(one, missing), await book_party(one, await resident(city))

    async def ahead(booking, at):
        return (await queries.get(booking.id, now=at)).ahead

    told = [(await queries.view_new(each)).ahead for each in (behind, after)]
    assert (await ahead(behind, NOW), await ahead(after, NOW)) == (1, 0)
    assert told == [0, 0]  # nobody else waited when the first one was read
    assert (await ahead(behind, until), await ahead(after, until)) == (0, 1)


async def test_new_waiting_booking_has_the_place_that_is_read_later(city):
    one, people = await activity(city, seats=1), await create_residents(city, 6)
    for person in (people[2], people[4]):
        await give_penalty(city, person)

    for person in people:
        made = await book_party(one, person)
        told = await queries.view_new(made)
        assert told.ahead == (await queries.get(made.id, now=NOW)).ahead, made.number

    assert made.number == 6
    assert told.ahead == 2


async def test_open_offer_is_shown(city):
    _, first, offer = await activity_with_offer(city)

    shown = await queries.get_for_person(first.id, first.person_id, now=NOW)

    assert (shown.offer.id, shown.ahead) == (offer.id, None)


async def test_current_booking_of_a_person_is_found(city):
    one, stranger = await activity(city), await resident(city)
    made = await book_party(one, city.grandma)

    assert (await queries.get_current(one.id, city.grandma.id, now=NOW)).booking.id == made.id
    assert await queries.get_current(one.id, stranger.id, now=NOW) is None
    await cancellation.cancel(made.id, by=city.grandma.id, now=NOW)
    assert await queries.get_current(one.id, city.grandma.id, now=NOW) is None


async def test_station_list_is_sorted_by_number(city):
    one = await activity(city, seats=1)
    made = [await book_party(one, person) for person in await create_residents(city, 3)]
    await cancellation.cancel(made[2].id, by=made[2].person_id, now=NOW)

    numbers = [each.booking.number for each in await listed(city, one)]
    some = await listed(city, one, statuses=[S.BOOKED, S.CANCELLED])
    page = await listed(city, one, after=(NOW, 1), limit=1)

    assert numbers == [1, 2, 3]
    assert [each.booking.number for each in some] == [1, 3]
    assert [each.booking.number for each in page] == [2]


async def test_station_waiting_list_is_paged_in_waiting_order(city):
    one = await activity(city, seats=1)
    people = await create_residents(city, 5)
    for person in (people[1], people[3]):
        await give_penalty(city, person)
    made = [await book_party(one, person) for person in people]
    await book_party(one, await resident(city))

    whole = await listed(city, one, in_line=True)
    pages, after = [], None
    while page := await listed(city, one, in_line=True, after=after, limit=2):
        pages += [(each.booking.number, each.ahead) for each in page]
        last = page[-1].booking
        after = (last.penalty_until or last.booked_at, last.number)

    assert made[0].status == S.BOOKED
    assert [(each.booking.number, each.ahead) for each in whole] == [(3, 0), (5, 1), (6, 2), (2, 3), (4, 4)]
    assert pages == [(3, 0), (5, 1), (6, 2), (2, 3), (4, 4)]


async def test_bookings_of_other_stations_are_not_found(city):
    one = await activity(city)
    made = await book_party(one, city.grandma)

    for name in ("冯科长", "卫处长"):
        assert len(await listed(city, one, by=name)) == 1
    for name in ("周社工", "褚科长"):
        with pytest.raises(NotFound):
            await listed(city, one, by=name)
        with pytest.raises(NotFound):
            await queries.get_for_staff(made.id, by=city.staff[name], now=NOW)


async def test_contact_reading_is_logged_for_each_person(city):
    son = await resident(city, "王强")
    await family(city.grandma, son)
    made = await book_party(await activity(city), city.grandma, None, son.id, CHILD)
    chen = city.staff["陈社工"]

    read = await queries.read_contact(made.id, reason="通知改期", by=chen, now=NOW)

    assert read.booking.person.phone == "13812345678"
    logged = await Reading.filter(reader_id=chen.person_id, subject=f"booking:{made.id}", reason="通知改期")
    assert {one.person_id for one in logged} == {city.grandma.id, son.id}
    for name, refusal in (("周社工", NotFound), ("冯科长", NotAllowed)):
        with pytest.raises(refusal):
            await queries.read_contact(made.id, reason="x", by=city.staff[name], now=NOW)


async def test_ticket_is_recognised_and_others_are_not(city):
    one, other = await activity(city), await activity(city, check_in_secret="a0" * 32)
    await book_party(one, city.grandma, None, CHILD)
    first, second = [each.id for each in await Attendee.filter(activity_id=one.id)]

    shown = tickets.code(one, second)

    assert tickets.attendee_of(one, f" {shown[:4].lower()}-{shown[4:]}") == second
    assert tickets.attendee_of(other, shown) is None
    for forged in (tickets.code(one, first)[:11] + shown[11:], shown[:-1], shown + "2", "二维码", ""):
        assert tickets.attendee_of(one, forged) is None


async def test_ticket_can_hold_every_id(city):
    one = await activity(city)

    for attendee_id in (1, 2**53 - 1, 2**53):
        assert tickets.attendee_of(one, tickets.code(one, attendee_id)) == attendee_id


async def test_activities_with_one_secret_have_different_tickets(city):
    one, other = await activity(city), await activity(city)

    assert one.check_in_secret == other.check_in_secret
    assert tickets.attendee_of(other, tickets.code(one, 7)) is None
