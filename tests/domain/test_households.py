"""Households: one a person, joined by a code that is good once, ended by leaving."""

import asyncio
from datetime import timedelta

import pytest

from server.database import db
from server.domain import households
from server.errors import (
    AlreadyInHousehold,
    HouseholdFull,
    HouseholdRequired,
    InvalidInvitation,
    NotAllowed,
    NotFound,
    OwnHousehold,
    Refusal,
    TooManyInvitations,
)
from server.models import AuditEntry, Household, HouseholdInvitation, HouseholdMember, Need, Notice
from tests import factories
from tests.conftest import NOW
from tests.factories.households import household

ROUNDS = 5


async def somebody(city, name="王明"):
    return (await factories.person(name, NOW, city.areas["团结村"])).id


async def known(city, name="李大爷"):
    """Somebody who has had a need at 邻玉社工站."""
    person_id = await somebody(city, name)
    await city.need(by=person_id)
    return person_id


async def invited(city):
    """王奶奶's household and a code of it."""
    made = await household(city.grandma.id, now=NOW)
    return made, (await households.invite(by=city.grandma.id, now=NOW))[0]


async def told(person_id):
    return [one.template for one in await Notice.filter(person_id=person_id).order_by("template")]


async def test_who_founds_a_household_is_its_first_member(city):
    made = await households.create(by=city.grandma.id, now=NOW)

    assert await households.of(city.grandma.id) == made
    assert [one.person.name for one in await households.own(city.grandma.id)] == ["王秀英"]


async def test_nobody_founds_or_joins_a_second_household(city):
    _, code = await invited(city)
    aunt = await somebody(city)
    await households.create(by=aunt, now=NOW)

    with pytest.raises(AlreadyInHousehold):
        await households.create(by=aunt, now=NOW)
    with pytest.raises(AlreadyInHousehold):
        await households.join(code, by=aunt, now=NOW)
    assert await Household.all().count() == 2
    assert (await HouseholdInvitation.get()).used_at is None


async def test_who_belongs_to_none_has_nothing_to_see_invite_to_or_leave(city):
    for verb in (
        households.own(city.grandma.id),
        households.invite(by=city.grandma.id, now=NOW),
        households.leave(by=city.grandma.id, now=NOW),
    ):
        with pytest.raises(HouseholdRequired):
            await verb


async def test_the_family_is_told_when_somebody_joins_by_a_code_and_when_they_leave(city):
    made, code = await invited(city)
    grandson = await somebody(city)

    await households.join(code.lower(), by=grandson, now=NOW + timedelta(hours=1))
    assert await households.members(made) == [city.grandma.id, grandson]
    await households.leave(by=grandson, now=NOW)

    assert await households.members(made) == [city.grandma.id]
    assert await told(city.grandma.id) == ["household_joined", "household_left"]
    assert await told(grandson) == []


async def test_who_lives_together_is_near_and_everybody_to_themselves(city):
    grandson, aunt, stranger = [await somebody(city, name) for name in ("王明", "刘婶", "路人")]
    await household(city.grandma.id, grandson, now=NOW)
    await household(aunt, now=NOW)

    assert await households.near(city.grandma.id, grandson, now=NOW)
    assert await households.near(stranger, stranger, now=NOW)
    for other in (aunt, stranger):
        assert not await households.near(grandson, other, now=NOW)


async def test_who_left_is_near_for_another_thirty_days_whoever_of_them_left(city):
    grandson = await somebody(city)
    await household(city.grandma.id, grandson, now=NOW - timedelta(days=1))
    await households.leave(by=grandson, now=NOW)
    await households.leave(by=city.grandma.id, now=NOW + timedelta(days=20))

    for one, other in ((city.grandma.id, grandson), (grandson, city.grandma.id)):
        assert await households.near(one, other, now=NOW + timedelta(days=30))
        assert not await households.near(one, other, now=NOW + timedelta(days=31))


async def test_who_moved_in_after_the_other_had_gone_never_lived_with_them(city):
    grandson, aunt = await somebody(city), await somebody(city, "刘婶")
    await household(city.grandma.id, grandson, now=NOW)
    await households.leave(by=grandson, now=NOW + timedelta(days=1))
    code, _ = await households.invite(by=city.grandma.id, now=NOW + timedelta(days=1))
    await households.join(code, by=aunt, now=NOW + timedelta(days=2))

    later = NOW + timedelta(days=3)
    assert not await households.near(grandson, aunt, now=later)
    assert await households.near(grandson, city.grandma.id, now=later)
    assert await households.near(aunt, city.grandma.id, now=later)


