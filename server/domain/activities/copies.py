"""Copies of an activity as a draft at another time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from server.database import db
from server.domain import categories
from server.domain.activities import drafts, location, staff_queries, time_rules
from server.domain.activities.access import subject_key
from server.domain.activities.posts import NewPost
from server.domain.staff import Staff
from server.models import Activity, Photo, Post


class Omission(StrEnum):
    PHOTOS = "photos"  # a photo belongs to one activity
    RULE = "rule"  # the station's head has ended the rule
    VENUE = "venue"  # the caller wants no venue


@dataclass(frozen=True)
class Template:
    """The fields of an activity for a new draft, and the parts that cannot be copied."""

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
    """Create a draft like this activity that begins at `starts_at`; all other times move along.

    Raises NotAllowed for officers, NotFound for others, and the refusals of `drafts.create`.
    """
    # Not locked: a copy takes no seat, and hundreds may be booking now.
    activity = await staff_queries.get_for_workers(activity_id, by=by)
    template = await template_of(activity, with_venue=with_venue)
    fields = shift(template.fields, starts_at - activity.starts_at)
    made = await drafts.create(activity.station_id, fields, by=by, now=now)
    return ActivityCopy(made, template.left_out)


async def template_of(activity: Activity, *, with_venue: bool) -> Template:
    """Return the activity's fields as `drafts.create` takes them; that verb checks its category and areas."""
    venue_id = await location.venue_of_use(activity.venue_use_id)
    rule_id = activity.rule_id
    rule_holds = rule_id is not None and await drafts.is_rule_available(rule_id, activity.station_id)
    fields = {name: getattr(activity, name) for name in (*drafts.PLAIN_FIELDS, "area_id", "place")} | {
        "category": (await categories.get(activity.category_id)).code,
        "venue_id": venue_id if with_venue else None,
        "rule_id": rule_id if rule_holds else None,
        "for_area_ids": await staff_queries.eligible_area_ids(activity.id),
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
    """Give each post at least one place: a post that was closed is open in the new activity."""
    found = await Post.filter(activity_id=activity_id).order_by("title")
    return [NewPost(post.title, max(post.places, 1), post.text) for post in found]


def shift(fields: Mapping[str, Any], by: timedelta) -> dict[str, Any]:
    """Return the fields with all times moved by so much."""
    return {**fields, **{name: fields[name] + by for name in time_rules.TIMES if fields[name] is not None}}
