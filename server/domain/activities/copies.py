"""A new draft like an earlier activity, at another time: what it takes over, and what it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from server.database import db
from server.domain.activities import drafts, location, staff_queries, time_rules
from server.domain.activities.posts import NewPost
from server.domain.activities.staff_queries import subject_key
from server.domain.staff import Staff
from server.models import Activity, Photo, Post


class LeftOut(StrEnum):
    PHOTOS = "photos"  # a photo belongs to one thing
    RULE = "rule"  # its station's head has taken it out of use
    VENUE = "venue"  # the caller did not want it


@dataclass(frozen=True)
class Pattern:
    """What was told of an activity, as of a draft to be, and what of it does not go over into another."""

    told: dict[str, Any]
    left_out: list[LeftOut]


@dataclass(frozen=True)
class Copied:
    activity: Activity
    left_out: list[LeftOut]


@db.transaction
async def copy(activity_id: int, starts_at: datetime, *, with_venue: bool = True, by: Staff, now: datetime) -> Copied:
    """Draft the activity anew to begin then, all its other times moved along; as `drafting.draft` refuses.

    NotAllowed for who may see it but not move it, officers; NotFound for all others.
    """
    # Not locked: a copy takes no seat, and hundreds may be booking.
    activity = await staff_queries.of_workers(activity_id, by=by)
    pattern = await pattern_of(activity, with_venue=with_venue)
    told = moved(pattern.told, starts_at - activity.starts_at)
    made = await drafts.draft(activity.station_id, told, by=by, now=now)
    return Copied(made, pattern.left_out)


async def pattern_of(activity: Activity, *, with_venue: bool) -> Pattern:
    """The activity as it would be told anew; its category and areas are looked at when it is drafted."""
    await activity.fetch_related("category")
    venue_id = await location.venue_of(activity.venue_use_id)
    rule_id = activity.rule_id
    rule_holds = rule_id is not None and await drafts.offers(rule_id, activity.station_id)
    told = {name: getattr(activity, name) for name in (*drafts.SAID, "area_id", "place")} | {
        "category": activity.category.code,
        "venue_id": venue_id if with_venue else None,
        "rule_id": rule_id if rule_holds else None,
        "for_area_ids": await staff_queries.area_ids(activity.id),
        "photo_ids": [],
        "posts": await _posts(activity.id),
    }
    lacks = {
        LeftOut.PHOTOS: await Photo.exists(subject_key=subject_key(activity.id)),
        LeftOut.RULE: rule_id != told["rule_id"],
        LeftOut.VENUE: venue_id != told["venue_id"],
    }
    return Pattern(told, [one for one, lacking in lacks.items() if lacking])


async def _posts(activity_id: int) -> list[NewPost]:
    """With a place at least: a post that was shut is open in a new activity."""
    found = await Post.filter(activity_id=activity_id).order_by("title")
    return [NewPost(post.title, max(post.places, 1), post.text) for post in found]


def moved(told: Mapping[str, Any], by: timedelta) -> dict[str, Any]:
    """What was told, all its times later by so much."""
    return {**told, **{name: told[name] + by for name in time_rules.TIMES if told[name] is not None}}
