"""Volunteers who speak for volunteers: only where they are themselves for sure, and never two for each other."""

import asyncio

import pytest

from server.domain.check_ins import offline_scans, roster, staff_check_in
from server.domain.check_ins.staff_check_in import Selection
from server.errors import Refusal, VouchingNotAllowed
from server.models import Person, ServiceRecord
from tests.conftest import NOW
from tests.domain.check_ins import door
from tests.domain.check_ins.door import ENDS, STARTS, at_post, fresh, health_check, minutes, scan_in, scanned, seat
from tests.factories import activities, volunteers


@pytest.fixture
async def activity(city):
    return await health_check(city)


@pytest.fixture
async def li(city, activity):
    return await at_post(city, activity)


@pytest.fixture
async def zhao(city, activity):
    return await at_post(city, activity, "赵敏")


async def says_came(li, other, at=STARTS):
    return await staff_check_in.check_in(other.activity_id, Selection([other.id]), by=li.person_id, now=at)


async def says_left(li, other, at=ENDS):
    return await staff_check_in.check_out(other.activity_id, Selection([other.id]), by=li.person_id, now=at)


async def sends(activity, by, *seen, at=ENDS):
    """What the volunteer's phone is answered for its scans."""
    _, proof = await roster.issue(activity.id, by=by.person_id, now=at)
    return [one.outcome for one in await offline_scans.merge(activity.id, proof, seen, by=by.person_id, now=at)]


async def test_from_home_nobody_makes_hours_for_another(activity, li, zhao):
    for one, other in ((li, zhao), (zhao, li)):
        seen = scanned(f"{one.id}-in", other), scanned(f"{one.id}-out", other, at=ENDS, out=True)
        assert await sends(activity, one, *seen) == ["may_not_vouch"] * 2
        with pytest.raises(VouchingNotAllowed):
            await says_came(one, other)

    assert not await ServiceRecord.all().exists()


async def test_who_came_by_the_code_may(activity, li, zhao):
    await scan_in(activity, li.person_id)

    await says_came(li, zhao, at=STARTS + minutes(1))

    assert (await fresh(zhao)).checked_in_by_id == li.person_id


async def test_so_may_whom_staff_checked_in_and_nobody_whom_a_volunteer_did(city, activity, li, zhao):
    wu = await at_post(city, activity, "吴强")
    await door.list_in(city, activity, li)
    await says_came(li, zhao)

    with pytest.raises(VouchingNotAllowed):
        await says_came(zhao, wu)
    assert await says_came(li, wu)


async def test_two_who_both_came_by_the_code_do_not_send_each_other_home(activity, li, zhao):
    for one in (li, zhao):
        await scan_in(activity, one.person_id)
    await says_left(li, zhao)

    with pytest.raises(VouchingNotAllowed):
        await says_left(zhao, li)
    assert await sends(activity, zhao, scanned("a", li, at=STARTS + minutes(60), out=True)) == ["may_not_vouch"]
    assert (await fresh(li)).checked_out_at is None


async def test_nor_at_the_same_moment(city):
    for _ in range(4):
        activity = await health_check(city)
        one, other = await at_post(city, activity), await at_post(city, activity, "赵敏")
        for each in (one, other):
            await scan_in(activity, each.person_id)

        answers = await asyncio.gather(says_left(one, other), says_left(other, one), return_exceptions=True)

        assert [type(each) for each in answers if isinstance(each, Exception)] == [VouchingNotAllowed]
        assert [each for each in answers if not isinstance(each, Refusal)]


async def test_staff_with_a_post_do_not_return_the_favour_either(city, activity, li):
    lin = await Person.get(id=city.staff["林社工"].person_id)
    await volunteers.approved(lin, city.stations[door.HERE], NOW)
    own = await seat(activity, lin, post=await activities.post(activity, title="引导"))
    await scan_in(activity, li.person_id)
    await says_came(li, own)

    with pytest.raises(VouchingNotAllowed):
        await door.list_out(city, activity, li)
    assert await door.list_out(city, activity, li, by="陈社工")


async def test_a_volunteer_speaks_of_the_time_they_were_there(city, activity, li):
    await door.list_in(city, activity, li, at=STARTS + minutes(10))
    await door.list_out(city, activity, li, at=STARTS + minutes(60))
    others = {at: await at_post(city, activity, f"志愿者{at}") for at in (9, 10, 60, 61)}

    seen = [scanned(str(at), other, at=STARTS + minutes(at)) for at, other in others.items()]

    assert await sends(activity, li, *seen) == ["may_not_vouch", "checked_in", "checked_in", "may_not_vouch"]


async def test_a_residents_seat_earns_nothing_and_any_steward_ticks_it(activity, li):
    row = await seat(activity)

    assert await says_came(li, row)
