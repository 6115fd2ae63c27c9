"""Check-in on an own phone: the code on the screen proves presence."""

import pytest

from server.errors import (
    ActivityOver,
    BookingNotSeated,
    CheckInCancelled,
    CheckInNotOpen,
    CodeExpired,
    CodeUnknown,
    NotBooked,
    NotFound,
    OwnCheckIn,
    PostRequired,
)
from server.models import Activity, ActivityStatus, Attendee, BookingStatus, CheckInWay, Policy
from tests import factories
from tests.conftest import NOW
from tests.factories import activities, check_ins
from tests.factories.check_ins import ENDS, STARTS, code, fresh, health_check, minutes, scan_in, seat
from tests.factories.tasks import household


@pytest.fixture
async def activity(city):
    return await health_check(city)


async def test_scanned_code_checks_in(activity):
    row = await seat(activity)

    there = await scan_in(activity, row.person_id)

    now = await fresh(row)
    assert [one.id for one in there] == [row.id]
    assert (now.checked_in_at, now.checked_in_by_id, now.check_in_way) == (STARTS, row.person_id, CheckInWay.OWN_PHONE)
    assert there[0].checked_in_at == STARTS


async def test_repeated_check_in_keeps_the_first_time(activity):
    row = await seat(activity)
    first = await scan_in(activity, row.person_id)

    again = await scan_in(activity, row.person_id, at=STARTS + minutes(5))

    assert [one.checked_in_at for one in again] == [one.checked_in_at for one in first] == [STARTS]
    assert (await fresh(row)).checked_in_at == STARTS


async def test_whole_party_is_checked_in_by_one_phone(activity):
    row = await seat(activity)
    child = await check_ins.add_grandchild(row)

    there = await scan_in(activity, row.person_id)

    assert {one.id for one in there} == {row.id, child.id}
    assert (await fresh(child)).checked_in_by_id == row.person_id


async def test_only_named_attendees_are_checked_in(activity):
    row = await seat(activity)
    child = await check_ins.add_grandchild(row)

    await scan_in(activity, row.person_id, attendee_ids=[row.id])

    assert (await fresh(child)).checked_in_at is None


async def test_person_who_booked_for_a_relative_must_name_them(city, activity):
    daughter = await factories.person("王芳", NOW)
    row = await seat(activity, city.grandma, booked_by=daughter)
    with pytest.raises(NotBooked):
        await scan_in(activity, daughter.id)

    own = await seat(activity, daughter)

    assert [one.id for one in await scan_in(activity, daughter.id)] == [own.id]
    assert [one.id for one in await scan_in(activity, daughter.id, attendee_ids=[row.id])] == [row.id]


async def test_volunteer_cannot_be_checked_in_by_a_relative(city, activity):
    li, wife = await check_ins.add_volunteer(city, activity), await factories.person("赵敏", NOW)
    await household(li.person_id, wife)

    with pytest.raises(OwnCheckIn):
        await scan_in(activity, wife.id, attendee_ids=[li.id])

    assert (await fresh(li)).checked_in_at is None
    assert await scan_in(activity, li.person_id, attendee_ids=[li.id])


async def test_wrong_code_or_no_seat_is_refused_without_a_lock(city, activity, monkeypatch):
    row, held = await seat(activity, status=BookingStatus.WAITING), check_ins.record_locks(monkeypatch)

    for by, with_code, refusal in (
        (row.person_id, "1", CodeUnknown),
        (row.person_id, code(activity), BookingNotSeated),
        (city.grandma.id, code(activity), NotBooked),
    ):
        with pytest.raises(refusal):
            await scan_in(activity, by, code=with_code)
    for with_code, refusal in (("1", CodeUnknown), (code(activity, ENDS), PostRequired)):
        with pytest.raises(refusal):
            await check_ins.scan_out(activity, row.person_id, code=with_code)

    assert not held


async def test_relative_is_checked_in_only_when_named(city, activity):
    daughter = await factories.person("王芳", NOW)
    await household(city.grandma, daughter)
    own, mothers = await seat(activity, daughter), await seat(activity, city.grandma)

    assert [one.id for one in await scan_in(activity, daughter.id)] == [own.id]
    assert [one.id for one in await scan_in(activity, daughter.id, attendee_ids=[mothers.id])] == [mothers.id]


async def test_worker_at_the_counter_has_no_part_in_the_booking(city, activity):
    worker = city.staff["陈社工"].person_id
    await seat(activity, booked_by_id=worker, channel="counter")

    with pytest.raises(NotBooked):
        await scan_in(activity, worker)


