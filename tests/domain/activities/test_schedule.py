"""The schedule of an activity: reminders outside the quiet hours, and the automatic finish."""

from datetime import timedelta

import pytest

from server.domain import station_lifecycle
from server.domain.activities import cancel_and_finish, changes, quiet_hours, schedule
from server.domain.activities import schedule as activities_schedule
from server.models import (
    Activity,
    ActivityStatus,
    AuditEntry,
    Booking,
    BookingStatus,
    Job,
    Notice,
    Policy,
    Role,
    StationStatus,
)
from tests import factories
from tests.conftest import NOW
from tests.domain.activities.test_quiet_hours import at
from tests.factories import activities
from tests.factories.activities import STARTS, fresh, row
from tests.jobs.working import needs_follow

S = BookingStatus
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Two hours long, and finished by the job twelve hours later.
FINISH = STARTS + 14 * HOUR


@pytest.fixture
async def dance(city):
    return await activities.activity(city)


async def starting(city, starts_at, **more):
    made = await activities.activity(city, starts_at=starts_at, **more)
    await row(made, city.grandma)
    return made


async def moments(one):
    """Return when its reminders are due."""
    return list((await schedule.due_times(one, await quiet_hours.get_quiet_hours())).reminders.values())


async def due(one):
    return (await Job.get(kind="watch_activity", subject=str(one.id))).due_at


async def reminders(person):
    found = Notice.filter(person_id=person.id, template="activity_reminder")
    return await found.order_by("created_at").values_list("body", flat=True)


@pytest.mark.parametrize(
    ("starts_at", "day", "hours"),
    [
        (at(13, 10), at(12, 10), at(13, 8)),
        (at(13, 15), at(12, 15), at(13, 13)),
        (at(13, 9), at(12, 9), at(13, 8)),  # two hours before it are in the quiet hours
        (at(13, 8, 30), at(12, 8, 30), at(13, 8)),
        (at(13, 8, 29), at(12, 8, 29), at(12, 20)),  # the morning would be too late
        (at(13, 6), at(12, 8), at(12, 20)),
        (at(13, 22), at(12, 20), at(13, 20)),  # the next morning is not the day before any more
        (at(13, 23, 30), at(12, 20), at(13, 20)),
    ],
)
async def test_reminders_are_a_day_and_two_hours_before_outside_quiet_hours(city, starts_at, day, hours):
    assert await moments(await starting(city, starts_at)) == [day, hours]


async def test_booked_person_gets_each_reminder_once(city, dance):
    await row(dance, city.grandma)
    waiting = await factories.person("候补", NOW)
    await row(dance, waiting, S.WAITING)

    for moment in (STARTS - DAY, STARTS - DAY, STARTS - 2 * HOUR, STARTS - HOUR):
        await activities_schedule.do_due_actions(dance.id, now=moment)

    when = "3月13日（周五）10:00至12:00，地点：邻玉街道社工站一楼。如不能参加，请取消报名，把名额让给别人。"
    assert await reminders(city.grandma) == [
        f"您报名的“免费体检”明天开始：{when}",
        f"您报名的“免费体检”今天开始：{when}",
    ]
    assert await reminders(waiting) == []


async def test_early_job_does_nothing_and_plans_the_next(city, dance):
    await row(dance, city.grandma)
    looked = {}
    for moment in (NOW, STARTS - DAY, STARTS - 2 * HOUR, STARTS):
        await activities_schedule.do_due_actions(dance.id, now=moment)
        looked[moment] = await due(dance)

    assert looked == {NOW: STARTS - DAY, STARTS - DAY: STARTS - 2 * HOUR, STARTS - 2 * HOUR: FINISH, STARTS: FINISH}


async def test_person_booked_after_a_due_reminder_does_not_get_it(city, dance):
    await row(dance, city.grandma, booked_at=STARTS - DAY)

    await activities_schedule.do_due_actions(dance.id, now=STARTS - DAY + HOUR)
    assert await reminders(city.grandma) == []

    await activities_schedule.do_due_actions(dance.id, now=STARTS - 2 * HOUR)
    assert len(await reminders(city.grandma)) == 1


async def test_late_job_sends_only_the_latest_reminder(city, dance):
    await row(dance, city.grandma)

    await activities_schedule.do_due_actions(dance.id, now=STARTS - HOUR)

    [body] = await reminders(city.grandma)
    assert "今天开始" in body
    kept = await fresh(dance)
    assert kept.reminded_day_at == kept.reminded_hours_at == STARTS - HOUR


async def test_job_late_into_the_quiet_hours_waits_for_the_morning(city):
    one = await starting(city, at(13, 22))

    await activities_schedule.do_due_actions(one.id, now=at(12, 23))
    assert (await reminders(city.grandma), await due(one)) == ([], at(13, 8))

    await activities_schedule.do_due_actions(one.id, now=at(13, 8))
    [body] = await reminders(city.grandma)
    assert "今天开始" in body


