"""Uses of a station's venues: by activities, and by staff for purposes of the station."""

from collections.abc import Iterable
from datetime import date, datetime

from server.database import db
from server.domain import audit, venues
from server.domain.pagination import Place, later
from server.domain.staff import Staff
from server.domain.venues import MAX_USE, TimeSpan
from server.domain.working_time import midnight
from server.errors import InvalidVenueTime, NotFound, VenueUsedByActivity, VenueUseEnded
from server.models import Activity, Venue, VenueUse


@db.transaction
async def create(venue_id: int, span: TimeSpan, purpose: str, *, by: Staff, now: datetime) -> VenueUse:
    """Reserve a venue of the worker's station for a purpose of the station; `purpose` names no person.

    Raises NotAllowed, NotFound, InvalidVenueTime, VenueTaken, VenueNotAvailable.
    """
    venue = await venues.lock_for_staff(venue_id, by)
    _require_valid_span(span, now)
    use_id = await venues.reserve(venue_id, *span, purpose, station_id=venue.station_id, by=by.person_id, now=now)
    await audit.note("venue.taken", f"venue:{venue_id}", by=by.person_id, now=now, use=use_id)
    return await VenueUse.get(id=use_id)


def _require_valid_span(span: TimeSpan, now: datetime) -> None:
    starts_at, ends_at = span
    checks = {
        "应晚于开始时间": ends_at > starts_at,
        "结束时间已过": ends_at > now,
        f"最多连续使用{MAX_USE.days}天": ends_at <= starts_at + MAX_USE,
    }
    for problem, right in checks.items():
        if not right:
            raise InvalidVenueTime(fields=[{"field": "body.ends_at", "problem": problem}])


@db.transaction
async def return_early(venue_id: int, use_id: int, *, by: Staff, now: datetime) -> VenueUse:
    """Release a use that staff no longer need; raises VenueUsedByActivity, VenueUseEnded."""
    await venues.lock_for_staff(venue_id, by)
    found = await VenueUse.filter(id=use_id, venue_id=venue_id).first()
    if found is None:
        raise NotFound(kind="venue_use", ids=[use_id])
    if activity_id := (await activities_of([use_id])).get(use_id):
        raise VenueUsedByActivity(activity=activity_id)
    if found.ends_at <= now or not await venues.release(use_id, now=now):
        raise VenueUseEnded
    await audit.note("venue.given_back", f"venue:{venue_id}", by=by.person_id, now=now, use=use_id)
    return found.update_from_dict({"released_at": now})


async def list_from(venue_id: int, day: date, *, by: Staff, after: Place | None, limit: int) -> list[VenueUse]:
    """Return the uses of a venue from that day (in Shanghai) on, by time; raises NotFound for other stations."""
    if not await Venue.filter(by.of_stations(), id=venue_id).exists():
        raise NotFound
    # Uses do not overlap, so they end in the order in which they begin, and the index is by the end.
    found = VenueUse.filter(later("ends_at", after), venue_id=venue_id, released_at=None, ends_at__gt=midnight(day))
    return await found.order_by("ends_at", "id").limit(limit)


async def activities_of(use_ids: Iterable[int]) -> dict[int, int]:
    """Return the activities of these uses, by use."""
    found = await Activity.filter(venue_use_id__in=list(use_ids) or [0]).only("id", "venue_use_id")
    return {one.venue_use_id: one.id for one in found if one.venue_use_id is not None}
