"""Changes of a published activity: what moves, what is refused, who is notified."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from server.database import db
from server.domain import venues
from server.domain.activities import changes as activities_changes
from server.errors import (
    ActivityBegun,
    ActivityEnded,
    ActivityPublished,
    InvalidActivityPlan,
    InvalidActivityState,
    NotAllowed,
    NotFound,
    PlaceRequired,
    Refusal,
    SeatsBelowBooked,
    SeatsOrPostsRequired,
    VenueTaken,
    VenueTooSmall,
)
from server.models import Activity, ActivityStatus, AuditEntry, Booking, BookingStatus, Channel, Job, Notice, VenueUse
from tests import factories
from tests.conftest import NOW
from tests.factories import activities
from tests.factories.activities import STARTS, fresh, row

S = BookingStatus
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIMES = ("starts_at", "ends_at", "booking_closes_at", "cancellation_until")


@pytest.fixture
async def dance(city):
    return await activities.activity(city, seats=4)


@pytest.fixture
async def hall(city):
    return await venue(city)


async def venue(city, name="大厅", capacity=50):
    wanted = venues.NewVenue(city.stations["邻玉社工站"].id, "multi_purpose", name, capacity)
    return await venues.create(wanted, by=city.staff["赵站长"], now=NOW)


async def change(city, one, *, by="陈社工", now=NOW, **changes):
    return await activities_changes.change(one.id, changes, by=city.staff[by], now=now)


async def line_of(one, *sizes, status=S.BOOKED):
    people = [await factories.person(f"{status}{number}", NOW) for number, _ in enumerate(sizes)]
    return [await row(one, person, status, size=size) for person, size in zip(people, sizes, strict=True)]


async def told(person_id):
    return await Notice.filter(person_id=person_id, template="activity_changed").values_list("body", flat=True)


async def test_text_changes_without_notices(city, dance):
    await line_of(dance, 1)

    changed = await change(city, dance, title="免费体检和咨询", text="可以带家人。")

    assert (changed.title, (await fresh(dance)).text) == ("免费体检和咨询", "可以带家人。")
    assert await Notice.all().count() == 0
    assert (await AuditEntry.get(action="activity.changed")).facts == {"fields": ["text", "title"]}


async def test_change_to_the_same_values_changes_nothing(city, dance):
    await change(city, dance, title=dance.title, seats=dance.seats, starts_at=dance.starts_at, place=dance.place)

    assert not await AuditEntry.exists(action="activity.changed")


async def test_new_start_moves_the_other_times(city, dance):
    changed = await change(city, dance, starts_at=STARTS + DAY)

    assert [getattr(changed, name) - getattr(dance, name) for name in TIMES] == [DAY] * 4
    kept = await fresh(dance)
    assert [getattr(kept, name) for name in TIMES] == [getattr(changed, name) for name in TIMES]


async def test_given_times_are_kept(city, dance):
    closes, until = STARTS - DAY, STARTS - 2 * DAY

    changed = await change(
        city, dance, starts_at=STARTS + HOUR, ends_at=STARTS + 4 * HOUR, booking_closes_at=closes, cancellation_until=until
    )  # fmt: skip

    assert [getattr(changed, name) for name in TIMES] == [STARTS + HOUR, STARTS + 4 * HOUR, closes, until]


async def test_earlier_end_closes_booking(city):
    one = await activities.activity(city, booking_closes_at=STARTS + 2 * HOUR)

    changed = await change(city, one, ends_at=STARTS + HOUR)

    assert changed.booking_closes_at == STARTS + HOUR


async def test_priority_ends_with_booking(city):
    one = await activities.activity(city, priority_until=STARTS - DAY)

    changed = await change(city, one, booking_closes_at=STARTS - 2 * DAY)

    assert changed.priority_until == STARTS - 2 * DAY


async def test_booked_and_waiting_people_read_the_old_and_new_time_and_place(city, dance):
    [seated], [waiting], [gone] = [await line_of(dance, 1, status=one) for one in (S.BOOKED, S.WAITING, S.CANCELLED)]

    await change(city, dance, starts_at=datetime(2026, 3, 14, 1, tzinfo=UTC), place="邻玉小学操场")

    body = (
        "“免费体检”有变动。时间原为3月13日（周五）10:00至12:00，现改为3月14日（周六）09:00至11:00。"
        "地点原为邻玉街道社工站一楼，现改为邻玉小学操场。如不能参加，请取消报名，把名额让给别人。"
    )
    assert await told(seated.person_id) == await told(waiting.person_id) == [body]
    assert await told(gone.person_id) == []


async def test_notice_has_only_what_changed_and_shortens_long_places(city, dance):
    [seated] = await line_of(dance, 1)

    await change(city, dance, ends_at=STARTS + 26 * HOUR)
    await change(city, dance, place="路" * 200)

    times, places = sorted(await told(seated.person_id), key=len)
    assert "现改为3月13日（周五）10:00至3月14日（周六）12:00。" in times
    assert "地点" not in times
    assert f"现改为{'路' * 80}…。" in places
    assert "时间" not in places


async def test_station_is_asked_to_call_people_without_the_mini_program(city, dance):
    await row(dance, await factories.person("刘大爷", NOW), channel=Channel.COUNTER)
    await row(dance, city.grandma, channel=Channel.COUNTER)

    await change(city, dance, place="邻玉小学操场")

    notice = await Notice.get(person_id=city.staff["林社工"].person_id, template="activity_call")
    assert "有1份报名的居民没有小程序" in notice.body


async def test_new_time_is_reminded_again(city, dance):
    await Activity.filter(id=dance.id).update(reminded_day_at=NOW, reminded_hours_at=NOW)

    later = await change(city, dance, starts_at=STARTS + DAY)
    assert (later.reminded_day_at, later.reminded_hours_at) == (None, None)
    assert (await Job.get(kind="watch_activity", subject=str(dance.id))).due_at == STARTS

    soon = await change(city, dance, starts_at=NOW + 6 * HOUR, cancellation_until=NOW)
    assert (soon.reminded_day_at, soon.reminded_hours_at) == (NOW, None)


async def test_new_place_is_not_reminded_again(city, dance):
    await Activity.filter(id=dance.id).update(reminded_day_at=NOW)

    assert (await change(city, dance, place="邻玉小学操场")).reminded_day_at == NOW


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"starts_at": NOW}, ["body.cancellation_until", "body.starts_at"]),
        ({"ends_at": NOW}, ["body.ends_at"]),
        ({"ends_at": STARTS + timedelta(days=8)}, ["body.ends_at"]),
        ({"booking_closes_at": NOW}, ["body.booking_closes_at"]),
        ({"booking_closes_at": STARTS + 3 * HOUR}, ["body.booking_closes_at"]),
        ({"cancellation_until": STARTS + HOUR}, ["body.cancellation_until"]),
    ],
)
async def test_invalid_times_are_named(city, dance, changes, fields):
    with pytest.raises(InvalidActivityPlan) as refused:
        await change(city, dance, **changes)

    assert [one["field"] for one in refused.value.details["fields"]] == fields
    assert (await fresh(dance)).starts_at == STARTS


async def test_seats_below_booked_and_offered_are_refused(city):
    one = await activities.activity(city, seats=9)
    await line_of(one, 2, 3)
    await line_of(one, 2, status=S.OFFERED)

    with pytest.raises(SeatsBelowBooked) as refused:
        await change(city, one, seats=6)
    assert refused.value.details == {"minimum": 7}

    assert (await change(city, one, seats=7)).seats == 7


async def test_last_seat_is_removed_only_with_a_post(city, dance):
    with pytest.raises(SeatsOrPostsRequired):
        await change(city, dance, seats=0)
    await activities.post(dance)

    assert (await change(city, dance, seats=0)).seats == 0


async def test_added_seats_are_offered_to_the_waiting_list(city):
    one = await activities.activity(city, seats=1)
    await line_of(one, 1)
    first, second = await line_of(one, 2, 1, status=S.WAITING)

    await change(city, one, seats=3)

    statuses = dict(await Booking.filter(activity_id=one.id).values_list("id", "status"))
    assert (statuses[first.id], statuses[second.id]) == (S.OFFERED, S.WAITING)
    assert (await fresh(one)).seats_held == 2


async def test_venue_moves_with_the_time(city, dance, hall):
    changed = await change(city, dance, venue_id=hall.id)
    assert changed.place == "邻玉社工站大厅"

    changed = await change(city, dance, starts_at=STARTS + DAY, title="义诊")

    use = await VenueUse.get(id=changed.venue_use_id)
    assert (use.starts_at, use.ends_at, use.purpose) == (STARTS + DAY, STARTS + DAY + 2 * HOUR, "义诊")


async def test_new_venue_is_reserved_and_the_old_one_released(city, dance, hall):
    [seated], small = await line_of(dance, 1), await venue(city, "小间", capacity=10)
    first = (await change(city, dance, venue_id=hall.id)).venue_use_id

    changed = await change(city, dance, venue_id=small.id, place="小间，走后门")

    assert (await VenueUse.get(id=first)).released_at == NOW
    assert (await VenueUse.get(id=changed.venue_use_id)).venue_id == small.id
    assert "地点原为邻玉社工站大厅，现改为小间，走后门。" in "".join(await told(seated.person_id))


async def test_taken_or_small_venue_is_refused_and_nothing_changes(city, dance, hall):
    await change(city, dance, venue_id=hall.id)
    span, by = (STARTS + DAY, STARTS + DAY + HOUR), city.staff["陈社工"].person_id
    take = db.transaction(venues.reserve)
    await take(hall.id, *span, "例会", station_id=hall.station_id, by=by, now=NOW)

    with pytest.raises(VenueTaken):
        await change(city, dance, starts_at=STARTS + DAY)
    with pytest.raises(VenueTooSmall):
        await change(city, dance, seats=51)

    kept = await fresh(dance)
    assert (kept.starts_at, kept.seats) == (STARTS, 4)


async def test_removed_venue_needs_a_place(city, dance, hall):
    use = (await change(city, dance, venue_id=hall.id)).venue_use_id
    with pytest.raises(PlaceRequired):
        await change(city, dance, venue_id=None)

    changed = await change(city, dance, venue_id=None, place="邻玉小学操场")

    assert (changed.venue_use_id, changed.place) == (None, "邻玉小学操场")
    assert (await VenueUse.get(id=use)).released_at == NOW


async def test_after_the_start_only_end_seats_and_texts_change(city, dance):
    during = STARTS + HOUR
    for fixed in ({"starts_at": STARTS + DAY}, {"place": "操场"}, {"venue_id": 7}):
        with pytest.raises(ActivityBegun) as refused:
            await change(city, dance, now=during, **fixed)
        assert refused.value.details == {"fields": [f"body.{name}" for name in fixed]}

    changed = await change(city, dance, now=during, ends_at=STARTS + 3 * HOUR, seats=5, text="还有座位")

    assert (changed.ends_at, changed.seats, changed.text) == (STARTS + 3 * HOUR, 5, "还有座位")


async def test_wrong_times_and_missing_place_are_named_together(city, dance):
    with pytest.raises(InvalidActivityPlan) as refused:
        await change(city, dance, ends_at=STARTS, place=None)

    assert [one["field"] for one in refused.value.details["fields"]] == ["body.ends_at", "body.place"]


async def test_ended_activity_does_not_change(city, dance):
    with pytest.raises(ActivityEnded) as refused:
        await change(city, dance, now=STARTS + 2 * HOUR, seats=5)
    assert refused.value.details == {"status": "running"}
    for status in (ActivityStatus.FINISHED, ActivityStatus.CANCELLED):
        await Activity.filter(id=dance.id).update(status=status)
        with pytest.raises(InvalidActivityState):
            await change(city, dance, seats=5)


async def test_draft_field_of_published_activity_is_refused(city, dance):
    for field in ({"max_party_size": 2}, {"questions": []}, {"min_age": 60}):
        with pytest.raises(ActivityPublished) as refused:
            await change(city, dance, title="跳舞", **field)
        assert refused.value.details == {"fields": [f"body.{name}" for name in field]}


async def test_only_staff_of_the_station_can_change_an_activity(city, dance):
    with pytest.raises(NotAllowed):
        await change(city, dance, by="冯科长", seats=5)
    with pytest.raises(NotFound):
        await change(city, dance, by="周社工", seats=5)


async def test_seats_changed_at_once_never_fall_below_booked(city):
    for _ in range(5):
        one = await activities.activity(city, seats=2)
        await line_of(one, 1, 1)
        await line_of(one, 1, 1, 1, status=S.WAITING)

        answers = await asyncio.gather(
            *(change(city, one, by=name, seats=seats) for name, seats in
              (("陈社工", 4), ("林社工", 2), ("赵站长", 3), ("陈社工", 5))), return_exceptions=True
        )  # fmt: skip

        assert all(isinstance(answer, Activity | Refusal) for answer in answers), answers
        await counts_agree(one)


async def counts_agree(one):
    """Check that the activity's counts match its bookings, within its seats."""
    kept = await fresh(one)
    sizes = dict.fromkeys((S.BOOKED, S.OFFERED, S.WAITING), 0)
    for booking in await Booking.filter(activity_id=one.id, status__in=list(sizes)):
        sizes[booking.status] += booking.size if booking.status != S.WAITING else 1
    assert (kept.seats_taken, kept.seats_held, kept.waiting) == tuple(sizes.values())
    assert kept.seats_taken + kept.seats_held <= kept.seats
