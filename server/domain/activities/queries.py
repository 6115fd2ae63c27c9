"""What is seen of an activity by everybody, and of all of them by their staff. Nothing here takes a lock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.expressions import Q
from tortoise.functions import Sum

from server.domain import areas, photos
from server.domain.activities import staff_queries
from server.domain.activities.phases import Phase
from server.domain.activities.public_queries import SHOWN, Days, between
from server.domain.activities.staff_queries import subject_key
from server.domain.pagination import older
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import (
    Activity,
    ActivityStatus,
    Area,
    Photo,
    Post,
)

S = ActivityStatus

# What was decided, whatever the clock says.
DECIDED = {Phase.DRAFT, Phase.FINISHED, Phase.CANCELLED}
DATES_SHOWN = 10


async def covers(activities: Sequence[Activity]) -> dict[int, Photo]:
    """The first photo of each activity that has one."""
    found = await photos.of_subjects([subject_key(one.id) for one in activities])
    return {one.id: found[subject_key(one.id)][0] for one in activities if found[subject_key(one.id)]}


@dataclass(frozen=True)
class Page:
    """An activity with what hangs on it; `paths` names each of its areas from the city down."""

    activity: Activity
    for_areas: Sequence[Area]
    paths: Mapping[int, str]
    posts: Sequence[Post]
    photos: Sequence[Photo]
    other_dates: Sequence[Activity]


async def page(activity_id: int, *, now: datetime) -> Page:
    """An activity that was published, whatever became of it; NotFound for drafts."""
    activity = await published(activity_id)
    for_areas = await Area.filter(id__in=await staff_queries.area_ids(activity_id) or [0]).order_by("id")
    return Page(
        activity,
        for_areas,
        paths=await areas.paths_of([activity.area, *for_areas]),
        posts=await Post.filter(activity_id=activity_id).order_by("title"),
        photos=(await photos.of_subjects([subject_key(activity_id)]))[subject_key(activity_id)],
        other_dates=await _other_dates(activity, now),
    )


async def published(activity_id: int) -> Activity:
    """An activity that was published, with its station; NotFound for drafts."""
    activity = await Activity.filter(id=activity_id).exclude(status=S.DRAFT).select_related(*SHOWN).first()
    if activity is None:
        raise NotFound
    return activity


async def _other_dates(activity: Activity, now: datetime) -> list[Activity]:
    if activity.series_id is None:
        return []
    others = Activity.filter(series_id=activity.series_id, listed=1, starts_at__gt=now).exclude(id=activity.id)
    return await others.order_by("starts_at", "id").limit(DATES_SHOWN)


@dataclass(frozen=True)
class Kept:
    """Which of the stations' activities; empty fields do not narrow the list."""

    phases: Collection[Phase] = ()
    station_id: int | None = None


async def of_stations(kept: Kept, days: Days, *, by: Staff, now: datetime) -> list[Activity]:
    """Activities of the caller's stations and counties, what begins last first, below a place in the list."""
    found = Activity.filter(by.of_stations())
    if kept.station_id is not None:
        found = found.filter(station_id=kept.station_id)
    if kept.phases:
        found = found.filter(Q(*(_in(phase, now) for phase in kept.phases), join_type="OR"))
    found = between(found, days.begin, days.end).filter(older("starts_at", days.after))
    return await found.order_by("-starts_at", "-id").limit(days.limit).select_related(*SHOWN)


def _in(phase: Phase, now: datetime) -> Q:
    """The condition that an activity is in the phase, as `phases.phase` says of a single one."""
    if phase in DECIDED:
        return Q(status=S(phase.value))
    clock: dict[Phase, dict[str, Any]] = {
        Phase.PUBLISHED: {"starts_at__gt": now, "booking_closes_at__gt": now, "booking_opens_at__gt": now},
        Phase.BOOKING_OPEN: {"starts_at__gt": now, "booking_closes_at__gt": now, "booking_opens_at__lte": now},
        Phase.BOOKING_CLOSED: {"starts_at__gt": now, "booking_closes_at__lte": now},
        Phase.RUNNING: {"starts_at__lte": now},
    }
    return Q(status=S.PUBLISHED, **clock[phase])


async def one_of_stations(activity_id: int, *, by: Staff) -> Activity:
    """An activity of the caller's stations or counties, a draft too, with its station; NotFound for any other."""
    activity = await Activity.filter(by.of_stations(), id=activity_id).select_related(*SHOWN).first()
    if activity is None:
        raise NotFound
    return activity


@dataclass(frozen=True)
class Places:
    """Volunteers' places in all posts of an activity."""

    places: int = 0
    taken: int = 0


async def places_of(activities: Sequence[Activity]) -> dict[int, Places]:
    """The places for volunteers of each activity that has posts."""
    posts = Post.filter(activity_id__in=[one.id for one in activities] or [0])
    sums = posts.annotate(sum_places=Sum("places"), sum_taken=Sum("taken")).group_by("activity_id")
    found: Any = await sums.values("activity_id", "sum_places", "sum_taken")
    return {one["activity_id"]: Places(int(one["sum_places"]), int(one["sum_taken"])) for one in found}
