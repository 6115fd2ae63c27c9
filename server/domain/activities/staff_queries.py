"""An activity as its staff are shown it: with what hangs on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain import areas, photos, staff
from server.domain.staff import Staff
from server.errors import NotAllowed, NotFound
from server.models import Activity, ActivityArea, Area, Photo, Post


@dataclass(frozen=True)
class Staffed:
    """An activity with its station, category, area and venue, its posts, photos, and who made and published it.

    `paths` names each of its areas from the city down; `names`: of its workers, by person.
    """

    activity: Activity
    for_areas: Sequence[Area]
    paths: dict[int, str]
    posts: Sequence[Post]
    photos: Sequence[Photo]
    names: dict[int, str]


def subject_key(activity_id: int) -> str:
    """What an activity's photos belong to, and its entries in the audit trail are about."""
    return f"activity:{activity_id}"


async def staffed(activity: Activity) -> Staffed:
    """The activity as staff see it, whoever asks."""
    await activity.fetch_related("station", "category", "area", "venue_use__venue")
    for_areas = await Area.filter(id__in=await area_ids(activity.id)).order_by("id")
    workers = {activity.created_by_id, activity.published_by_id}
    return Staffed(
        activity,
        for_areas,
        paths=await areas.paths_of([activity.area, *for_areas]),
        posts=await Post.filter(activity_id=activity.id).order_by("title"),
        photos=(await photos.of_subjects([subject_key(activity.id)]))[subject_key(activity.id)],
        names=await staff.names_of({one for one in workers if one is not None}),
    )


async def area_ids(activity_id: int) -> list[int]:
    """The areas whose residents the activity is for; none: everybody's."""
    found = await ActivityArea.filter(activity_id=activity_id).order_by("area_id").values_list("area_id", flat=True)
    return list(found)  # type: ignore[arg-type]


async def of_stations(activity_id: int, *, by: Staff) -> Activity:
    """An activity of the caller's stations or counties; NotFound for any other."""
    activity = await Activity.filter(by.of_stations(), id=activity_id).first()
    if activity is None:
        raise NotFound
    return activity


async def of_workers(activity_id: int, *, by: Staff) -> Activity:
    """An activity of a station the caller works for, not locked; else as `locked.by_station` refuses."""
    activity = await of_stations(activity_id, by=by)
    if activity.station_id not in by.station_ids:
        raise NotAllowed
    return activity
