"""Ratings of an activity, by the people who attended it and for the public."""

from miniprogram_contract.satisfaction_activities import ActivityRatingDetail, ActivitySatisfaction, NewActivityRating
from server.adapters.clock import Moment
from server.domain.satisfaction import activity_figures, activity_rating
from server.domain.satisfaction.activity_rating import GivenRating
from server.errors import DeadlinePassed
from server.errors.satisfaction import ActivityNotOver, OwnActivity, ParticipantRequired, RatingClosed
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.tag_labels import tag_labels
from server.models import satisfaction


@endpoint(
    "PUT",
    "/activities/<activity_id:int>/rating",
    body=NewActivityRating,
    hears=("comment",),
    reply=ActivityRatingDetail,
    refuses=(ParticipantRequired, OwnActivity, ActivityNotOver, DeadlinePassed, RatingClosed),
)
async def rate_activity(activity_id: int, body: NewActivityRating, caller: Caller, now: Moment) -> ActivityRatingDetail:
    """Rate an activity that the caller attended, and change the rating for some hours."""
    tags = [satisfaction.RatingTag(tag) for tag in body.tags]
    rated = await activity_rating.rate(
        activity_id, stars=body.stars, tags=tags, comment=body.comment, by=caller.person_id, now=now
    )
    return _rating(rated)


@endpoint("GET", "/activities/<activity_id:int>/rating", reply=ActivityRatingDetail | None)
async def get_activity_rating(activity_id: int, caller: Caller) -> ActivityRatingDetail | None:
    """Show the caller's rating of an activity; null: not rated yet."""
    rated = await activity_rating.get_rating(activity_id, caller.person_id)
    return _rating(rated) if rated is not None else None


def _rating(rated: GivenRating) -> ActivityRatingDetail:
    one = rated.rating
    return ActivityRatingDetail(
        activity_id=one.activity_id,
        stars=one.stars,
        tags=tag_labels(one.tags),
        comment=one.comment,
        rated_at=one.rated_at,
        changeable_until=rated.changeable_until,
    )


@endpoint("GET", "/activities/<activity_id:int>/satisfaction", reply=ActivitySatisfaction | None, roles=Roles.ANYONE)
async def get_activity_satisfaction(activity_id: int) -> ActivitySatisfaction | None:
    """Show how an activity was rated; null until no rating can change any more."""
    found = await activity_figures.get_public(activity_id)
    if found is None:
        return None
    return ActivitySatisfaction(
        eligible_raters=found.eligible_raters,
        ratings=found.ratings,
        response_percent=found.response_percent,
        min_ratings=found.min_ratings,
        average=found.averages.average if found.averages else None,
    )
