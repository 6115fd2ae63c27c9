"""Applying to volunteer, changing what one said, and leaving."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import audit, routing
from server.domain.routing import NOT_SURE
from server.domain.volunteers import access, membership
from server.domain.volunteers.notifications import VOLUNTEER_APPLIED, VOLUNTEER_LEFT, notify_station
from server.domain.volunteers.transitions import MOVES, S, move, must_be
from server.domain.working_time import SHANGHAI
from server.errors import AlreadyApplied, CategoryNotAvailable, HomeRequired, VolunteerBanned, VolunteerTasksOpen
from server.models import TASKS_IN_HAND, Category, Person, Task, Volunteer
from server.models.fields import new_id


@dataclass(frozen=True)
class Application:
    """What somebody says of themselves. `free_times`: weekday 1 to 7, minutes of the day in Shanghai."""

    about: str
    skills: Sequence[str]
    free_times: Sequence[dict[str, int]]
    ranked: bool


@db.transaction
async def apply(application: Application, *, by: int, now: datetime) -> Volunteer:
    """Apply at the station that answers for the applicant's home; who was declined or left may apply anew."""
    await _must_be_skills(application.skills)
    station_id = await responsible_for(await Person.get(id=by), now)
    new = await db.insert_or_nothing("volunteer", **_blank(by, station_id, now))
    volunteer = await access.own(by)
    if not new:
        _must_be_free(volunteer)
    changes = {"station_id": station_id, "applied_at": now, "decided_by_id": None, "decided_at": None, "decision": ""}
    await Volunteer.filter(id=volunteer.id).update(status=S.APPLIED, **changes, **asdict(application))
    volunteer.update_from_dict({"status": S.APPLIED, **changes, **asdict(application)})
    await notify_station(volunteer, VOLUNTEER_APPLIED, now=now)
    await audit.note("volunteer.applied", f"volunteer:{volunteer.id}", by=by, now=now, station=station_id)
    return volunteer


async def _must_be_skills(codes: Sequence[str]) -> None:
    """A skill is a category in use; "not sure" is what somebody needs, and nothing somebody can."""
    known = await Category.filter(code__in=list(codes), active=True).exclude(code=NOT_SURE)
    if unknown := sorted(set(codes) - {category.code for category in known}):
        raise CategoryNotAvailable(categories=unknown)


async def responsible_for(person: Person, now: datetime) -> int:
    """The deepest open station that covers the person's home, whatever it offers; it stays open until we are done."""
    if person.home_id is None:
        raise HomeRequired
    anything = await Category.get(code=NOT_SURE)  # the one category every station offers
    route = await routing.settled(person.home_id, anything.id, now.astimezone(SHANGHAI).date())
    return route.station_id


def _blank(person_id: int, station_id: int, now: datetime) -> dict[str, Any]:
    """A row to hold on to: what it says is written under its lock, as for one that was there before."""
    return {
        "id": new_id(),
        "person_id": person_id,
        "station_id": station_id,
        "status": S.APPLIED.value,
        "about": "",
        "skills": "[]",
        "free_times": "[]",
        "ranked": False,
        "served_minutes": 0,
        "applied_at": now,
        "decision": "",
    }


def _must_be_free(volunteer: Volunteer) -> None:
    if volunteer.status == S.BANNED:
        raise VolunteerBanned
    if S.APPLIED not in MOVES[volunteer.status]:
        raise AlreadyApplied(status=volunteer.status)


@db.transaction
async def change(person_id: int, *, changes: dict[str, Any], now: datetime) -> Volunteer:
    """Write the given ones of about, skills, free_times and ranked, while the application waits or was approved."""
    await _must_be_skills(changes.get("skills", []))
    volunteer = await access.own(person_id)
    must_be(volunteer, S.APPLIED, S.APPROVED)
    if changes:
        await Volunteer.filter(id=volunteer.id).update(**changes)
        subject = f"volunteer:{volunteer.id}"
        await audit.note("volunteer.changed", subject, by=person_id, now=now, fields=sorted(changes))
    return volunteer.update_from_dict(changes)


@db.transaction
async def leave(person_id: int, *, now: datetime) -> Volunteer:
    """Stop volunteering, or take the application back; VolunteerTasksOpen while somebody waits for them.

    Hours served, minutes and points stay theirs.
    """
    volunteer = await access.own(person_id)
    # Who claims a task holds this very row: none can be claimed behind our back.
    if tasks := await Task.filter(volunteer_id=person_id, status__in=TASKS_IN_HAND).count():
        raise VolunteerTasksOpen(tasks=tasks)
    await move(volunteer, S.LEFT)
    await membership.end(volunteer, by=person_id, now=now)
    await notify_station(volunteer, VOLUNTEER_LEFT, now=now)
    await audit.note("volunteer.left", f"volunteer:{volunteer.id}", by=person_id, now=now)
    return volunteer
