"""Volunteers and teams as they are shown to themselves, to staff and officers, and to everyone."""

from dataclasses import dataclass

from pypika_tortoise.terms import Function as SqlFunction
from pypika_tortoise.terms import Term
from tortoise.expressions import Function, Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from server.domain import reference
from server.domain.pagination import Place, later, older
from server.domain.staff import Staff
from server.domain.star_levels import get_stars
from server.errors import NotFound
from server.models import Ban, Team, TeamMember, Training, Volunteer, VolunteerStatus


@dataclass(frozen=True)
class Profile:
    """A volunteer with their stars, trainings, teams and latest ban, newest first."""

    volunteer: Volunteer
    stars: int
    trainings: list[Training]
    memberships: list[TeamMember]
    ban: Ban | None


async def get_own(person_id: int) -> Profile | None:
    """Return the person's own profile; None if they never applied."""
    volunteer = await Volunteer.filter(person_id=person_id).select_related("person").first()
    return await _get_profile(volunteer) if volunteer is not None else None


async def get_for_staff(volunteer_id: int, *, by: Staff) -> Profile:
    """Return a volunteer of the caller's stations or counties, else raise `NotFound`."""
    volunteer = await Volunteer.filter(by.of_stations(), id=volunteer_id).select_related("person").first()
    if volunteer is None:
        raise NotFound
    return await _get_profile(volunteer)


async def _get_profile(volunteer: Volunteer) -> Profile:
    await reference.attach([volunteer], "station")
    trainings = await Training.filter(volunteer_id=volunteer.id).order_by("-day", "-id").limit(200)
    memberships = TeamMember.filter(volunteer_id=volunteer.id, current=1).select_related("team")
    ban = await Ban.filter(volunteer_id=volunteer.id).order_by("-banned_at", "-id").first()
    teams = await memberships.order_by("-joined_at", "-id").limit(200)
    return Profile(volunteer, await get_stars(volunteer.served_minutes), trainings, teams, ban)


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
