"""The role and the team memberships that come with being a volunteer."""

from datetime import datetime

from server.database import db
from server.models import Role, RoleKind, TeamMember, Volunteer


async def begin(volunteer: Volunteer, *, by: int | None, now: datetime) -> None:
    """Give the person the role of a volunteer of their station."""
    db.require_transaction()
    await Role.create(
        person_id=volunteer.person_id,
        kind=RoleKind.VOLUNTEER,
        scope=f"station:{volunteer.station_id}",
        station_id=volunteer.station_id,
        granted_by_id=by,
        granted_at=now,
    )


async def end(volunteer: Volunteer, *, by: int | None, now: datetime) -> None:
    """End the role and all team memberships; they stay recorded."""
    db.require_transaction()
    role = Role.filter(person_id=volunteer.person_id, kind=RoleKind.VOLUNTEER, current=1)
    await role.update(ended_by_id=by, ended_at=now, current=None)
    await TeamMember.filter(volunteer_id=volunteer.id, current=1).update(left_at=now, current=None)
