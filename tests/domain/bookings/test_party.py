"""Parties: with an account, from one household, or by name; one of them answers for all."""

import pytest

from server.domain.bookings import party
from server.domain.bookings.party import Companion, PartyRequest
from server.errors import AccountHolderRequired, NotFound, PartyTooLarge
from server.models import Activity, Attendee, HouseholdMember
from tests.factories.activities import activity
from tests.factories.bookings import CHILD, book_party, family, resident

ACTIVITY = 1  # nobody is booked there


@pytest.fixture
async def son(city):
    son = await resident(city, "王强")
    await family(city.grandma, son)
    return son


async def test_person_who_books_for_themselves_too_is_the_holder(city, son):
    made = await party.build(ACTIVITY, PartyRequest((city.grandma.id, CHILD, None)), son.id)

    assert made.holder.id == son.id
    assert [one.id for one in made.people] == [city.grandma.id, son.id]
    assert (made.size, made.seats[1].name, made.seats[1].birth_year) == (3, "李小明", 2018)


async def test_attendees_keep_the_order_in_which_they_were_named(city, son):
    named = (CHILD, Companion("李小明", 2018), city.grandma.id, None, Companion("张小妹", 2019))
    one = await activity(city, seats=9, max_party_size=9)

    await book_party(one, son, *named)

    read = await Attendee.filter(activity_id=one.id).order_by("id")
    assert [each.person_id or each.name for each in read] == ["李小明", "李小明", city.grandma.id, son.id, "张小妹"]


async def test_holder_who_stays_at_home_is_replaced_by_the_first_relative(city, son):
    made = await party.build(ACTIVITY, PartyRequest((CHILD, city.grandma.id)), son.id)

    assert made.holder.id == city.grandma.id
    assert made.size == 2


async def test_person_named_twice_gets_one_seat(city):
    made = await party.build(ACTIVITY, PartyRequest((None, city.grandma.id, CHILD)), city.grandma.id)

    assert (made.size, made.positions) == (2, [0, 2])


async def test_party_of_names_only_is_refused(city):
    with pytest.raises(AccountHolderRequired):
        await party.build(ACTIVITY, PartyRequest((CHILD, Companion("王大爷", 1940))), city.grandma.id)


async def test_stranger_id_is_answered_like_an_unknown_id(city, son):
    stranger, left = await resident(city, "路人"), await resident(city, "前夫")
    await family(left)
    answers = []
    for asker, one in ((son, stranger.id), (son, left.id), (son, 12345), (stranger, city.grandma.id)):
        with pytest.raises(NotFound) as refusal:
            await party.build(ACTIVITY, PartyRequest((None, one)), asker.id)
        answers.append((refusal.value.code, refusal.value.details == {"kind": "person", "ids": [one]}))

    assert answers == [("not_found", True)] * 4


async def test_former_household_member_cannot_be_booked(city, son):
    await HouseholdMember.filter(person=city.grandma).update(current=None)

    with pytest.raises(NotFound):
        await party.build(ACTIVITY, PartyRequest((city.grandma.id,)), son.id)


@pytest.mark.parametrize(("max_party_size", "seats", "most"), [(2, 5, 2), (4, 2, 2)])
async def test_party_larger_than_the_limit_is_refused(city, max_party_size, seats, most):
    one = await activity(city, seats=seats, max_party_size=max_party_size)

    with pytest.raises(PartyTooLarge) as refusal:
        await book_party(one, city.grandma, None, CHILD, CHILD)

    assert refusal.value.details == {"limit": most}
    assert (await Activity.get(id=one.id)).last_number == 0
