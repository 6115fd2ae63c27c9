"""The roster for a phone without a network: masked names, hashed tickets, our signature."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.check_ins import roster
from server.errors import ActivityOver, CheckInNotOpen, InvalidRoster, NotAllowed, NotFound
from server.models import ActivityStatus, BookingStatus
from tests import factories
from tests.conftest import NOW
from tests.factories import check_ins
from tests.factories.check_ins import ENDS, STARTS, add_volunteer, health_check, minutes, seat


@pytest.fixture
async def activity(city):
    return await health_check(city)


async def issued(city, activity, by="林社工", at=STARTS):
    return await roster.issue(activity.id, by=city.staff[by].person_id, now=at)


async def test_roster_has_everybody_with_a_seat_or_post(city, activity):
    row, li = await seat(activity), await add_volunteer(city, activity)
    child = await check_ins.add_grandchild(row)
    await seat(activity, city.grandma, status=BookingStatus.WAITING)
    await seat(activity, await factories.person("路人", NOW), status=BookingStatus.CANCELLED)
    await seat(await health_check(city), await factories.person("刘婶", NOW))

    made, _ = await issued(city, activity)

    found = {one.attendee_id: (one.name, one.post) for one in made.people}
    assert found == {row.id: ("王**", None), child.id: ("王**", None), li.id: ("李**", "签到")}


async def test_roster_has_ticket_hashes_and_no_tickets(city, activity):
    row = await seat(activity)

    made, _ = await issued(city, activity)

    ticket = check_ins.ticket(activity, row)
    assert made.people[0].ticket_sha256 == hashlib.sha256(ticket.encode()).hexdigest()
    assert ticket not in str(made)


async def test_roster_shows_check_ins_and_check_outs(city, activity):
    row, li = await seat(activity), await add_volunteer(city, activity)
    await check_ins.list_in(city, activity, row, li)
    await check_ins.list_out(city, activity, li)

    made, _ = await issued(city, activity)

    been = {one.attendee_id: (one.checked_in, one.checked_out) for one in made.people}
    assert been == {row.id: (True, False), li.id: (True, True)}


async def test_roster_says_when_scans_are_accepted(city, activity):
    made, proof = await issued(city, activity, at=STARTS + timedelta(milliseconds=700))

    assert (made.issued_at, proof.issued_at) == (STARTS, STARTS)
    assert (made.opens_at, made.ends_at) == (STARTS - minutes(60), ENDS)
    assert made.expires_at == ENDS + timedelta(hours=24)


async def test_staff_get_the_roster_days_before_and_volunteers_from_check_in(city, activity):
    li = await add_volunteer(city, activity)

    assert await issued(city, activity, at=NOW)
    with pytest.raises(CheckInNotOpen):
        await roster.issue(activity.id, by=li.person_id, now=NOW)
    assert await roster.issue(activity.id, by=li.person_id, now=STARTS - minutes(60))


async def test_roster_is_refused_a_day_after_the_end(city, activity):
    assert await issued(city, activity, at=ENDS + timedelta(hours=24))
    with pytest.raises(ActivityOver):
        await issued(city, activity, at=ENDS + timedelta(hours=24, seconds=1))


async def test_strangers_cannot_get_the_roster(city, activity):
    row = await seat(activity)

    for name, refusal in (("冯科长", NotAllowed), ("褚科长", NotFound), ("周社工", NotFound)):
        with pytest.raises(refusal):
            await issued(city, activity, by=name)
    with pytest.raises(NotFound):
        await roster.issue(activity.id, by=row.person_id, now=STARTS)


async def test_draft_has_no_roster(city):
    with pytest.raises(NotFound):
        await issued(city, await health_check(city, status=ActivityStatus.DRAFT))


async def test_signature_changes_with_the_content(city, activity):
    row = await seat(activity)
    _, first = await issued(city, activity)
    _, same = await issued(city, activity)
    await check_ins.list_in(city, activity, row)
    _, after = await issued(city, activity)

    assert first == same
    assert first.signature != after.signature


async def test_old_roster_is_valid_although_the_list_has_changed(city, activity):
    _, proof = await issued(city, activity)
    await seat(activity)

    assert roster.require_valid(activity, proof) is None


@pytest.mark.parametrize(
    "forge",
    [
        lambda proof: replace(proof, signature=""),
        lambda proof: replace(proof, signature="签名"),
        lambda proof: replace(proof, signature=proof.signature[:-1]),
        lambda proof: replace(proof, signature="0" * 64 + proof.signature[64:]),
        lambda proof: replace(proof, signature=proof.signature.partition(".")[0]),
        lambda proof: replace(proof, issued_at=proof.issued_at + timedelta(seconds=1)),
    ],
)
async def test_forged_signature_is_refused(city, activity, forge):
    _, proof = await issued(city, activity)

    with pytest.raises(InvalidRoster):
        roster.require_valid(activity, forge(proof))


async def test_roster_of_another_activity_is_refused(city, activity):
    _, proof = await issued(city, await health_check(city))

    with pytest.raises(InvalidRoster):
        roster.require_valid(activity, proof)
