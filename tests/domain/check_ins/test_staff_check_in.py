"""Check-in from the list by staff and volunteers, not for their own hours."""

from datetime import timedelta

import pytest

from server.domain.check_ins import staff_check_in
from server.domain.check_ins.eligibility import name_of
from server.domain.check_ins.staff_check_in import Selection
from server.errors import (
    ActivityOver,
    BookingNotSeated,
    CheckInCancelled,
    CheckInNotOpen,
    InvalidTicket,
    NotAllowed,
    NotFound,
    OwnCheckIn,
)
from server.models import Activity, AuditEntry, BookingStatus, CheckInWay, Person, Volunteer
from tests import factories
from tests.conftest import NOW
from tests.factories import activities, check_ins, volunteers
from tests.factories.check_ins import ENDS, STARTS, add_volunteer, fresh, health_check, list_in, list_out, minutes, seat
from tests.factories.tasks import household


@pytest.fixture
async def activity(city):
    return await health_check(city)


async def by_person(activity, person_id, *rows, at=STARTS):
    return await staff_check_in.check_in(activity.id, Selection([one.id for one in rows]), by=person_id, now=at)


async def by_ticket(city, activity, ticket, at=STARTS):
    whom = Selection(ticket=ticket)
    return await staff_check_in.check_in(activity.id, whom, by=city.staff["林社工"].person_id, now=at)


async def test_staff_check_in_is_audited(city, activity):
    rows = [await seat(activity), await seat(activity, city.grandma)]

    there = await list_in(city, activity, *rows)

    worker = city.staff["林社工"].person_id
    now = await fresh(rows[0])
    assert {one.id for one in there} == {one.id for one in rows}
    assert (now.checked_in_at, now.checked_in_by_id, now.check_in_way) == (STARTS, worker, CheckInWay.LIST)
    entry = await AuditEntry.get(action="activity.checked_in")
    assert (entry.person_id, entry.subject) == (worker, f"activity:{activity.id}")
    assert entry.facts == {"attendees": sorted(one.id for one in rows)}


async def test_repeated_check_in_by_others_changes_nothing(city, activity):
    row = await seat(activity)
    await check_ins.scan_in(activity, row.person_id)

    there = await list_in(city, activity, row, at=STARTS + minutes(10))

    assert [one.checked_in_at for one in there] == [STARTS]
    assert (await fresh(row)).check_in_way == CheckInWay.OWN_PHONE
    assert not await AuditEntry.filter(action="activity.checked_in").exists()


async def test_ticket_checks_in_its_seat(city, activity):
    row, _ = await seat(activity), await seat(activity, city.grandma)
    ticket = check_ins.ticket(activity, row)

    for shown in (ticket, f" {ticket[:4]}-{ticket[4:].lower()}"):
        assert [one.id for one in await by_ticket(city, activity, shown)] == [row.id]


@pytest.mark.parametrize("shown", ["ABCD2345", "2F7KM9PQX4WAB3CDE5GHJ6NR", "签到", "=1+1"])
async def test_invalid_ticket_is_refused(city, activity, shown):
    await seat(activity)

    with pytest.raises(InvalidTicket):
        await by_ticket(city, activity, shown)


async def test_ticket_of_another_activity_is_refused(city, activity):
    other = await health_check(city, check_in_secret="a7" * 32)
    row = await seat(other)

    with pytest.raises(InvalidTicket):
        await by_ticket(city, activity, check_ins.ticket(other, row))


async def test_refusals_take_no_lock(city, activity, monkeypatch):
    row, held = await seat(activity), check_ins.record_locks(monkeypatch)

    for verb in (staff_check_in.check_in, staff_check_in.check_out):
        with pytest.raises(InvalidTicket):
            await verb(activity.id, Selection(ticket="ABCD2345"), by=city.staff["林社工"].person_id, now=STARTS)
        with pytest.raises(NotFound):
            await verb(activity.id, Selection([row.id]), by=city.grandma.id, now=STARTS)

    assert not held


async def test_attendee_of_another_activity_is_not_found(city, activity):
    row, foreign = await seat(activity), await seat(await health_check(city), city.grandma)

    with pytest.raises(NotFound) as refused:
        await list_in(city, activity, row, foreign)

    assert refused.value.details == {"kind": "attendee", "ids": [foreign.id]}
    assert (await fresh(row)).checked_in_at is None


@pytest.mark.parametrize(
    ("status", "refusal"), [(BookingStatus.WAITING, BookingNotSeated), (BookingStatus.CANCELLED, CheckInCancelled)]
)
async def test_attendee_without_a_seat_refuses_the_whole_request(city, activity, status, refusal):
    row, other = await seat(activity), await seat(activity, city.grandma, status=status)

    with pytest.raises(refusal) as refused:
        await list_in(city, activity, row, other)

    assert refused.value.details == {"status": status, "attendee": other.id}
    assert (await fresh(row)).checked_in_at is None


