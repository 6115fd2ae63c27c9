"""Points for attendance: given once, in batches after the activity, by the rule that it names.

Volunteers earn by the hours of their posts and get no attendance points.
"""

from datetime import datetime

from server.database import db
from server.domain import households, job_queue, staff
from server.domain.points import earning
from server.domain.working_time import SHANGHAI
from server.models import Activity, ActivityStatus, Attendee, CheckInWay, EarningRule, RuleKind

JOB_KIND = "reward_activity"
BATCH_SIZE = 50


async def schedule(activity: Activity, now: datetime) -> None:
    """Plan the job that gives points for a finished activity, if it names a rule; a repeated call changes nothing."""
    if activity.rule_id is not None:
        await job_queue.plan(JOB_KIND, activity.id, due=now)


@db.transaction
async def reward(activity_id: int, *, after: int, now: datetime) -> int | None:
    """Give points to the next attendees after the id `after`; return where to continue, or None when done.

    A person gets no points for an activity that they published, or if they or a household member checked them in.
    """
    activity = await Activity.get_or_none(id=activity_id, status=ActivityStatus.FINISHED)
    rule = await _active_rule(activity) if activity else None
    if activity is None or rule is None:
        return None
    attendees = await _next_attendees(activity, after)
    workers = set((await staff.of_station(activity.station_id)).acting)
    earning_it = [one for one in attendees if await _may_earn(one, activity, workers, now)]
    day = activity.starts_at.astimezone(SHANGHAI).date()
    await earning.earn_for_attendees(earning_it, rule, day=day, now=now)
    return attendees[-1].id if len(attendees) == BATCH_SIZE else None


async def _active_rule(activity: Activity) -> EarningRule | None:
    """Return the rule if it is still active: the head may have ended it after the activity was published."""
    rules = EarningRule.filter(id=activity.rule_id or 0, station_id=activity.station_id)
    return await rules.filter(kind=RuleKind.ACTIVITY, active=True).first()


async def _next_attendees(activity: Activity, after: int) -> list[Attendee]:
    seated = Attendee.filter(activity_id=activity.id, current=1, booking__post_id=None, id__gt=after)
    attendees = seated.filter(checked_in_at__not_isnull=True, person_id__not_isnull=True)
    return await attendees.order_by("id").limit(BATCH_SIZE)


async def _may_earn(one: Attendee, activity: Activity, workers: set[int], now: datetime) -> bool:
    assert one.person_id is not None, "only who has an account has points"
    if one.person_id == activity.published_by_id:
        return False
    # The code on the screen proves a resident's presence, but people who work there can see it from anywhere.
    vouched = one.check_in_way != CheckInWay.OWN_PHONE or one.checked_in_by_id in workers
    if not vouched or one.checked_in_by_id is None:
        return True
    return not await households.near(one.person_id, one.checked_in_by_id, now=now)
