"""Volunteers and teams as they are shown to themselves, to staff and officers, and to everyone."""

from dataclasses import dataclass
from datetime import datetime

from pypika_tortoise.terms import Function as SqlFunction
from pypika_tortoise.terms import Term
from tortoise.expressions import Function, Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from server.database import rows
from server.database.condition import Condition, among, select, where
from server.domain import households, reference, staff
from server.domain.pagination import Place, later, older
from server.domain.staff import Staff
from server.domain.star_levels import get_stars
from server.domain.volunteers import allowed_actions
from server.errors import NotFound
from server.models import TASKS_IN_HAND, Ban, Person, Team, TeamMember, Training, Volunteer, VolunteerStatus


@dataclass(frozen=True)
class Profile:
    """A volunteer with their stars, trainings, teams and latest ban, newest first, and what the reader can do."""

    volunteer: Volunteer
    stars: int
    trainings: list[Training]
    memberships: list[TeamMember]
    ban: Ban | None
    may: list[str]


_WITH_PERSON = "v.*, p.id `person.id`, p.name `person.name`, p.phone `person.phone`, p.home_id `person.home_id`"
_IN_HAND = among("t.status", TASKS_IN_HAND)
_HAS_OPEN_TASKS = Condition(
    f"EXISTS (SELECT 1 FROM task t WHERE t.volunteer_id = v.person_id AND {_IN_HAND.sql})",  # noqa: S608 - names of ours
    _IN_HAND.values,
)


async def get_own(person_id: int) -> Profile | None:
    """Return the person's own profile; None if they never applied."""
    found = await _find(_HAS_OPEN_TASKS, where("v.person_id = ?", person_id))
    if found is None:
        return None
    volunteer, has_open_tasks = found
    ban = await _latest_ban(volunteer)
    may = allowed_actions.of_volunteer(volunteer, ban, has_open_tasks=has_open_tasks)
    return await _get_profile(volunteer, ban, may)


async def get_for_staff(volunteer_id: int, *, by: Staff, now: datetime) -> Profile:
    """Return a volunteer of the caller's stations or counties, else raise `NotFound`."""
    near = households.is_near("v.person_id", by.person_id, now=now)
    found = await _find(near, where("v.id = ?", volunteer_id) & staff.sees_at("v.station_id", by))
    if found is None:
        raise NotFound
    volunteer, is_near = found
    may = allowed_actions.of_staff(volunteer, by, is_near=is_near)
    return await _get_profile(volunteer, await _latest_ban(volunteer), may)


async def _find(fact: Condition, wanted: Condition) -> tuple[Volunteer, bool] | None:
    """Return a volunteer with their person, and whether the fact is true."""
    source = "volunteer v JOIN person p ON p.id = v.person_id"
    found = await select(f"{_WITH_PERSON}, {fact.sql} fact", source, wanted, first=fact.values)
    if not found:
        return None
    volunteer = rows.of(Volunteer, found[0])
    volunteer.person = rows.of(Person, found[0], "person.")
    return volunteer, bool(found[0]["fact"])


async def _latest_ban(volunteer: Volunteer) -> Ban | None:
    return await Ban.filter(volunteer_id=volunteer.id).order_by("-banned_at", "-id").first()


async def _get_profile(volunteer: Volunteer, ban: Ban | None, may: list[str]) -> Profile:
    await reference.attach([volunteer], "station")
    trainings = await Training.filter(volunteer_id=volunteer.id).order_by("-day", "-id").limit(200)
    memberships = TeamMember.filter(volunteer_id=volunteer.id, current=1).select_related("team")
    teams = await memberships.order_by("-joined_at", "-id").limit(200)
    return Profile(volunteer, await get_stars(volunteer.served_minutes), trainings, teams, ban, may)


@dataclass(frozen=True)
class VolunteerCriteria:
    """Criteria of the volunteers' list; empty fields do not narrow it."""

    status: VolunteerStatus | None = None
    skill: str = ""
    station_id: int | None = None
    after: Place | None = None
    limit: int = 20


class _Instr(SqlFunction):
    def __init__(self, text: Term, *found: Term) -> None:
        super().__init__("INSTR", text, *found)


class _Position(Function):
    """The position of a text in a column, from 1, or 0; unlike JSON functions the same on every engine."""

    database_func = _Instr


async def list_for_staff(criteria: VolunteerCriteria, *, by: Staff) -> list[Volunteer]:
    """Return volunteers of the caller's stations and counties, latest application first."""
    found = Volunteer.filter(by.of_stations())
    exact = {"status": criteria.status, "station_id": criteria.station_id}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if criteria.skill:
        # Codes contain no quotes, so the quoted code matches as a whole.
        found = found.annotate(skilled=_Position("skills", f'"{criteria.skill}"')).filter(skilled__gt=0)
    found = found.filter(older("applied_at", criteria.after))
    found = found.order_by("-applied_at", "-id").limit(criteria.limit).select_related("person")
    return await reference.attach(await found, "station")


async def list_public_teams(station_id: int, *, after: Place | None, limit: int) -> list[Team]:
    """Return the station's existing teams, oldest first, each with `number`, its count of members."""
    return await _page_of_teams(Team.filter(station_id=station_id, ended_at=None), after, limit)


async def list_teams(by: Staff, *, station_id: int | None, after: Place | None, limit: int) -> list[Team]:
    """Return teams of the caller's stations and counties, also dissolved ones, each with `number`."""
    found = Team.filter(by.of_stations())
    return await _page_of_teams(found.filter(station_id=station_id) if station_id else found, after, limit)


async def get_team(team_id: int) -> Team:
    """Return the team with its station and `number`."""
    return (await _with_member_count(Team.filter(id=team_id)))[0]


async def _page_of_teams(found: QuerySet[Team], after: Place | None, limit: int) -> list[Team]:
    found = found.filter(later("created_at", after))
    return await _with_member_count(found.order_by("created_at", "id").limit(limit))


async def _with_member_count(found: QuerySet[Team]) -> list[Team]:
    number = Count("members", _filter=Q(members__current=1))
    return await reference.attach(await found.annotate(number=number), "station")


async def list_members(team_id: int, *, by: Staff, after: Place | None, limit: int) -> list[TeamMember]:
    """Return the members of a team of the caller's stations or counties, earliest first, else raise `NotFound`."""
    if not await Team.filter(by.of_stations(), id=team_id).exists():
        raise NotFound
    found = TeamMember.filter(team_id=team_id, current=1)
    found = found.filter(later("joined_at", after))
    members = found.select_related("volunteer__person")
    return await members.order_by("joined_at", "id").limit(limit)
