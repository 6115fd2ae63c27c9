"""Volunteers who vouch for volunteers: only while confirmed themselves, and never for each other."""

import asyncio

import pytest

from server.domain.check_ins import offline_scans, roster, staff_check_in
from server.domain.check_ins.staff_check_in import Selection
from server.errors import Refusal, VouchingNotAllowed
from server.models import Person, ServiceRecord
from tests.conftest import NOW
from tests.factories import activities, check_ins, volunteers
from tests.factories.check_ins import ENDS, STARTS, add_volunteer, fresh, health_check, minutes, scan_in, scanned, seat


@pytest.fixture
async def activity(city):
    return await health_check(city)


@pytest.fixture
async def li(city, activity):
    return await add_volunteer(city, activity)


@pytest.fixture
async def zhao(city, activity):
    return await add_volunteer(city, activity, "赵敏")


async def says_came(li, other, at=STARTS):
    return await staff_check_in.check_in(other.activity_id, Selection([other.id]), by=li.person_id, now=at)


async def says_left(li, other, at=ENDS):
    return await staff_check_in.check_out(other.activity_id, Selection([other.id]), by=li.person_id, now=at)


async def sends(activity, by, *seen, at=ENDS):
    """Return the outcomes of a volunteer's scans."""
    _, proof = await roster.issue(activity.id, by=by.person_id, now=at)
    return [one.outcome for one in await offline_scans.merge(activity.id, proof, seen, by=by.person_id, now=at)]


async def test_volunteer_who_is_not_there_cannot_vouch(activity, li, zhao):
    for one, other in ((li, zhao), (zhao, li)):
        seen = scanned(f"{one.id}-in", other), scanned(f"{one.id}-out", other, at=ENDS, out=True)
        assert await sends(activity, one, *seen) == ["vouching_not_allowed"] * 2
        with pytest.raises(VouchingNotAllowed):
            await says_came(one, other)

    assert not await ServiceRecord.all().exists()


async def test_volunteer_checked_in_by_code_can_vouch(activity, li, zhao):
    await scan_in(activity, li.person_id)

    await says_came(li, zhao, at=STARTS + minutes(1))

    assert (await fresh(zhao)).checked_in_by_id == li.person_id


async def test_volunteer_checked_in_by_staff_can_vouch_and_by_a_volunteer_cannot(city, activity, li, zhao):
    wu = await add_volunteer(city, activity, "吴强")
    await check_ins.list_in(city, activity, li)
    await says_came(li, zhao)

    with pytest.raises(VouchingNotAllowed):
        await says_came(zhao, wu)
    assert await says_came(li, wu)


async def test_two_volunteers_cannot_check_each_other_out(activity, li, zhao):
    for one in (li, zhao):
        await scan_in(activity, one.person_id)
    await says_left(li, zhao)

    with pytest.raises(VouchingNotAllowed):
        await says_left(zhao, li)
    assert await sends(activity, zhao, scanned("a", li, at=STARTS + minutes(60), out=True)) == ["vouching_not_allowed"]
    assert (await fresh(li)).checked_out_at is None


async def test_two_volunteers_cannot_vouch_for_each_other_at_once(city):
    for _ in range(4):
        activity = await health_check(city)
        one, other = await add_volunteer(city, activity), await add_volunteer(city, activity, "赵敏")
        for each in (one, other):
            await scan_in(activity, each.person_id)

        answers = await asyncio.gather(says_left(one, other), says_left(other, one), return_exceptions=True)

        assert [type(each) for each in answers if isinstance(each, Exception)] == [VouchingNotAllowed]
        assert [each for each in answers if not isinstance(each, Refusal)]


async def test_staff_with_a_post_cannot_vouch_for_their_voucher(city, activity, li):
    lin = await Person.get(id=city.staff["林社工"].person_id)
    await volunteers.approved(lin, city.stations[check_ins.HERE], NOW)
    own = await seat(activity, lin, post=await activities.post(activity, title="引导"))
    await scan_in(activity, li.person_id)
    await says_came(li, own)

    with pytest.raises(VouchingNotAllowed):
        await check_ins.list_out(city, activity, li)
    assert await check_ins.list_out(city, activity, li, by="陈社工")


async def test_volunteer_vouches_only_for_the_time_they_were_there(city, activity, li):
    await check_ins.list_in(city, activity, li, at=STARTS + minutes(10))
    await check_ins.list_out(city, activity, li, at=STARTS + minutes(60))
    others = {at: await add_volunteer(city, activity, f"志愿者{at}") for at in (9, 10, 60, 61)}

    seen = [scanned(str(at), other, at=STARTS + minutes(at)) for at, other in others.items()]

    assert await sends(activity, li, *seen) == [
        "vouching_not_allowed",
        "checked_in",
        "checked_in",
        "vouching_not_allowed",
    ]


async def test_any_steward_can_check_in_a_residents_seat(activity, li):
    row = await seat(activity)

    assert await says_came(li, row)
