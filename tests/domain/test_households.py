"""Households: one for each person, joined by a code that is valid once, ended by leaving."""

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
    NotFound,
    OwnHousehold,
    TooManyInvitations,
)
from server.models import AuditEntry, Household, HouseholdInvitation, HouseholdMember, Need, Notice
from tests import factories
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.factories.households import household

ROUNDS = 5


async def newcomer(city, name="王明"):
    return (await factories.person(name, NOW, city.areas["团结村"])).id


async def known(city, name="李大爷"):
    """Return a person with a need at 邻玉社工站."""
    person_id = await newcomer(city, name)
    await city.need(by=person_id)
    return person_id


async def invited(city):
    """Return 王奶奶's household and one of its codes."""
    made = await household(city.grandma.id, now=NOW)
    return made, (await households.invite(by=city.grandma.id, now=NOW))[0]


async def templates_of(person_id):
    return [item.template for item in await Notice.filter(person_id=person_id).order_by("template")]


async def test_creator_of_a_household_is_its_first_member(city):
    made = await households.create(by=city.grandma.id, now=NOW)

    assert await households.of(city.grandma.id) == made
    assert [item.person.name for item in await households.own(city.grandma.id)] == ["王秀英"]


async def test_second_household_is_refused(city):
    _, code = await invited(city)
    aunt = await newcomer(city)
    await households.create(by=aunt, now=NOW)

    with pytest.raises(AlreadyInHousehold):
        await households.create(by=aunt, now=NOW)
    with pytest.raises(AlreadyInHousehold):
        await households.join(code, by=aunt, now=NOW)
    assert await Household.all().count() == 2
    assert (await HouseholdInvitation.get()).used_at is None


async def test_person_without_household_invites_nobody_and_leaves_nothing(city):
    assert await households.own(city.grandma.id) == []
    for verb in (
        households.invite(by=city.grandma.id, now=NOW),
        households.leave(by=city.grandma.id, now=NOW),
    ):
        with pytest.raises(HouseholdRequired):
            await verb


async def test_joining_by_a_code_and_leaving_notify_the_family(city):
    made, code = await invited(city)
    grandson = await newcomer(city)

    await households.join(code.lower(), by=grandson, now=NOW + timedelta(hours=1))
    assert await households.members(made) == [city.grandma.id, grandson]
    await households.leave(by=grandson, now=NOW)

    assert await households.members(made) == [city.grandma.id]
    assert await templates_of(city.grandma.id) == ["household_member_joined", "household_member_left"]
    assert await templates_of(grandson) == []


async def test_household_members_are_near_and_everybody_is_near_to_themselves(city):
    grandson, aunt, stranger = [await newcomer(city, name) for name in ("王明", "刘婶", "路人")]
    await household(city.grandma.id, grandson, now=NOW)
    await household(aunt, now=NOW)

    assert await households.near(city.grandma.id, grandson, now=NOW)
    assert await households.near(stranger, stranger, now=NOW)
    for other in (aunt, stranger):
        assert not await households.near(grandson, other, now=NOW)


async def test_members_stay_near_for_thirty_days_after_one_of_them_left(city):
    grandson = await newcomer(city)
    await household(city.grandma.id, grandson, now=NOW - timedelta(days=1))
    await households.leave(by=grandson, now=NOW)
    await households.leave(by=city.grandma.id, now=NOW + timedelta(days=20))

    for item, other in ((city.grandma.id, grandson), (grandson, city.grandma.id)):
        assert await households.near(item, other, now=NOW + timedelta(days=30))
        assert not await households.near(item, other, now=NOW + timedelta(days=31))


async def test_members_of_different_times_are_not_near(city):
    grandson, aunt = await newcomer(city), await newcomer(city, "刘婶")
    await household(city.grandma.id, grandson, now=NOW)
    await households.leave(by=grandson, now=NOW + timedelta(days=1))
    code, _ = await households.invite(by=city.grandma.id, now=NOW + timedelta(days=1))
    await households.join(code, by=aunt, now=NOW + timedelta(days=2))

    later = NOW + timedelta(days=3)
    assert not await households.near(grandson, aunt, now=later)
    assert await households.near(grandson, city.grandma.id, now=later)
    assert await households.near(aunt, city.grandma.id, now=later)


