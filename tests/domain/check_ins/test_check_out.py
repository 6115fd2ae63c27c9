"""Check-out of volunteers: the time since check-in becomes service time, once."""

from datetime import timedelta

import pytest

from server.domain.service_records import limits
from server.domain.service_records.time_spans import Span
from server.errors import (
    CheckInCancelled,
    CheckOutTooEarly,
    CodeExpired,
    CodeReplayed,
    NotCheckedIn,
    PostRequired,
    ServiceOverlaps,
)
from server.models import BookingStatus, Notice, Policy, RecordSource, RecordStatus, ServiceRecord, Volunteer
from tests.factories import check_ins, records
from tests.factories.check_ins import (
    ENDS,
    STARTS,
    add_volunteer,
    code,
    fresh,
    health_check,
    minutes,
    scan_in,
    scan_out,
    seat,
)


@pytest.fixture
async def activity(city):
    return await health_check(city)


@pytest.fixture
async def li(city, activity):
    return await add_volunteer(city, activity)


async def test_time_between_is_verified_and_waits_for_approval(activity, li):
    await scan_in(activity, li.person_id, at=STARTS - minutes(20))

    left = await scan_out(activity, li.person_id, at=STARTS + minutes(75))

    record = await check_ins.record_of(li)
    assert (record.id, left.record.id) == (left.record.id, (await fresh(li)).service_record_id)
    assert (record.status, record.source, record.verified) == (RecordStatus.CLAIMED, RecordSource.ACTIVITY, True)
    assert (record.started_at, record.ended_at) == (STARTS - minutes(20), STARTS + minutes(75))
    assert (record.minutes, record.counts, record.text) == (95, 1, "免费体检（签到）")
    assert (record.volunteer_id, record.station_id) == (li.person_id, activity.station_id)


async def test_repeated_check_out_changes_nothing(activity, li):
    await scan_in(activity, li.person_id)
    first = await scan_out(activity, li.person_id)

    again = await scan_out(activity, li.person_id, at=ENDS + minutes(9))

    assert (first.is_new, again.is_new, again.record.id) == (True, False, first.record.id)
    assert (await fresh(li)).checked_out_at == ENDS
    assert await ServiceRecord.all().count() == 1


@pytest.mark.parametrize("seconds", [0, 29, 30, 59])
async def test_code_of_the_check_in_cannot_check_out(activity, li, seconds):
    await scan_in(activity, li.person_id)

    with pytest.raises(CodeReplayed):
        await scan_out(activity, li.person_id, at=STARTS + timedelta(seconds=seconds), code=code(activity))


async def test_earlier_code_cannot_check_out(activity, li):
    await scan_in(activity, li.person_id)
    before = code(activity, STARTS - timedelta(seconds=30))

    with pytest.raises(CodeReplayed):
        await scan_out(activity, li.person_id, at=STARTS + timedelta(seconds=29), code=before)


async def test_any_code_checks_out_a_volunteer_checked_in_from_the_list(city, activity, li):
    await check_ins.list_in(city, activity, li)

    assert (await scan_out(activity, li.person_id, at=STARTS + minutes(1))).record.minutes == 1


async def test_expired_code_cannot_check_out(activity, li):
    await scan_in(activity, li.person_id)

    with pytest.raises(CodeExpired):
        await scan_out(activity, li.person_id, code=code(activity))


async def test_check_out_within_a_minute_is_refused(activity, li):
    await scan_in(activity, li.person_id)

    with pytest.raises(CheckOutTooEarly) as refused:
        await scan_out(
            activity, li.person_id, at=STARTS + timedelta(seconds=59), code=code(activity, STARTS + minutes(1))
        )

    assert refused.value.details == {"attendee": li.id, "possible_from": STARTS + minutes(1)}


async def test_check_out_without_check_in_is_refused(activity, li):
    with pytest.raises(NotCheckedIn):
        await scan_out(activity, li.person_id)


async def test_residents_cannot_check_out(city, activity):
    row = await seat(activity)
    await scan_in(activity, row.person_id)

    with pytest.raises(PostRequired):
        await scan_out(activity, row.person_id)
    with pytest.raises(PostRequired):
        await check_ins.list_out(city, activity, row)


