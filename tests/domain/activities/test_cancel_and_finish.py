"""The end of an activity: cancelled with notices, or finished with attendance settled."""

import asyncio
from datetime import timedelta

import pytest

from server.domain import venues
from server.domain.activities import cancel_and_finish, changes
from server.domain.bookings import booking as bookings
from server.domain.bookings.party import PartyRequest
from server.errors import (
    ActivityTooEarly,
    AttendanceOpen,
    InvalidActivityState,
    NotAllowed,
    NotFound,
    Refusal,
    VolunteersCheckedIn,
)
from server.models import (
    Activity,
    ActivityStatus,
    Attendee,
    AuditEntry,
    Booking,
    BookingStatus,
    Channel,
    Notice,
    Post,
    SeatOffer,
    VenueUse,
)
from tests import factories
from tests.conftest import NOW
from tests.factories import activities
from tests.factories.activities import STARTS, fresh, row

S = BookingStatus
ENDS = STARTS + timedelta(hours=2)
HOUR = timedelta(hours=1)


@pytest.fixture
async def dance(city):
    return await activities.activity(city)


async def cancel(city, one, *, by="陈社工", reason="有暴雨", now=NOW):
    return await cancel_and_finish.cancel(one.id, reason=reason, by=city.staff[by], now=now)


async def finish(city, one, *, by="陈社工", now=ENDS):
    return await cancel_and_finish.finish(one.id, by=city.staff[by], now=now)


async def booked(one, name, status=S.BOOKED, **more):
    return await row(one, await factories.person(name, NOW), status, **more)


async def volunteer(one, *, checked_in_at=None, checked_out_at=None):
    """Create a volunteer with a post."""
    place = await activities.post(one, title=f"岗位{await Post.all().count()}")
    booking = await booked(one, "志愿者", post=place)
    await Post.filter(id=place.id).update(taken=1)
    await Attendee.filter(booking_id=booking.id).update(checked_in_at=checked_in_at, checked_out_at=checked_out_at)
    return booking


async def comes(booking, at=STARTS):
    await Attendee.filter(booking_id=booking.id).update(checked_in_at=at)


async def statuses(one):
    return [each.status for each in await Booking.filter(activity_id=one.id).order_by("number")]


async def counts(one):
    kept = await fresh(one)
    return kept.seats_taken, kept.seats_held, kept.waiting


async def test_cancelled_activity_ends_bookings_and_frees_seats(city, dance):
    await booked(dance, "有座")
    offered = await booked(dance, "轮到", S.OFFERED)
    await booked(dance, "候补", S.WAITING)
    moments = {"offered_at": NOW, "expires_at": NOW + HOUR}
    await SeatOffer.create(booking=offered, activity=dance, seats=1, **moments)
    helper = await volunteer(dance)

    cancelled = await cancel(city, dance)

    assert (cancelled.status, cancelled.listed, cancelled.end_reason) == (ActivityStatus.CANCELLED, 0, "有暴雨")
    assert await statuses(dance) == [S.CANCELLED] * 4
    assert await counts(dance) == (0, 0, 0)
    assert not await Attendee.exists(current=1)
    assert not await SeatOffer.exists(open=1)
    assert (await Post.get(id=helper.post_id)).taken == 0
    kept = await fresh(dance)
    assert (kept.status, kept.listed, kept.ended_at) == (ActivityStatus.CANCELLED, 0, NOW)


async def test_booked_and_waiting_people_read_the_reason_once(city, dance):
    seated, waiting = await booked(dance, "有座"), await booked(dance, "候补", S.WAITING)
    offered, helper = await booked(dance, "轮到", S.OFFERED), await volunteer(dance)
    await booked(dance, "早取消了", S.CANCELLED)

    await cancel(city, dance)

    told = await Notice.filter(template="activity_cancelled").order_by("person_id")
    assert [one.person_id for one in told] == sorted(one.person_id for one in (seated, waiting, offered, helper))
    assert {one.body for one in told} == {
        "“免费体检”（原定3月13日（周五）10:00至12:00）已取消，原因：有暴雨。给您带来不便，敬请谅解。"
    }


async def test_longest_texts_fit_into_a_notice(city):
    one = await activities.activity(city, title="题" * 60, ends_at=STARTS + timedelta(days=6))
    seated = await booked(one, "有座")

    await cancel(city, one, reason="因" * 200)

    assert (await Notice.get(person_id=seated.person_id)).body.endswith("敬请谅解。")


async def test_station_is_asked_to_call_people_booked_at_the_counter(city, dance):
    await booked(dance, "刘大爷", channel=Channel.COUNTER)

    await cancel(city, dance)

    notice = await Notice.get(person_id=city.staff["赵站长"].person_id, template="activity_call")
    assert "有1份报名" in notice.body


@pytest.mark.parametrize(("now", "given_back"), [(NOW, NOW), (ENDS, None)])
async def test_venue_is_released_unless_its_time_is_over(city, dance, now, given_back):
    wanted = venues.NewVenue(dance.station_id, "multi_purpose", "大厅", 50)
    hall = await venues.create(wanted, by=city.staff["赵站长"], now=NOW)
    await changes.change(dance.id, {"venue_id": hall.id}, by=city.staff["陈社工"], now=NOW)

    await cancel(city, dance, now=now)

    assert (await VenueUse.get(venue_id=hall.id)).released_at == given_back


async def test_people_checked_in_before_the_cancellation_have_attended(city, dance):
    came, stayed = await booked(dance, "来了"), await booked(dance, "没来")
    await comes(came)

    await cancel(city, dance, now=STARTS + HOUR)

    assert await statuses(dance) == [S.ATTENDED, S.CANCELLED]
    assert (await fresh(dance)).seats_taken == came.size
    assert await Attendee.filter(current=1).values_list("booking_id", flat=True) == [came.id]
    assert not await Notice.exists(person_id=stayed.person_id, template="no_show")