async def test_of_the_code_only_a_hash_is_kept(city):
    _, code = await invited(city)

    kept = await HouseholdInvitation.get()
    assert (len(code), len(kept.code_hash)) == (8, 64)
    assert code not in str(dict(kept))


async def test_a_code_is_good_once_and_for_three_days(city):
    _, code = await invited(city)
    first, second = await somebody(city), await somebody(city, "刘婶")

    for late in (timedelta(hours=72), timedelta(days=30)):
        with pytest.raises(InvalidInvitation):
            await households.join(code, by=first, now=NOW + late)
    await households.join(code, by=first, now=NOW + timedelta(hours=71))
    for one in (code, "23456789"):
        with pytest.raises(InvalidInvitation):
            await households.join(one, by=second, now=NOW)


async def test_a_household_has_three_open_codes_at_most_and_used_or_old_ones_do_not_count(city):
    _, code = await invited(city)
    for _ in range(2):
        await households.invite(by=city.grandma.id, now=NOW)

    with pytest.raises(TooManyInvitations):
        await households.invite(by=city.grandma.id, now=NOW)
    await households.join(code, by=await somebody(city), now=NOW)
    await households.invite(by=city.grandma.id, now=NOW)
    with pytest.raises(TooManyInvitations):
        await households.invite(by=city.grandma.id, now=NOW)
    await households.invite(by=city.grandma.id, now=NOW + timedelta(hours=72))


async def test_a_full_household_takes_and_invites_nobody(city):
    made, code = await invited(city)
    for number in range(11):
        person_id = await somebody(city, f"亲戚{number}")
        await HouseholdMember.create(household_id=made, person_id=person_id, joined_at=NOW, entered_by_id=person_id)

    with pytest.raises(HouseholdFull):
        await households.join(code, by=await somebody(city), now=NOW)
    with pytest.raises(HouseholdFull):
        await households.invite(by=city.grandma.id, now=NOW)
    assert len(await households.members(made)) == 12
    assert (await HouseholdInvitation.get()).used_at is None


async def test_the_codes_one_gave_end_when_one_leaves(city):
    _, code = await invited(city)

    await households.leave(by=city.grandma.id, now=NOW)

    with pytest.raises(InvalidInvitation):
        await households.join(code, by=await somebody(city), now=NOW)


async def test_who_left_may_come_back(city):
    made, code = await invited(city)
    grandson = await somebody(city)
    await households.join(code, by=grandson, now=NOW)
    await households.leave(by=grandson, now=NOW)

    again, _ = await households.invite(by=city.grandma.id, now=NOW)
    await households.join(again, by=grandson, now=NOW)

    assert await households.of(grandson) == made
    assert await HouseholdMember.filter(person_id=grandson).count() == 2


async def test_at_the_counter_two_without_phones_become_a_household_and_are_told(city):
    grandpa, aunt = await known(city), await known(city, "刘婶")

    count = await households.seat(grandpa, household_of=aunt, by=city.staff["陈社工"], now=NOW)

    assert count == 2
    assert await households.of(grandpa) == await households.of(aunt)
    assert await told(grandpa) == await told(aunt) == ["household_joined"]
    entered = await AuditEntry.get(action="household.joined")
    assert (entered.person_id, entered.facts["person"]) == (city.staff["陈社工"].person_id, grandpa)


async def test_at_the_counter_somebody_joins_a_household_that_is_there(city):
    grandpa, aunt = await known(city), await known(city, "刘婶")
    made = await household(aunt, now=NOW)

    await households.seat(grandpa, household_of=aunt, by=city.staff["陈社工"], now=NOW)

    assert await households.of(grandpa) == made
    with pytest.raises(AlreadyInHousehold):
        await households.seat(grandpa, household_of=aunt, by=city.staff["陈社工"], now=NOW)


async def test_nobody_is_put_into_their_own_household(city):
    grandpa = await known(city)

    with pytest.raises(AlreadyInHousehold):
        await households.seat(grandpa, household_of=grandpa, by=city.staff["陈社工"], now=NOW)
    assert await Household.all().count() == 0


async def test_at_the_counter_a_membership_is_ended_and_both_sides_are_told(city):
    grandpa, aunt = await known(city), await somebody(city, "刘婶")
    await household(grandpa, aunt, now=NOW)

    await households.unseat(grandpa, by=city.staff["陈社工"], now=NOW)

    assert await households.of(grandpa) is None
    assert await told(grandpa) == await told(aunt) == ["household_left"]
    assert await AuditEntry.filter(action="household.left").count() == 1
    with pytest.raises(HouseholdRequired):
        await households.unseat(grandpa, by=city.staff["陈社工"], now=NOW)