async def test_only_the_hash_of_a_code_is_kept(city):
    _, code = await invited(city)

    kept = await HouseholdInvitation.get()
    assert (len(code), len(kept.code_hash)) == (8, 64)
    assert code not in str(dict(kept))


async def test_code_is_valid_once_and_for_three_days(city):
    _, code = await invited(city)
    first, second = await newcomer(city), await newcomer(city, "刘婶")

    for late in (timedelta(hours=72), timedelta(days=30)):
        with pytest.raises(InvalidInvitation):
            await households.join(code, by=first, now=NOW + late)
    await households.join(code, by=first, now=NOW + timedelta(hours=71))
    for item in (code, "23456789"):
        with pytest.raises(InvalidInvitation):
            await households.join(item, by=second, now=NOW)


async def test_a_household_has_three_open_codes_at_most_and_used_or_old_ones_do_not_count(city):
    _, code = await invited(city)
    for _ in range(2):
        await households.invite(by=city.grandma.id, now=NOW)

    with pytest.raises(TooManyInvitations):
        await households.invite(by=city.grandma.id, now=NOW)
    await households.join(code, by=await newcomer(city), now=NOW)
    await households.invite(by=city.grandma.id, now=NOW)
    with pytest.raises(TooManyInvitations):
        await households.invite(by=city.grandma.id, now=NOW)
    await households.invite(by=city.grandma.id, now=NOW + timedelta(hours=72))


async def test_full_household_refuses_members_and_invitations(city):
    made, code = await invited(city)
    for number in range(11):
        person_id = await newcomer(city, f"亲戚{number}")
        await HouseholdMember.create(household_id=made, person_id=person_id, joined_at=NOW, entered_by_id=person_id)

    with pytest.raises(HouseholdFull):
        await households.join(code, by=await newcomer(city), now=NOW)
    with pytest.raises(HouseholdFull):
        await households.invite(by=city.grandma.id, now=NOW)
    assert len(await households.members(made)) == 12
    assert (await HouseholdInvitation.get()).used_at is None


async def test_leaving_ends_the_codes_the_person_gave(city):
    _, code = await invited(city)

    await households.leave(by=city.grandma.id, now=NOW)

    with pytest.raises(InvalidInvitation):
        await households.join(code, by=await newcomer(city), now=NOW)


async def test_former_member_may_join_again(city):
    made, code = await invited(city)
    grandson = await newcomer(city)
    await households.join(code, by=grandson, now=NOW)
    await households.leave(by=grandson, now=NOW)

    again, _ = await households.invite(by=city.grandma.id, now=NOW)
    await households.join(again, by=grandson, now=NOW)

    assert await households.of(grandson) == made
    assert await HouseholdMember.filter(person_id=grandson).count() == 2


async def test_two_people_without_phones_become_a_household_at_the_counter(city):
    grandpa, aunt = await known(city), await known(city, "刘婶")

    count = await households.seat(grandpa, household_member_id=aunt, by=city.staff["陈社工"], now=NOW)

    assert count == 2
    assert await households.of(grandpa) == await households.of(aunt)
    assert (await templates_of(grandpa), await templates_of(aunt)) == (
        ["household_joined"],
        ["household_member_joined"],
    )
    entered = await AuditEntry.get(action="household.joined")
    assert (entered.person_id, entered.facts["person"]) == (city.staff["陈社工"].person_id, grandpa)


async def test_person_joins_an_existing_household_at_the_counter(city):
    grandpa, aunt = await known(city), await known(city, "刘婶")
    made = await household(aunt, now=NOW)

    await households.seat(grandpa, household_member_id=aunt, by=city.staff["陈社工"], now=NOW)

    assert await households.of(grandpa) == made
    with pytest.raises(AlreadyInHousehold):
        await households.seat(grandpa, household_member_id=aunt, by=city.staff["陈社工"], now=NOW)


async def test_entering_a_person_into_their_own_household_is_refused(city):
    grandpa = await known(city)

    with pytest.raises(AlreadyInHousehold):
        await households.seat(grandpa, household_member_id=grandpa, by=city.staff["陈社工"], now=NOW)
    assert await Household.all().count() == 0