async def test_staff_can_check_in_until_the_activity_is_finished(city, activity):
    early, late, last = await seat(activity), await seat(activity, city.grandma), await add_volunteer(city, activity)
    with pytest.raises(CheckInNotOpen):
        await list_in(city, activity, early, at=STARTS - minutes(61))
    await list_in(city, activity, early, at=STARTS - minutes(60))
    await list_in(city, activity, late, at=ENDS + minutes(60))
    await check_ins.finish(city, activity, ENDS + minutes(61))

    with pytest.raises(ActivityOver):
        await list_in(city, activity, last, at=ENDS + minutes(62))


async def test_officers_and_other_stations_cannot_check_in(city, activity):
    row = await seat(activity)

    for name, refusal in (("冯科长", NotAllowed), ("卫处长", NotAllowed), ("褚科长", NotFound), ("周社工", NotFound)):
        with pytest.raises(refusal):
            await list_in(city, activity, row, by=name)
    for person_id in (row.person_id, city.grandma.id):
        with pytest.raises(NotFound):
            await by_person(activity, person_id, row)


async def test_volunteer_with_a_post_can_check_in_while_the_activity_is_on(city, activity):
    li, row = await add_volunteer(city, activity), await seat(activity)

    with pytest.raises(CheckInNotOpen):
        await by_person(activity, li.person_id, row, at=STARTS - minutes(61))
    with pytest.raises(ActivityOver):
        await by_person(activity, li.person_id, row, at=ENDS + timedelta(hours=24, minutes=1))
    assert await by_person(activity, li.person_id, row)


async def test_volunteer_who_left_or_was_banned_cannot_check_in(city, activity):
    li, row = await add_volunteer(city, activity), await seat(activity)
    await Volunteer.filter(person_id=li.person_id).update(status="banned")
    with pytest.raises(NotFound):
        await by_person(activity, li.person_id, row)
    await Volunteer.filter(person_id=li.person_id).update(status="approved")
    await check_ins.set_status(li, BookingStatus.CANCELLED)
    with pytest.raises(NotFound):
        await by_person(activity, li.person_id, row)


async def test_volunteer_with_a_post_elsewhere_cannot_check_in(city, activity):
    li = await add_volunteer(city, await health_check(city))

    with pytest.raises(NotFound):
        await by_person(activity, li.person_id, await seat(activity))


async def test_staff_cannot_give_themselves_hours(city, activity):
    await volunteers.approved(await Person.get(id=city.staff["林社工"].person_id), city.stations[check_ins.HERE], NOW)
    lin = await seat(
        activity, await Person.get(id=city.staff["林社工"].person_id), post=await activities.post(activity)
    )

    with pytest.raises(OwnCheckIn):
        await list_in(city, activity, lin)
    await check_ins.scan_in(activity, lin.person_id)
    with pytest.raises(OwnCheckIn):
        await list_out(city, activity, lin)
    assert (await fresh(lin)).checked_out_at is None


async def test_volunteer_cannot_give_hours_to_their_household(city, activity):
    li, wife = await add_volunteer(city, activity), await add_volunteer(city, activity, "赵敏")
    await household(li.person_id, wife.person_id)

    with pytest.raises(OwnCheckIn):
        await by_person(activity, li.person_id, wife)
    assert await list_in(city, activity, wife)


async def test_seat_of_a_relative_can_be_checked_in(city, activity):
    lin = await Person.get(id=city.staff["林社工"].person_id)
    await household(city.grandma, lin)

    assert await list_in(city, activity, await seat(activity, lin), await seat(activity, city.grandma))


async def test_staff_can_check_out_volunteers_days_later(city, activity):
    li, other = await add_volunteer(city, activity), await add_volunteer(city, activity, "赵敏")
    await list_in(city, activity, li, other)

    left = await list_out(city, activity, li, other, at=ENDS + timedelta(days=3))

    assert [one.record.minutes for one in left] == [180, 180]
    entry = await AuditEntry.get(action="activity.checked_out")
    assert entry.facts == {"attendees": sorted([li.id, other.id])}


async def test_volunteers_of_an_automatically_cancelled_activity_can_check_out(city, activity):
    li = await add_volunteer(city, activity)
    await list_in(city, activity, li)
    await check_ins.set_status(li, BookingStatus.ATTENDED)
    await Activity.filter(id=activity.id).update(status="cancelled")

    assert (await list_out(city, activity, li))[0].record.minutes == 120


async def test_name_is_from_the_account_or_the_booking(city, activity):
    row = await seat(activity, await factories.person("", NOW))
    child = await check_ins.add_grandchild(row)

    there = await list_in(city, activity, row, child)

    assert {one.id: name_of(one) for one in there} == {row.id: "", child.id: "王小明"}
