"""Drafts of activities: created, edited and discarded by the station's staff; nobody else sees them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import areas, audit, categories, photos, reference, stations, venues
from server.domain.activities import access, location, time_rules
from server.domain.activities.access import subject_key
from server.domain.activities.location import LocationRequest
from server.domain.activities.posts import NewPost
from server.domain.staff import Staff
from server.errors import ActivityNotDraft, CategoryNotAvailable, NotAllowed, RuleNotAvailable, StationNotOperating
from server.models import (
    Activity,
    ActivityArea,
    ActivityStatus,
    AreaLevel,
    EarningRule,
    Photo,
    Post,
    RuleKind,
)

# Fields that the table stores as they are given.
PLAIN_FIELDS = (*time_rules.PLAN_FIELDS, "title", "text", "seats", "max_party_size", "questions")
# Fields of the location: if one of them changes, the venue is checked again.
LOCATION_FIELDS = {"venue_id", "place", "title", "starts_at", "ends_at", "seats"}


@db.transaction
async def create(station_id: int, fields: Mapping[str, Any], *, by: Staff, now: datetime) -> Activity:
    """Create a draft at an operating station of the caller, and reserve its venue.

    `fields`: PLAIN_FIELDS, and `category` (code), `area_id`, `venue_id`, `place`, `rule_id`, `for_area_ids`,
    `photo_ids`, `posts`. Raises NotAllowed, StationNotOperating, InvalidActivityPlan, PhotoNotAvailable, and as
    `columns_of` and `location.assign`.
    """
    if station_id not in by.station_ids:
        raise NotAllowed
    if not await stations.lock_operating(station_id):
        raise StationNotOperating
    columns = await columns_of(fields, station_id)
    location_request = _location(station_id, fields)
    time_rules.require_valid(columns, now, await location.find_problems(location_request))
    columns |= await location.assign(location_request, None, by=by.person_id, now=now)
    [activity] = await create_rows(station_id, [columns], fields, by=by, now=now)
    await photos.attach(fields["photo_ids"], subject_key(activity.id), owner_id=by.person_id)
    return activity


async def columns_of(fields: Mapping[str, Any], station_id: int) -> dict[str, Any]:
    """Return the given fields as columns of the table, without the place.

    Raises CategoryNotAvailable, NotFound for an area, RuleNotAvailable.
    """
    columns = {name: fields[name] for name in PLAIN_FIELDS if name in fields}
    if "category" in fields:
        columns["category_id"] = await _category(fields["category"])
    if "area_id" in fields:
        columns |= await _area(fields["area_id"])
    if "rule_id" in fields:
        await _require_rule(fields["rule_id"], station_id)
        columns["rule_id"] = fields["rule_id"]
    return columns


async def _category(code: str) -> int:
    category = await categories.find_active(code)
    if category is None:
        raise CategoryNotAvailable(categories=[code])
    return category.id


async def _area(area_id: int) -> dict[str, int | None]:
    """Return the area as it is today, with its town and county, by which lists find the activity."""
    area = await areas.current_area(area_id)
    around = await reference.areas([area.id, *area.ancestor_ids])
    levels = {one.level: one.id for one in around.values()}
    return {"area_id": area.id, "town_id": levels.get(AreaLevel.TOWN), "county_id": levels.get(AreaLevel.COUNTY)}


async def _require_rule(rule_id: int | None, station_id: int) -> None:
    if rule_id is not None and not await is_rule_available(rule_id, station_id):
        raise RuleNotAvailable


async def is_rule_available(rule_id: int, station_id: int) -> bool:
    """Return whether the station has this rule for attendance points."""
    return await EarningRule.filter(id=rule_id, station_id=station_id, kind=RuleKind.ACTIVITY, active=True).exists()


def _location(station_id: int, fields: Mapping[str, Any]) -> LocationRequest:
    names = ("venue_id", "place", "title", "starts_at", "ends_at", "seats")
    return LocationRequest(station_id=station_id, **{name: fields[name] for name in names})


async def create_rows(
    station_id: int, rows: Sequence[Mapping[str, Any]], fields: Mapping[str, Any], *, by: Staff, now: datetime
) -> list[Activity]:
    """Write drafts with these columns, each with the given `for_area_ids` and `posts`."""
    db.require_transaction()
    made = {"status": ActivityStatus.DRAFT, "station_id": station_id, "created_by_id": by.person_id, "created_at": now}
    drafts = [Activity(**row, **made, check_in_secret=secrets.token_hex(32)) for row in rows]
    await Activity.bulk_create(drafts)
    todays = await _current_area_ids(fields["for_area_ids"])
    await ActivityArea.bulk_create(ActivityArea(activity_id=one.id, area_id=area) for one in drafts for area in todays)
    wanted: Sequence[NewPost] = fields["posts"]
    await Post.bulk_create(Post(activity_id=one.id, **asdict(post)) for one in drafts for post in wanted)
    for one in drafts:
        await audit.note("activity.drafted", subject_key(one.id), by=by.person_id, now=now, station=station_id)
    return drafts


async def _current_area_ids(area_ids: Sequence[int]) -> list[int]:
    """Return the ids of the areas as they are today, without repeats."""
    return sorted({(await areas.current_area(one)).id for one in area_ids})


async def edit(activity: Activity, changes: Mapping[str, Any], *, by: Staff, now: datetime) -> Activity:
    """Change a draft whose row is locked: all but its station and posts.

    A new venue without a new place gives the place the venue's name.
    """
    db.require_transaction()
    columns = await columns_of(changes, activity.station_id)
    location_request = _location(activity.station_id, {**await _current_location(activity, changes), **changes})
    plan = {name: getattr(activity, name) for name in time_rules.PLAN_FIELDS} | columns
    time_rules.require_valid(plan, now, await location.find_problems(location_request))
    if LOCATION_FIELDS & changes.keys():
        columns |= await location.assign(location_request, activity.venue_use_id, by=by.person_id, now=now)
    if columns:
        await Activity.filter(id=activity.id).update(**columns)
    if "for_area_ids" in changes:
        await _replace_areas(activity.id, changes["for_area_ids"])
    if "photo_ids" in changes:
        await _replace_photos(activity.id, changes["photo_ids"], owner_id=by.person_id)
    await audit.note("activity.edited", subject_key(activity.id), by=by.person_id, now=now, fields=sorted(changes))
    return await Activity.get(id=activity.id)


async def _lock_draft(activity_id: int, by: Staff) -> Activity:
    activity = await access.lock_for_staff(activity_id, by)
    if activity.status != ActivityStatus.DRAFT:
        raise ActivityNotDraft(status=activity.status)
    return activity


async def _current_location(activity: Activity, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the draft's location so far; a place in words is dropped if the venue changes."""
    venue_id = await location.venue_of_use(activity.venue_use_id)
    stays = changes.get("venue_id", venue_id) == venue_id
    fields = {name: getattr(activity, name) for name in ("title", "starts_at", "ends_at", "seats")}
    return fields | {"venue_id": venue_id, "place": activity.place if stays else None}


