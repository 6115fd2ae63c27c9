"""Activities as their staff read them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.expressions import Q
from tortoise.functions import Sum

from server.database.condition import select, where
from server.domain import areas, photos, reference, staff
from server.domain.activities import access, attendance, time_rules
from server.domain.activities.access import subject_key
from server.domain.activities.attendance import Attendance
from server.domain.activities.phases import Phase
from server.domain.activities.public_queries import NAMED, DayRange, posts_of
from server.domain.pagination import older
from server.domain.staff import Staff
from server.errors import NotAllowed, NotFound
from server.models import Activity, ActivityArea, ActivityStatus, Area, Photo, Post

S = ActivityStatus

# Phases that do not depend on the time.
DECIDED = {Phase.DRAFT, Phase.FINISHED, Phase.CANCELLED}


@dataclass(frozen=True)
class StaffActivityView:
    """An activity with everything that staff see.

    `paths` names each of its areas from the city down; `names` are of its workers, by person; `attendance` is for the
    reader.
    """

    activity: Activity
    for_areas: Sequence[Area]
    paths: dict[int, str]
    posts: Sequence[Post]
    photos: Sequence[Photo]
    names: dict[int, str]
    attendance: Attendance


async def load_view(activity: Activity, *, by: Staff, now: datetime) -> StaffActivityView:
    """Load what staff see of the activity; the caller has checked access."""
    await activity.fetch_related("venue_use__venue")
    await reference.attach([activity], *NAMED)
    columns = f"{access.ELIGIBLE_AREA_IDS}, {attendance.COLUMNS}"
    first = attendance.values(by.person_id, now)
    [row] = await select(columns, "activity", where("id = ?", activity.id), first=first)
    by_id = await reference.areas(access.eligible_area_ids(row))
    for_areas = [by_id[area_id] for area_id in sorted(by_id)]
    workers = {activity.created_by_id, activity.published_by_id}
    return StaffActivityView(
        activity,
        for_areas,
        paths=await areas.paths_of([activity.area, *for_areas]),
        posts=await posts_of(activity.id),
        photos=(await photos.of_subjects([subject_key(activity.id)]))[subject_key(activity.id)],
        names=await staff.names_of({one for one in workers if one is not None}),
        attendance=attendance.of(row),
    )


async def get_for_staff(activity_id: int, *, by: Staff) -> Activity:
    """Return an activity of the caller's stations or counties; raises NotFound otherwise."""
    activity = await Activity.filter(by.of_stations(), id=activity_id).first()
    if activity is None:
        raise NotFound
    return activity


async def get_for_workers(activity_id: int, *, by: Staff) -> Activity:
    """Return an activity, not locked, if the caller works for its station; raises as `access.lock_for_staff`."""
    activity = await get_for_staff(activity_id, by=by)
    if activity.station_id not in by.station_ids:
        raise NotAllowed
    return activity


@dataclass(frozen=True)
class StationFilter:
    """A filter for a station's activities; empty fields do not narrow the list."""

    phases: Collection[Phase] = ()
    station_id: int | None = None


async def list_of_stations(filter_: StationFilter, days: DayRange, *, by: Staff, now: datetime) -> list[Activity]:
    """Return a page of activities of the caller's stations and counties, the latest start first."""
    found = Activity.filter(by.of_stations())
    if filter_.station_id is not None:
        found = found.filter(station_id=filter_.station_id)
    if filter_.phases:
        found = found.filter(Q(*(_in(phase, now) for phase in filter_.phases), join_type="OR"))
    if days.begin is not None:
        found = found.filter(ends_at__gt=days.begin, starts_at__gt=days.begin - time_rules.LONGEST)
    if days.end is not None:
        found = found.filter(starts_at__lt=days.end)
    page = found.filter(older("starts_at", days.after)).order_by("-starts_at", "-id").limit(days.limit)
    return await reference.attach(await page.select_related("series"), *NAMED)


def _in(phase: Phase, now: datetime) -> Q:
    """Return the condition that an activity is in the phase, the same as `phases.phase`."""
    if phase in DECIDED:
        return Q(status=S(phase.value))
    clock: dict[Phase, dict[str, Any]] = {
        Phase.PUBLISHED: {"starts_at__gt": now, "booking_closes_at__gt": now, "booking_opens_at__gt": now},
        Phase.BOOKING_OPEN: {"starts_at__gt": now, "booking_closes_at__gt": now, "booking_opens_at__lte": now},
        Phase.BOOKING_CLOSED: {"starts_at__gt": now, "booking_closes_at__lte": now},
        Phase.RUNNING: {"starts_at__lte": now},
    }
    return Q(status=S.PUBLISHED, **clock[phase])


async def eligible_area_ids(activity_id: int) -> list[int]:
    """Return the ids of the areas whose residents the activity is for; empty if it is for everybody."""
    rows = await ActivityArea.filter(activity_id=activity_id).order_by("area_id").values_list("area_id", flat=True)
    return list(rows)  # type: ignore[arg-type]


@dataclass(frozen=True)
class PostPlaces:
    """Volunteers' places in all posts of an activity."""

    places: int = 0
    taken: int = 0


async def count_post_places(activities: Sequence[Activity]) -> dict[int, PostPlaces]:
    """Return the places for volunteers of each activity that has posts."""
    posts = Post.filter(activity_id__in=[one.id for one in activities] or [0])
    sums = posts.annotate(sum_places=Sum("places"), sum_taken=Sum("taken")).group_by("activity_id")
    found: Any = await sums.values("activity_id", "sum_places", "sum_taken")
    return {one["activity_id"]: PostPlaces(int(one["sum_places"]), int(one["sum_taken"])) for one in found}
