"""A party: oneself, one's household, and who has no phone; one of them answers for all."""

import pytest

from server.domain.bookings import party
from server.domain.bookings.party import Companion, PartyRequest
from server.errors import AccountHolderRequired, NotFound, PartyTooLarge
from server.models import Activity, Attendee, HouseholdMember
from tests.domain.bookings.wishing import CHILD, ask, family, resident
from tests.factories.activities import activity


@pytest.fixture
async def son(city):
    son = await resident(city, "王强")
    await family(city.grandma, son)
    return son


async def test_who_comes_along_answers_for_the_party(city, son):
    made = await party.build(PartyRequest((city.grandma.id, CHILD, None)), son.id)

    assert made.holder.id == son.id
    assert [one.id for one in made.people] == [city.grandma.id, son.id]
    assert (made.size, made.seats[1].name, made.seats[1].birth_year) == (3, "李小明", 2018)


async def test_a_party_is_read_in_the_order_it_was_named(city, son):
    named = (CHILD, Companion("李小明", 2018), city.grandma.id, None, Companion("张小妹", 2019))
    one = await activity(city, seats=9, party_most=9)

    await ask(one, son, *named)

    read = await Attendee.filter(activity_id=one.id).order_by("id")
    assert [each.person_id or each.name for each in read] == ["李小明", "李小明", city.grandma.id, son.id, "张小妹"]


async def test_for_who_stays_at_home_the_first_of_the_family_answers(city, son):
    made = await party.build(PartyRequest((CHILD, city.grandma.id)), son.id)

    assert made.holder.id == city.grandma.id
    assert made.size == 2


async def test_who_is_named_twice_has_one_seat(city):
    made = await party.build(PartyRequest((None, city.grandma.id, CHILD)), city.grandma.id)

    assert (made.size, made.positions) == (2, [0, 2])


async def test_names_alone_answer_for_nothing(city):
    with pytest.raises(AccountHolderRequired):
        await party.build(PartyRequest((CHILD, Companion("王大爷", 1940))), city.grandma.id)


async def test_bug_12_an_id_of_nobody_one_lives_with_is_answered_like_no_id_at_all(city, son):
    stranger, left = await resident(city, "路人"), await resident(city, "前夫")
    await family(left)
    answers = []
    for asker, one in ((son, stranger.id), (son, left.id), (son, 12345), (stranger, city.grandma.id)):
        with pytest.raises(NotFound) as refusal:
            await party.build(PartyRequest((None, one)), asker.id)
        answers.append((refusal.value.code, refusal.value.details == {"kind": "person", "ids": [one]}))

    assert answers == [("not_found", True)] * 4


async def test_who_has_left_the_household_is_nobodys_to_book(city, son):
    await HouseholdMember.filter(person=city.grandma).update(current=None)

    with pytest.raises(NotFound):
        await party.build(PartyRequest((city.grandma.id,)), son.id)


@pytest.mark.parametrize(("party_most", "seats", "most"), [(2, 5, 2), (4, 2, 2)])
async def test_a_party_is_no_larger_than_the_activity_takes(city, party_most, seats, most):
    one = await activity(city, seats=seats, party_most=party_most)

    with pytest.raises(PartyTooLarge) as refusal:
        await ask(one, city.grandma, None, CHILD, CHILD)

    assert refusal.value.details == {"limit": most}
    assert (await Activity.get(id=one.id)).last_number == 0
