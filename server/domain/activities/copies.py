"""A new draft like an earlier activity, at another time: what it takes over, and what it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from server.database import db
from server.domain.activities import drafts, location, public_queries, staff_queries, time_rules
from server.domain.activities.access import subject_key
from server.domain.activities.posts import NewPost
from server.domain.staff import Staff
from server.models import Activity, Photo, Post


class Omission(StrEnum):
    PHOTOS = "photos"  # a photo belongs to one thing
    RULE = "rule"  # its station's head has taken it out of use
    VENUE = "venue"  # the caller did not want it


@dataclass(frozen=True)
class Template:
    """What was told of an activity, as of a draft to be, and what of it does not go over into another."""

    fields: dict[str, Any]
    left_out: list[Omission]


@dataclass(frozen=True)
class ActivityCopy:
    activity: Activity
    left_out: list[Omission]


@db.transaction
async def copy(
    activity_id: int, starts_at: datetime, *, with_venue: bool = True, by: Staff, now: datetime
) -> ActivityCopy:
    """Draft the activity anew to begin then, all its other times moved along; as `drafting.draft` refuses.

    NotAllowed for who may see it but not move it, officers; NotFound for all others.
    """
    # Not locked: a copy takes no seat, and hundreds may be booking.
    activity = await staff_queries.get_for_workers(activity_id, by=by)
    template = await template_of(activity, with_venue=with_venue)
    fields = shift(template.fields, starts_at - activity.starts_at)
    made = await drafts.create(activity.station_id, fields, by=by, now=now)
    return ActivityCopy(made, template.left_out)


async def template_of(activity: Activity, *, with_venue: bool) -> Template:
    """The activity as it would be told anew; its category and areas are looked at when it is drafted."""
    await activity.fetch_related("category")
    venue_id = await location.venue_of_use(activity.venue_use_id)
    rule_id = activity.rule_id
    rule_holds = rule_id is not None and await drafts.is_rule_available(rule_id, activity.station_id)
    fields = {name: getattr(activity, name) for name in (*drafts.PLAIN_FIELDS, "area_id", "place")} | {
        "category": activity.category.code,
        "venue_id": venue_id if with_venue else None,
        "rule_id": rule_id if rule_holds else None,
        "for_area_ids": await public_queries.eligible_area_ids(activity.id),
        "photo_ids": [],
        "posts": await _posts(activity.id),
    }
    lacks = {
        Omission.PHOTOS: await Photo.exists(subject_key=subject_key(activity.id)),
        Omission.RULE: rule_id != fields["rule_id"],
        Omission.VENUE: venue_id != fields["venue_id"],
    }
    return Template(fields, [one for one, lacking in lacks.items() if lacking])


async def _posts(activity_id: int) -> list[NewPost]:
    """With a place at least: a post that was shut is open in a new activity."""
    found = await Post.filter(activity_id=activity_id).order_by("title")
    return [NewPost(post.title, max(post.places, 1), post.text) for post in found]


def shift(fields: Mapping[str, Any], by: timedelta) -> dict[str, Any]:
    """What was told, all its times later by so much."""
    return {**fields, **{name: fields[name] + by for name in time_rules.TIMES if fields[name] is not None}}
