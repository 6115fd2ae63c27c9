"""Volunteers apply, change their profile, and leave."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import audit, categories, reference, routing
from server.domain.routing import NOT_SURE
from server.domain.volunteers import access, membership
from server.domain.volunteers.notifications import VOLUNTEER_APPLIED, VOLUNTEER_LEFT, notify_station
from server.domain.volunteers.transitions import ACTIVE, TRANSITIONS, S, move, require_status
from server.domain.working_time import SHANGHAI
from server.errors import AlreadyApplied, CategoryNotAvailable, HomeRequired, VolunteerBanned, VolunteerTasksOpen
from server.models import TASKS_IN_HAND, Person, Task, Volunteer
from server.models.fields import new_id


@dataclass(frozen=True)
class Application:
    """A volunteer's profile; `free_times` have a weekday from 1 to 7 and minutes of the day in Shanghai."""

    about: str
    skills: Sequence[str]
    free_times: Sequence[dict[str, int]]
    show_in_rankings: bool


@db.transaction
async def apply(application: Application, *, by: int, now: datetime) -> Volunteer:
    """Apply at the station responsible for the applicant's home; a declined or former volunteer may apply again.

    Raises `HomeRequired`, `CategoryNotAvailable`, `AlreadyApplied` and `VolunteerBanned`.
    """
    await _require_skills(application.skills)
    station_id = await get_responsible_station_id(await Person.get(id=by), now)
    new = await db.insert_or_nothing("volunteer", **_new_row(by, station_id, now))
    volunteer = await access.lock_own(by)
    if not new:
        _require_may_apply(volunteer)
    changes = {"station_id": station_id, "applied_at": now, "decided_by_id": None, "decided_at": None, "decision": ""}
    await Volunteer.filter(id=volunteer.id).update(status=S.APPLIED, **changes, **asdict(application))
    volunteer.update_from_dict({"status": S.APPLIED, **changes, **asdict(application)})
    await notify_station(volunteer, VOLUNTEER_APPLIED, now=now)
    await audit.note("volunteer.applied", f"volunteer:{volunteer.id}", by=by, now=now, station=station_id)
    return volunteer


async def _require_skills(codes: Sequence[str]) -> None:
    """Refuse skills that are no category in use; “not sure” is a category of needs, not a skill."""
    in_use = {one.code for one in (await reference.snapshot()).categories.values() if one.active}
    if unknown := sorted(set(codes) - (in_use - {NOT_SURE})):
        raise CategoryNotAvailable(categories=unknown)


async def get_responsible_station_id(person: Person, now: datetime) -> int:
    """Return the deepest open station that covers the person's home, locked so that it stays open.

    Its categories do not matter. Raises `HomeRequired`.
    """
    if person.home_id is None:
        raise HomeRequired
    anything = (await categories.get_category(NOT_SURE)).category  # the only one that every station offers
    route = await routing.settled(person.home_id, anything.id, now.astimezone(SHANGHAI).date())
    return route.station_id


def _new_row(person_id: int, station_id: int, now: datetime) -> dict[str, Any]:
    """Return an empty row to lock; its values are written under the lock, as for a row that existed before."""
    return {
        "id": new_id(),
        "person_id": person_id,
        "station_id": station_id,
        "status": S.APPLIED.value,
        "about": "",
        "skills": "[]",
        "free_times": "[]",
        "show_in_rankings": False,
        "served_minutes": 0,
        "applied_at": now,
        "decision": "",
    }


def _require_may_apply(volunteer: Volunteer) -> None:
    if volunteer.status == S.BANNED:
        raise VolunteerBanned
    if S.APPLIED not in TRANSITIONS[volunteer.status]:
        raise AlreadyApplied(status=volunteer.status)


@db.transaction
async def change_profile(person_id: int, *, changes: dict[str, Any], now: datetime) -> Volunteer:
    """Change about, skills, free_times or show_in_rankings while the application waits or is approved.

    Raises `CategoryNotAvailable` and `InvalidVolunteerState`.
    """
    await _require_skills(changes.get("skills", []))
    volunteer = await access.lock_own(person_id)
    require_status(volunteer, *ACTIVE)
    if changes:
        await Volunteer.filter(id=volunteer.id).update(**changes)
        subject = f"volunteer:{volunteer.id}"
        await audit.note("volunteer.changed", subject, by=person_id, now=now, fields=sorted(changes))
    return volunteer.update_from_dict(changes)


@db.transaction
async def leave(person_id: int, *, now: datetime) -> Volunteer:
    """Stop volunteering, or withdraw the application; served hours, minutes and points stay.

    Raises `VolunteerTasksOpen` while the volunteer has open tasks.
    """
    volunteer = await access.lock_own(person_id)
    # A claim of a task locks this row too, so none can be made meanwhile.
    if tasks := await Task.filter(volunteer_id=person_id, status__in=TASKS_IN_HAND).count():
        raise VolunteerTasksOpen(tasks=tasks)
    await move(volunteer, S.LEFT)
    await membership.end(volunteer, by=person_id, now=now)
    await notify_station(volunteer, VOLUNTEER_LEFT, now=now)
    await audit.note("volunteer.left", f"volunteer:{volunteer.id}", by=person_id, now=now)
    return volunteer