async def test_stranger_cannot_be_checked_in(activity):
    row, other = await seat(activity), await seat(activity, await factories.person("路人", NOW))

    with pytest.raises(NotFound) as refused:
        await scan_in(activity, row.person_id, attendee_ids=[row.id, other.id])

    assert refused.value.details == {"kind": "attendee", "ids": [other.id]}
    assert not await Attendee.filter(checked_in_at__not_isnull=True).exists()


async def test_person_without_booking_is_refused(city, activity):
    with pytest.raises(NotBooked):
        await scan_in(activity, city.grandma.id)


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (BookingStatus.WAITING, BookingNotSeated),
        (BookingStatus.OFFERED, BookingNotSeated),
        (BookingStatus.CANCELLED, CheckInCancelled),
        (BookingStatus.REFUSED, CheckInCancelled),
        (BookingStatus.LAPSED, CheckInCancelled),
    ],
)
@pytest.mark.parametrize("named", [False, True])
async def test_person_without_a_seat_is_refused(activity, status, refusal, named):
    row = await seat(activity, status=status)

    with pytest.raises(refusal) as refused:
        await scan_in(activity, row.person_id, attendee_ids=[row.id] if named else None)

    assert refused.value.details == {"status": status, "attendee": row.id}


async def test_person_who_booked_again_after_cancelling_is_on_the_waiting_list(activity):
    row = await seat(activity)
    await check_ins.set_status(row, BookingStatus.CANCELLED)
    anew = await seat(activity, await row.person, status=BookingStatus.WAITING)

    with pytest.raises(BookingNotSeated) as refused:
        await scan_in(activity, row.person_id)

    assert refused.value.details == {"status": BookingStatus.WAITING, "attendee": anew.id}


async def test_person_taken_out_of_a_party_is_not_checked_in_with_it(activity):
    row = await seat(activity)
    child = await check_ins.add_grandchild(row)
    await Attendee.filter(id=child.id).update(current=None)

    assert [one.id for one in await scan_in(activity, row.person_id)] == [row.id]
    with pytest.raises(CheckInCancelled):
        await scan_in(activity, row.person_id, attendee_ids=[child.id])


@pytest.mark.parametrize(("before", "refused"), [(61, True), (60, False), (0, False), (-120, False), (-121, True)])
async def test_check_in_opens_an_hour_before_the_start_and_closes_at_the_end(activity, before, refused):
    row, at = await seat(activity), STARTS - minutes(before)

    if refused:
        with pytest.raises(CheckInNotOpen if before > 0 else ActivityOver):
            await scan_in(activity, row.person_id, at=at)
    else:
        assert await scan_in(activity, row.person_id, at=at)


async def test_check_in_opening_is_a_policy_of_the_station(city, activity):
    scope = f"station:{activity.station_id}"
    await Policy.create(name="check_in_opens_minutes", scope=scope, value=30, source="测试")
    row = await seat(activity)

    with pytest.raises(CheckInNotOpen) as refused:
        await scan_in(activity, row.person_id, at=STARTS - minutes(31))

    assert refused.value.details == {"possible_from": STARTS - minutes(30)}


@pytest.mark.parametrize("status", [ActivityStatus.FINISHED, ActivityStatus.CANCELLED])
async def test_ended_activity_takes_no_check_in(activity, status):
    row = await seat(activity)
    await Activity.filter(id=activity.id).update(status=status)

    with pytest.raises(ActivityOver) as refused:
        await scan_in(activity, row.person_id)

    assert refused.value.details == {"status": status}


async def test_draft_takes_no_check_in(city):
    draft = await activities.activity(city, status=ActivityStatus.DRAFT)

    with pytest.raises(NotFound):
        await scan_in(draft, city.grandma.id)


async def test_expired_code_is_refused(activity):
    row = await seat(activity)

    with pytest.raises(CodeExpired):
        await scan_in(activity, row.person_id, code=code(activity), at=STARTS + minutes(1))

    assert (await fresh(row)).checked_in_at is None


async def test_volunteer_checks_in_by_the_same_code(city, activity):
    li = await check_ins.add_volunteer(city, activity)

    assert [one.booking.post.title for one in await scan_in(activity, li.person_id)] == ["签到"]


async def test_checked_in_person_has_attended_when_the_activity_is_finished(city, activity):
    came, stayed = await seat(activity), await seat(activity, await factories.person("路人", NOW))
    await scan_in(activity, came.person_id)

    await check_ins.finish(city, activity, ENDS)

    assert [(await fresh(one)).booking.status for one in (came, stayed)] == ["attended", "no_show"]