async def test_cancellation_is_refused_until_volunteers_check_out(city, dance):
    await volunteer(dance, checked_in_at=STARTS, checked_out_at=STARTS + HOUR)
    serving = await volunteer(dance, checked_in_at=STARTS)

    with pytest.raises(VolunteersCheckedIn) as refused:
        await cancel(city, dance, now=STARTS + HOUR)
    assert refused.value.details == {"volunteers": 1}

    await Attendee.filter(booking_id=serving.id).update(checked_out_at=STARTS + HOUR)
    assert (await cancel(city, dance, now=STARTS + HOUR)).status == ActivityStatus.CANCELLED


async def test_ended_activity_cannot_be_cancelled_or_finished(city, dance):
    for status in (ActivityStatus.DRAFT, ActivityStatus.FINISHED, ActivityStatus.CANCELLED):
        await Activity.filter(id=dance.id).update(status=status)
        for end in (cancel, finish):
            with pytest.raises(InvalidActivityState) as refused:
                await end(city, dance)
            assert refused.value.details == {"status": status}


async def test_only_staff_of_the_station_can_end_an_activity(city, dance):
    for end in (cancel, finish):
        with pytest.raises(NotAllowed):
            await end(city, dance, by="卫处长")
        with pytest.raises(NotFound):
            await end(city, dance, by="吴站长")


async def test_finished_activity_settles_attendance_no_shows_and_waiting_list(city, dance):
    came = await booked(dance, "来了")
    await booked(dance, "没来")
    await booked(dance, "候补", S.WAITING)
    await comes(came)

    finished = await finish(city, dance)

    assert (finished.status, finished.ended_at) == (ActivityStatus.FINISHED, ENDS)
    assert await statuses(dance) == [S.ATTENDED, S.NO_SHOW, S.NOT_REACHED]
    assert ((await fresh(dance)).status, (await fresh(dance)).listed) == (ActivityStatus.FINISHED, 1)
    assert await AuditEntry.exists(action="activity.finished", person_id=city.staff["陈社工"].person_id)


async def test_finish_before_the_start_is_refused(city, dance):
    with pytest.raises(ActivityTooEarly) as refused:
        await finish(city, dance, now=STARTS - timedelta(seconds=1))

    assert refused.value.details == {"possible_from": STARTS}


async def test_finish_before_the_end_is_refused_while_people_may_come(city, dance):
    came, late = await booked(dance, "来了"), await booked(dance, "还没到")
    offered = await booked(dance, "轮到", S.OFFERED)
    await comes(came)

    with pytest.raises(AttendanceOpen) as refused:
        await finish(city, dance, now=STARTS + HOUR)
    assert refused.value.details == {"missing": 1, "offered": 1, "possible_from": ENDS}

    await comes(late)
    await Booking.filter(id=offered.id).update(status=S.CANCELLED)
    assert (await finish(city, dance, now=STARTS + HOUR)).status == ActivityStatus.FINISHED


async def test_absent_volunteers_and_waiting_bookings_do_not_block_an_early_finish(city, dance):
    await volunteer(dance)
    await booked(dance, "候补", S.WAITING)

    assert (await finish(city, dance, now=STARTS)).status == ActivityStatus.FINISHED


async def test_station_is_notified_of_volunteers_without_check_out(city, dance):
    await volunteer(dance, checked_in_at=STARTS)
    await volunteer(dance, checked_in_at=STARTS, checked_out_at=ENDS)

    await finish(city, dance)

    notice = await Notice.get(person_id=city.staff["林社工"].person_id, template="activity_not_left")
    assert "还有1位志愿者没有签退" in notice.body


async def test_station_is_not_notified_if_all_volunteers_checked_out(city, dance):
    await volunteer(dance, checked_in_at=STARTS, checked_out_at=ENDS)

    await finish(city, dance)

    assert not await Notice.exists(template="activity_not_left")


async def test_cancel_and_finish_at_once_end_in_one_of_them(city):
    for _ in range(5):
        one = await activities.activity(city)
        await booked(one, "没来")

        answers = await asyncio.gather(
            cancel(city, one, now=ENDS), finish(city, one, by="林社工"), cancel(city, one, by="赵站长", now=ENDS),
            return_exceptions=True,
        )  # fmt: skip

        [won] = [answer for answer in answers if isinstance(answer, Activity)]
        assert sum(isinstance(answer, InvalidActivityState) for answer in answers) == 2
        ended = {ActivityStatus.CANCELLED: S.CANCELLED, ActivityStatus.FINISHED: S.NO_SHOW}[won.status]
        assert await statuses(one) == [ended]


async def test_booking_during_cancellation_is_refused_or_notified(city):
    for _ in range(5):
        one = await activities.activity(city)
        people = [await factories.person(f"居民{number}", NOW, city.areas["团结村"]) for number in range(6)]

        answers = await asyncio.gather(
            *(bookings.book(one.id, PartyRequest(), by=person.id, now=NOW) for person in people[:3]),
            cancel(city, one),
            *(bookings.book(one.id, PartyRequest(), by=person.id, now=NOW) for person in people[3:]),
            return_exceptions=True,
        )

        assert all(isinstance(answer, Activity | Booking | Refusal) for answer in answers), answers
        got_in = sorted(answer.person_id for answer in answers if isinstance(answer, Booking))
        told = Notice.filter(template="activity_cancelled", person_id__in=[person.id for person in people])
        assert sorted(await told.values_list("person_id", flat=True)) == got_in
        assert set(await statuses(one)) <= {S.CANCELLED}
        assert await counts(one) == (0, 0, 0)
