"""Factories of venues and drafts of 邻玉社工站 in the small city."""

from datetime import datetime, timedelta
from typing import Any

from server.domain import venue_uses, venues
from server.domain.activities import drafts, staff_queries
from server.domain.activities.staff_queries import StaffActivityView
from server.domain.staff import Staff
from server.domain.venues import NewVenue
from server.models import Activity, Venue, VenueKind, VenueUse
from tests.conftest import NOW
from tests.factories import City

# Ten to twelve on a Tuesday in Shanghai, in a week.
STARTS = NOW + timedelta(days=7)
ENDS = STARTS + timedelta(hours=2)
STATION = "邻玉社工站"


async def venue(city: City, name: str = "多功能室", capacity: int = 60, station: str = STATION) -> Venue:
    head = {"邻玉社工站": "赵站长", "蓝田社工站": "吴站长"}[station]
    wanted = NewVenue(city.stations[station].id, VenueKind.MULTI_PURPOSE, name, capacity)
    return await venues.create(wanted, by=city.staff[head], now=NOW)


async def use(city: City, venue: Venue, starts_at: datetime = STARTS, hours: float = 2) -> VenueUse:
    """Reserve the venue for a purpose of the station."""
    span = (starts_at, starts_at + timedelta(hours=hours))
    return await venue_uses.create(venue.id, span, "居民议事会", by=city.staff["林社工"], now=NOW)


def told(city: City, **more: Any) -> dict[str, Any]:
    """Return the fields of a draft of two hours from STARTS or `starts_at`; other times move along."""
    starts_at = more.get("starts_at", STARTS)
    usual = {
        "category": "culture",
        "area_id": city.areas["邻玉街道"].id,
        "title": "免费体检",
        "text": "请空腹前来。",
        "place": "社工站一楼",
        "venue_id": None,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "booking_opens_at": starts_at - timedelta(days=5),
        "priority_until": starts_at - timedelta(days=4),
        "booking_closes_at": starts_at - timedelta(hours=1),
        "cancellation_until": starts_at - timedelta(days=1),
        "seats": 50,
        "max_party_size": 3,
        "min_age": None,
        "max_age": None,
        "questions": [],
        "rule_id": None,
        "for_area_ids": [],
        "photo_ids": [],
        "posts": [],
    }
    return usual | more


async def draft(city: City, *, by: str = "陈社工", station: str = STATION, **more: Any) -> Activity:
    return await drafts.create(city.stations[station].id, told(city, **more), by=city.staff[by], now=NOW)


async def view(activity: Activity) -> StaffActivityView:
    """Return what the worker who made the activity sees of it now."""
    return await staff_queries.load_view(await Activity.get(id=activity.id), by=Staff(activity.created_by_id), now=NOW)