async def test_another_station_knows_neither_of_them_and_an_officer_changes_nothing(city):
    grandpa, aunt, stranger = await known(city), await known(city, "刘婶"), await somebody(city, "路人")

    for name, refusal in (("周社工", NotFound), ("冯科长", NotAllowed)):
        with pytest.raises(refusal):
            await households.seat(grandpa, household_of=aunt, by=city.staff[name], now=NOW)
        with pytest.raises(refusal):
            await households.unseat(grandpa, by=city.staff[name], now=NOW)
    for pair in ((grandpa, stranger), (stranger, grandpa)):
        with pytest.raises(NotFound):
            await households.seat(pair[0], household_of=pair[1], by=city.staff["陈社工"], now=NOW)


async def test_staff_change_nothing_about_whom_they_live_with(city):
    worker = city.staff["陈社工"]
    wife, grandpa = await known(city, "刘婶"), await known(city)
    await household(worker.person_id, wife, now=NOW)

    for verb in (
        households.seat(grandpa, household_of=wife, by=worker, now=NOW),
        households.unseat(wife, by=worker, now=NOW),
    ):
        with pytest.raises(OwnHousehold):
            await verb
    await Need.filter(person_id=grandpa).update(person_id=worker.person_id)
    with pytest.raises(OwnHousehold):
        await households.unseat(worker.person_id, by=worker, now=NOW)


async def test_of_two_people_who_use_one_code_at_once_one_joins(city):
    for _ in range(ROUNDS):
        founder = await somebody(city, "刘婶")
        made = await household(founder, now=NOW)
        code, _ = await households.invite(by=founder, now=NOW)
        people = [await somebody(city, name) for name in ("王明", "路人")]

        answers = await at_once(*(households.join(code, by=one, now=NOW) for one in people))

        assert sorted(map(type, answers), key=str) == sorted([type(None), InvalidInvitation], key=str)
        assert len(await households.members(made)) == 2


async def at_once(*verbs):
    answers = await asyncio.gather(*verbs, return_exceptions=True)
    assert all(not isinstance(one, Exception) or isinstance(one, Refusal) for one in answers), answers
    return answers


async def test_one_person_who_joins_two_households_at_once_is_in_one(city):
    for _ in range(ROUNDS):
        codes = []
        for name in ("刘婶", "李大爷"):
            founder = await somebody(city, name)
            await household(founder, now=NOW)
            codes.append((await households.invite(by=founder, now=NOW))[0])
        grandson = await somebody(city)

        answers = await at_once(*(households.join(code, by=grandson, now=NOW) for code in codes))

        assert sum(isinstance(one, AlreadyInHousehold) for one in answers) == 1
        assert await HouseholdMember.filter(person_id=grandson).count() == 1


async def test_who_founds_twice_at_once_has_founded_once(city):
    for _ in range(ROUNDS):
        founder, before = await somebody(city), await Household.all().count()

        answers = await at_once(*(households.create(by=founder, now=NOW) for _ in range(3)))

        assert sum(isinstance(one, AlreadyInHousehold) for one in answers) == 2
        assert await Household.all().count() == before + 1


async def test_the_last_place_is_one_persons_whoever_joins_at_once(city):
    made, code = await invited(city)
    codes = [code, (await households.invite(by=city.grandma.id, now=NOW))[0]]
    for number in range(10):
        person_id = await somebody(city, f"亲戚{number}")
        await HouseholdMember.create(household_id=made, person_id=person_id, joined_at=NOW, entered_by_id=person_id)

    people = [await somebody(city, name) for name in ("王明", "路人")]
    answers = await at_once(
        *(households.join(one, by=person, now=NOW) for one, person in zip(codes, people, strict=True))
    )

    assert sum(isinstance(one, HouseholdFull) for one in answers) == 1
    assert len(await households.members(made)) == 12


async def test_whom_a_leaver_would_have_brought_in_is_not_in_the_household_they_left(city):
    grandpa, aunt = await known(city), await known(city, "刘婶")
    made, held = await household(aunt, now=NOW), asyncio.Event()

    @db.transaction
    async def leaving_slowly():
        await households.lock(made)
        held.set()
        await asyncio.sleep(0.3)
        await households.leave(by=aunt, now=NOW)

    async def meanwhile(verb):
        await held.wait()
        return await verb

    _, invitation, _ = await at_once(
        leaving_slowly(),
        meanwhile(households.invite(by=aunt, now=NOW)),
        meanwhile(households.seat(grandpa, household_of=aunt, by=city.staff["陈社工"], now=NOW)),
    )

    assert isinstance(invitation, HouseholdRequired)
    assert await households.members(made) == []
