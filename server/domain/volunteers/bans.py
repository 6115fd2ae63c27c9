"""The head of the station bans a volunteer, and lifts the ban."""

from datetime import datetime

from server.database import db
from server.domain import audit, job_queue
from server.domain.staff import Staff
from server.domain.volunteers import access, membership
from server.domain.volunteers.notifications import BAN_LIFTED, VOLUNTEER_BANNED, notify_volunteer
from server.domain.volunteers.transitions import S, move, require_status
from server.errors import HeadRequired, OwnVolunteering
from server.models import Ban, Volunteer


@db.transaction
async def ban(volunteer_id: int, *, reason: str, by: Staff, now: datetime) -> Ban:
    """Ban a volunteer with a reason that they read; role and team memberships end, and they may appeal once.

    Raises `HeadRequired`, `OwnVolunteering` and `InvalidVolunteerState`.
    """
    volunteer = await _lock_for_head(volunteer_id, by)
    if volunteer.person_id == by.person_id:
        raise OwnVolunteering
    await move(volunteer, S.BANNED)
    await membership.end(volunteer, by=by.person_id, now=now)
    made = await Ban.create(volunteer_id=volunteer.id, reason=reason, banned_by_id=by.person_id, banned_at=now)
    # Tasks are released by a job, in transactions of their own: a task is locked before its volunteer.
    await job_queue.plan("free_tasks", volunteer.id, due=now)
    await notify_volunteer(volunteer, VOLUNTEER_BANNED, now=now)
    await audit.note("volunteer.banned", f"volunteer:{volunteer.id}", by=by.person_id, now=now, ban=made.id)
    return made


@db.transaction
async def lift(volunteer_id: int, *, by: Staff, now: datetime) -> Volunteer:
    """Lift the ban, also during an appeal; refused to the volunteer and people close to them."""
    volunteer = await _lock_for_head(volunteer_id, by)
    await access.require_independent(volunteer, by.person_id, now=now)
    await reinstate(volunteer, by=by.person_id, now=now)
    await notify_volunteer(volunteer, BAN_LIFTED, now=now)
    return volunteer


async def reinstate(volunteer: Volunteer, *, by: int, now: datetime) -> None:
    """End the ban of a locked volunteer and give the role back; memberships in teams stay ended."""
    require_status(volunteer, S.BANNED)
    await move(volunteer, S.APPROVED)
    await membership.begin(volunteer, by=by, now=now)
    await Ban.filter(volunteer_id=volunteer.id, open=1).update(lifted_at=now, open=None)
    await audit.note("volunteer.ban_lifted", f"volunteer:{volunteer.id}", by=by, now=now)


async def _lock_for_head(volunteer_id: int, by: Staff) -> Volunteer:
    volunteer = await access.lock_for_station(volunteer_id, by)
    if volunteer.station_id not in by.head_of:
        raise HeadRequired
    return volunteer
