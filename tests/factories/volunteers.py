"""Volunteers for tests."""

from datetime import datetime
from typing import Any

from server.models import Area, Person, RoleKind, Station, Volunteer, VolunteerStatus
from tests import factories


async def volunteer(name: str, station: Station, now: datetime, home: Area | None = None, **more: Any) -> Volunteer:
    """A new person whose application the station approved."""
    return await approved(await factories.person(name, now, home), station, now, **more)


async def approved(person: Person, station: Station, now: datetime, **more: Any) -> Volunteer:
    """The person as a volunteer whose application the station approved."""
    await factories.role(person, RoleKind.VOLUNTEER, now, station=station)
    moments = {"applied_at": now, "decided_at": now}
    return await Volunteer.create(person=person, station=station, status=VolunteerStatus.APPROVED, **moments, **more)