async def test_membership_ended_at_the_counter_notifies_both_sides(city):
    grandpa, aunt = await known(city), await newcomer(city, "刘婶")
    await household(grandpa, aunt, now=NOW)

    await households.unseat(grandpa, by=city.staff["陈社工"], now=NOW)

    assert await households.of(grandpa) is None
    assert (await templates_of(grandpa), await templates_of(aunt)) == (["household_left"], ["household_member_left"])
    assert await AuditEntry.filter(action="household.left").count() == 1
    with pytest.raises(HouseholdRequired):
        await households.unseat(grandpa, by=city.staff["陈社工"], now=NOW)


async def test_other_stations_and_officers_cannot_change_a_household(city):
    grandpa, aunt, stranger = await known(city), await known(city, "刘婶"), await newcomer(city, "路人")

    for name, refusal in (("周社工", NotFound), ("冯科长", NotFound)):
        with pytest.raises(refusal):
            await households.seat(grandpa, household_member_id=aunt, by=city.staff[name], now=NOW)
        with pytest.raises(refusal):
            await households.unseat(grandpa, by=city.staff[name], now=NOW)
    for pair in ((grandpa, stranger), (stranger, grandpa)):
        with pytest.raises(NotFound):
            await households.seat(pair[0], household_member_id=pair[1], by=city.staff["陈社工"], now=NOW)


async def test_staff_cannot_change_their_own_household(city):
    worker = city.staff["陈社工"]
    wife, grandpa = await known(city, "刘婶"), await known(city)
    await household(worker.person_id, wife, now=NOW)

    for verb in (
        households.seat(grandpa, household_member_id=wife, by=worker, now=NOW),
        households.unseat(wife, by=worker, now=NOW),
    ):
        with pytest.raises(OwnHousehold):
            await verb
    await Need.filter(person_id=grandpa).update(person_id=worker.person_id)
    with pytest.raises(OwnHousehold):
        await households.unseat(worker.person_id, by=worker, now=NOW)


async def test_two_people_using_one_code_at_once_leave_one_member(city):
    for _ in range(ROUNDS):
        founder = await newcomer(city, "刘婶")
        made = await household(founder, now=NOW)
        code, _ = await households.invite(by=founder, now=NOW)
        people = [await newcomer(city, name) for name in ("王明", "路人")]

        answers = await at_once(*(households.join(code, by=item, now=NOW) for item in people))

        assert sorted(map(type, answers), key=str) == sorted([type(None), InvalidInvitation], key=str)
        assert len(await households.members(made)) == 2


async def test_joining_two_households_at_once_leaves_one_membership(city):
    for _ in range(ROUNDS):
        codes = []
        for name in ("刘婶", "李大爷"):
            founder = await newcomer(city, name)
            await household(founder, now=NOW)
            codes.append((await households.invite(by=founder, now=NOW))[0])
        grandson = await newcomer(city)

        answers = await at_once(*(households.join(code, by=grandson, now=NOW) for code in codes))

        assert sum(isinstance(item, AlreadyInHousehold) for item in answers) == 1
        assert await HouseholdMember.filter(person_id=grandson).count() == 1


async def test_creating_a_household_twice_at_once_creates_one(city):
    for _ in range(ROUNDS):
        founder, before = await newcomer(city), await Household.all().count()

        answers = await at_once(*(households.create(by=founder, now=NOW) for _ in range(3)))

        assert sum(isinstance(item, AlreadyInHousehold) for item in answers) == 2
        assert await Household.all().count() == before + 1


async def test_last_place_in_a_household_goes_to_one_person(city):
    made, code = await invited(city)
    codes = [code, (await households.invite(by=city.grandma.id, now=NOW))[0]]
    for number in range(10):
        person_id = await newcomer(city, f"亲戚{number}")
        await HouseholdMember.create(household_id=made, person_id=person_id, joined_at=NOW, entered_by_id=person_id)

    people = [await newcomer(city, name) for name in ("王明", "路人")]
    answers = await at_once(
        *(households.join(item, by=person, now=NOW) for item, person in zip(codes, people, strict=True))
    )

    assert sum(isinstance(item, HouseholdFull) for item in answers) == 1
    assert len(await households.members(made)) == 12


async def test_code_of_a_leaving_member_brings_nobody_in(city):
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
        meanwhile(households.seat(grandpa, household_member_id=aunt, by=city.staff["陈社工"], now=NOW)),
    )

    assert isinstance(invitation, HouseholdRequired)
    assert await households.members(made) == []