async def test_forgotten_check_out_counts_until_an_hour_after_the_end(activity, li):
    await scan_in(activity, li.person_id)

    left = await scan_out(activity, li.person_id, at=ENDS + minutes(20 * 60))

    assert (left.record.ended_at, left.record.minutes) == (ENDS + minutes(60), 180)
    assert (await fresh(li)).checked_out_at == ENDS + minutes(20 * 60)


async def test_counted_time_after_the_end_is_a_policy_of_the_station(activity, li):
    scope = f"station:{activity.station_id}"
    await Policy.create(name="check_out_grace_minutes", scope=scope, value=0, source="测试")
    await scan_in(activity, li.person_id)

    assert (await scan_out(activity, li.person_id, at=ENDS + minutes(30))).record.minutes == 120


async def test_check_out_works_on_a_day_that_is_full(city, activity, li):
    await records.record(city, await li.person, began=STARTS - minutes(570), minutes=570)
    await scan_in(activity, li.person_id)

    assert (await scan_out(activity, li.person_id)).record.minutes == 30


async def test_time_served_elsewhere_does_not_count_again(city, activity, li):
    await records.record(city, await li.person, began=STARTS - minutes(10), minutes=70)
    await scan_in(activity, li.person_id)

    record = (await scan_out(activity, li.person_id)).record

    assert (record.started_at, record.ended_at, record.minutes) == (STARTS + minutes(60), ENDS, 60)


async def test_check_out_after_full_time_elsewhere_makes_a_record_without_minutes(city, activity, li):
    await records.record(city, await li.person, began=STARTS - minutes(10), minutes=300)
    await scan_in(activity, li.person_id)

    record = (await scan_out(activity, li.person_id)).record

    assert (record.minutes, record.counts) == (0, None)


async def test_check_out_after_the_activity_is_finished_counts(city, activity, li):
    await scan_in(activity, li.person_id)
    await check_ins.finish(city, activity)

    left = await scan_out(activity, li.person_id, at=ENDS + minutes(10))

    assert (left.record.minutes, (await fresh(li)).booking.status) == (130, BookingStatus.ATTENDED)


async def test_check_out_of_a_volunteer_banned_meanwhile_counts(activity, li):
    await scan_in(activity, li.person_id)
    await Volunteer.filter(person_id=li.person_id).update(status="banned")

    assert (await scan_out(activity, li.person_id)).record.minutes == 120


async def test_cancelled_post_cannot_be_checked_out(city, activity, li):
    await check_ins.list_in(city, activity, li)
    await check_ins.set_status(li, BookingStatus.CANCELLED)

    with pytest.raises(PostRequired):
        await scan_out(activity, li.person_id)
    with pytest.raises(CheckInCancelled):
        await check_ins.list_out(city, activity, li)


async def test_volunteer_checked_out_by_others_is_notified(city, activity, li):
    other = await add_volunteer(city, activity, "赵敏")
    for one in (li, other):
        await scan_in(activity, one.person_id)
    await scan_out(activity, other.person_id)
    await check_ins.list_out(city, activity, li, other)
    await check_ins.list_out(city, activity, li, other)

    told = await Notice.filter(template="post_checked_out")

    assert [one.person_id for one in told] == [li.person_id]
    assert (told[0].subject_kind, told[0].subject_id) == ("service_record", (await check_ins.record_of(li)).id)
    assert "李" not in told[0].body


async def test_time_of_an_open_post_cannot_be_back_entered(activity, li):
    await scan_in(activity, li.person_id)
    span = Span(STARTS, STARTS + minutes(30))

    with pytest.raises(ServiceOverlaps) as refused:
        await limits.require_not_serving(li.person_id, span)

    assert refused.value.details == {"started_at": STARTS, "ended_at": None}
    await limits.require_not_serving(li.person_id, Span(STARTS - minutes(30), STARTS))
    await scan_out(activity, li.person_id)
    await limits.require_not_serving(li.person_id, span)


async def test_seat_or_cancelled_post_does_not_block_back_entry(activity, li):
    row = await seat(activity)
    for one in (li, row):
        await scan_in(activity, one.person_id)
    await check_ins.set_status(li, BookingStatus.CANCELLED)

    for one in (li, row):
        assert await limits.require_not_serving(one.person_id, Span(STARTS, ENDS)) is None