async def test_reminder_has_the_date_if_the_activity_is_not_tomorrow(city):
    one = await starting(city, at(13, 0, 30))
    assert await moments(one) == [at(12, 8), at(12, 20)]
    await Activity.filter(id=one.id).update(starts_at=at(14, 0, 30), ends_at=at(14, 2))
    await Policy.create(name="activity_reminder_hours", scope="city", value=12, source="")

    await activities_schedule.do_due_actions(one.id, now=at(13, 13))

    [body] = await reminders(city.grandma)
    assert "“免费体检”明天开始" in body


async def test_running_activity_sends_no_reminders(city, dance):
    await row(dance, city.grandma)

    await activities_schedule.do_due_actions(dance.id, now=STARTS)

    assert await reminders(city.grandma) == []
    assert await due(dance) == FINISH


async def test_changed_time_is_reminded_again(city, dance):
    await row(dance, city.grandma)
    await activities_schedule.do_due_actions(dance.id, now=STARTS - DAY)
    await changes.change(dance.id, {"starts_at": STARTS + 2 * DAY}, by=city.staff["陈社工"], now=STARTS - DAY)

    for moment in (STARTS - 2 * HOUR, STARTS + DAY):
        await activities_schedule.do_due_actions(dance.id, now=moment)

    first, second = await reminders(city.grandma)
    assert ("3月13日" in first, "3月15日" in second) == (True, True)


async def test_activity_is_finished_automatically(city, dance):
    await row(dance, city.grandma)
    await activities_schedule.do_due_actions(dance.id, now=FINISH - timedelta(seconds=1))
    assert (await fresh(dance)).status == ActivityStatus.PUBLISHED

    await activities_schedule.do_due_actions(dance.id, now=FINISH)

    kept = await fresh(dance)
    assert (kept.status, kept.ended_at) == (ActivityStatus.FINISHED, FINISH)
    assert (await Booking.get(activity_id=dance.id)).status == S.NO_SHOW
    assert (await AuditEntry.get(action="activity.finished")).person_id is None


async def test_station_policy_changes_the_automatic_finish(city, dance):
    scope = f"station:{dance.station_id}"
    await Policy.create(name="auto_finish_hours", scope=scope, value=24, source="")

    await activities_schedule.do_due_actions(dance.id, now=FINISH)

    assert (await fresh(dance)).status == ActivityStatus.PUBLISHED
    assert await due(dance) == STARTS + 26 * HOUR


async def test_drafts_and_ended_activities_are_ignored(city, dance):
    await cancel_and_finish.cancel(dance.id, reason="有暴雨", by=city.staff["陈社工"], now=NOW)
    draft = await activities.activity(city, status=ActivityStatus.DRAFT)

    for one in (dance, draft):
        await activities_schedule.do_due_actions(one.id, now=FINISH)

    assert [(await fresh(one)).status for one in (dance, draft)] == [ActivityStatus.CANCELLED, ActivityStatus.DRAFT]
    assert not await Job.exists(kind="watch_activity")


async def test_closing_station_cancels_coming_activities_with_a_notice(city, dance):
    running = await activities.activity(city, starts_at=NOW - HOUR, booking_opens_at=NOW - DAY)
    await row(dance, city.grandma)
    await station_lifecycle.close(dance.station_id, reason="撤并", by=city.staff["冯科长"], now=NOW)
    await needs_follow()
    assert await due(dance) == NOW
    assert not await Job.exists(kind="watch_activity", subject=str(running.id))

    for one in (dance, running):
        await activities_schedule.do_due_actions(one.id, now=NOW)

    assert (await fresh(dance)).end_reason == "站点已撤销"
    assert (await fresh(running)).status == ActivityStatus.PUBLISHED
    notice = await Notice.get(person_id=city.grandma.id, template="activity_cancelled")
    assert "原因：站点已撤销" in notice.body


async def test_suspended_station_asks_staff_and_officer_about_coming_activities(city, dance):
    await activities.activity(city, starts_at=NOW - HOUR, booking_opens_at=NOW - DAY)
    await activities.activity(city, status=ActivityStatus.DRAFT)
    await Role.filter(person_id=city.staff["林社工"].person_id).update(current=None)

    await station_lifecycle.suspend(dance.station_id, reason="装修", by=city.staff["冯科长"], now=NOW)

    told = await Notice.filter(template="activities_unsettled").order_by("person_id")
    expected = sorted(city.staff[name].person_id for name in ("冯科长", "陈社工", "赵站长"))
    assert [one.person_id for one in told] == expected
    assert "还有1场已发布的活动" in told[0].body
    await activities_schedule.do_due_actions(dance.id, now=NOW)
    assert (await fresh(dance)).status == ActivityStatus.PUBLISHED


async def test_suspension_without_activities_notifies_nobody(city):
    paused = await station_lifecycle.suspend(
        city.stations["邻玉社工站"].id, reason="装修", by=city.staff["冯科长"], now=NOW
    )

    assert paused.status == StationStatus.SUSPENDED
    assert not await Notice.exists(template="activities_unsettled")
