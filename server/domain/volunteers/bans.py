"""Keeping a volunteer from serving, and letting them serve again: the station head's."""

from datetime import datetime

from server.database import db
from server.domain import audit, job_queue
from server.domain.staff import Staff
from server.domain.volunteers import access, membership
from server.domain.volunteers.notifications import BAN_LIFTED, VOLUNTEER_BANNED, notify_volunteer
from server.domain.volunteers.transitions import S, move, must_be
from server.errors import HeadRequired, OwnVolunteering
from server.models import Ban, Volunteer


@db.transaction
async def ban(volunteer_id: int, *, reason: str, by: Staff, now: datetime) -> Ban:
    """Stop somebody's volunteering with a reason they read: role and teams end; they may appeal once."""
    volunteer = await _by_head(volunteer_id, by)
    if volunteer.person_id == by.person_id:
        raise OwnVolunteering
    await move(volunteer, S.BANNED)
    await membership.end(volunteer, by=by.person_id, now=now)
    made = await Ban.create(volunteer_id=volunteer.id, reason=reason, banned_by_id=by.person_id, banned_at=now)
    # In transactions of their own: a task is locked before its volunteer.
    await job_queue.plan("free_tasks", volunteer.id, due=now)
    await notify_volunteer(volunteer, VOLUNTEER_BANNED, now=now)
    await audit.note("volunteer.banned", f"volunteer:{volunteer.id}", by=by.person_id, now=now, ban=made.id)
    return made


@db.transaction
async def lift(volunteer_id: int, *, by: Staff, now: datetime) -> Volunteer:
    """Let them serve again; what waits for an appeal is settled by it. Never for oneself or a relative."""
    volunteer = await _by_head(volunteer_id, by)
    await access.must_not_be_near(volunteer, by.person_id, now=now)
    await reinstate(volunteer, by=by.person_id, now=now)
    await notify_volunteer(volunteer, BAN_LIFTED, now=now)
    return volunteer


async def reinstate(volunteer: Volunteer, *, by: int, now: datetime) -> None:
    """End the ban of a locked volunteer, who holds the role anew; teams they left stay left."""
    must_be(volunteer, S.BANNED)
    await move(volunteer, S.APPROVED)
    await membership.begin(volunteer, by=by, now=now)
    await Ban.filter(volunteer_id=volunteer.id, open=1).update(lifted_at=now, open=None)
    await audit.note("volunteer.ban_lifted", f"volunteer:{volunteer.id}", by=by, now=now)


async def _by_head(volunteer_id: int, by: Staff) -> Volunteer:
    volunteer = await access.by_station(volunteer_id, by)
    if volunteer.station_id not in by.head_of:
        raise HeadRequired
    return volunteer