async def _replace_areas(activity_id: int, area_ids: Sequence[int]) -> None:
    await ActivityArea.filter(activity_id=activity_id).delete()
    await ActivityArea.bulk_create(
        ActivityArea(activity_id=activity_id, area_id=one) for one in await _current_area_ids(area_ids)
    )


async def _replace_photos(activity_id: int, photo_ids: Sequence[int], *, owner_id: int) -> None:
    """Photos that stay may be a colleague's; dropped photos are deleted after a day."""
    before = {photo.id for photo in (await photos.of_subjects([subject_key(activity_id)]))[subject_key(activity_id)]}
    await Photo.filter(id__in=sorted(before - set(photo_ids)) or [0]).update(subject_key=None)
    await photos.attach(sorted(set(photo_ids) - before), subject_key(activity_id), owner_id=owner_id)


@db.transaction
async def discard(activity_id: int, *, by: Staff, now: datetime) -> None:
    """Delete a draft and release its venue; raises ActivityNotDraft."""
    activity = await _lock_draft(activity_id, by)
    await Photo.filter(subject_key=subject_key(activity_id)).update(subject_key=None)
    await ActivityArea.filter(activity_id=activity_id).delete()
    await Post.filter(activity_id=activity_id).delete()
    await Activity.filter(id=activity_id).delete()
    if activity.venue_use_id is not None:
        await venues.release(activity.venue_use_id, now=now)
    facts = {"station": activity.station_id, "title": activity.title}
    await audit.note("activity.discarded", subject_key(activity_id), by=by.person_id, now=now, **facts)
