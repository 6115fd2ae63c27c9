"""Ratings of activities by their participants: 1 to 5 stars, one rating per person, changeable for some hours.

Nobody is notified of a rating: its moment would show whose it is. A low one opens no call-back, as only needs have
call-backs; the station's heads learn of it with the figures (`activity_figures.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import audit, policies
from server.domain.activities import public_queries as activities
from server.domain.activities import rating_period
from server.errors import DeadlinePassed, NotFound
from server.errors.satisfaction import ActivityNotOver, OwnActivity, ParticipantRequired, RatingClosed
from server.models import Activity, ActivityRating, ActivitySatisfaction, Attendee, Booking
from server.models.satisfaction import RatingTag


@dataclass(frozen=True)
class GivenRating:
    """A rating, and until when it can be changed."""

    rating: ActivityRating
    changeable_until: datetime


@db.transaction
async def rate(
    activity_id: int, *, stars: int, tags: Sequence[RatingTag], comment: str, by: int, now: datetime
) -> GivenRating:
    """Rate an activity that is over, or change the rating; sending the same rating again changes nothing.

    Raises `ParticipantRequired` for a person who was not checked in under their own name, `OwnActivity` for its
    organiser and its volunteers, `ActivityNotOver` before its end, `DeadlinePassed` after the policy `rating_days`,
    and `RatingClosed` for a change after `rating_change_hours`.
    """
    activity = await _get_public_activity(activity_id)
    await _require_attendance(activity, by)
    content = {"stars": stars, "tags": sorted(set(tags)), "comment": comment}
    rating = await ActivityRating.get_or_none(activity_id=activity.id, person_id=by)
    if rating is not None and content == {name: getattr(rating, name) for name in content}:
        return await _with_deadline(rating)
    await _require_open_figures(activity)
    rating = await (_change(rating, content, now) if rating else _create(activity, content, by, now))
    await audit.note("activity.rated", f"activity:{activity.id}", by=by, now=now, stars=stars)
    return await _with_deadline(rating)


async def _get_public_activity(activity_id: int) -> Activity:
    activity = await Activity.get_or_none(id=activity_id, listed=1)
    if activity is None:
        raise NotFound
    return activity


async def _require_attendance(activity: Activity, person_id: int) -> None:
    """Lock the person's attendance, so that two ratings of theirs at once come one after the other."""
    attendees = Attendee.filter(activity_id=activity.id, person_id=person_id, current=1)
    attendee = await attendees.select_for_update().first()
    if attendee is None or attendee.checked_in_at is None:
        raise ParticipantRequired
    served = await Booking.filter(id=attendee.booking_id, post_id__not_isnull=True).exists()
    if served or person_id in {activity.created_by_id, activity.published_by_id}:
        raise OwnActivity


async def _create(activity: Activity, content: dict[str, Any], by: int, now: datetime) -> ActivityRating:
    over_at = rating_period.over_at(activity)
    if now < over_at:
        raise ActivityNotOver(possible_from=over_at)
    until = await rating_period.closes_at(activity)
    if now > until:
        raise DeadlinePassed(until=until)
    return await ActivityRating.create(
        activity_id=activity.id, person_id=by, station_id=activity.station_id, rated_at=now, **content
    )


async def _require_open_figures(activity: Activity) -> None:
    """Refuse a rating after the figures were fixed, whatever the policies are by now: a figure never changes."""
    fixed = await ActivitySatisfaction.get_or_none(activity_id=activity.id)
    if fixed is not None:
        raise DeadlinePassed(until=fixed.fixed_at)


async def _change(rating: ActivityRating, content: dict[str, Any], now: datetime) -> ActivityRating:
    until = (await _with_deadline(rating)).changeable_until
    if now > until:
        raise RatingClosed(until=until)
    columns = {**content, "changed_at": now}
    await ActivityRating.filter(id=rating.id).update(**columns)
    return rating.update_from_dict(columns)


async def get_rating(activity_id: int, person_id: int) -> GivenRating | None:
    """Return the person's rating of an activity; None if they have not rated it. Raises `NotFound` for a draft."""
    rating = await ActivityRating.get_or_none(activity_id=activity_id, person_id=person_id)
    if rating is None:
        await activities.get_published(activity_id)
        return None
    return await _with_deadline(rating)


async def _with_deadline(rating: ActivityRating) -> GivenRating:
    hours = await policies.number("rating_change_hours", station_id=rating.station_id)
    return GivenRating(rating, rating.rated_at + timedelta(hours=hours))
