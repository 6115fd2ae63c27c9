"""What is shown of volunteers and teams: to themselves, to staff of their station and its officers, to everybody."""

from dataclasses import dataclass

from pypika_tortoise.terms import Function as SqlFunction
from pypika_tortoise.terms import Term
from tortoise.expressions import Function, Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from server.domain.pagination import Place, later, older
from server.domain.staff import Staff
from server.domain.star_levels import stars
from server.errors import NotFound
from server.models import Ban, Team, TeamMember, Training, Volunteer, VolunteerStatus


@dataclass(frozen=True)
class Profile:
    """A volunteer with their stars, and their trainings, teams and last ban, newest first."""

    volunteer: Volunteer
    stars: int
    trainings: list[Training]
    memberships: list[TeamMember]
    ban: Ban | None


async def own(person_id: int) -> Profile | None:
    """Return the person's own profile; None if they never applied."""
    volunteer = await Volunteer.filter(person_id=person_id).select_related("person", "station").first()
    return await _profile(volunteer) if volunteer is not None else None


async def one(volunteer_id: int, *, by: Staff) -> Profile:
    """A volunteer of the caller's stations or counties; NotFound otherwise."""
    found = Volunteer.filter(by.of_stations(), id=volunteer_id)
    volunteer = await found.select_related("person", "station").first()
    if volunteer is None:
        raise NotFound
    return await _profile(volunteer)


async def _profile(volunteer: Volunteer) -> Profile:
    trainings = await Training.filter(volunteer_id=volunteer.id).order_by("-day", "-id").limit(200)
    memberships = TeamMember.filter(volunteer_id=volunteer.id, current=1).select_related("team")
    ban = await Ban.filter(volunteer_id=volunteer.id).order_by("-banned_at", "-id").first()
    teams = await memberships.order_by("-joined_at", "-id").limit(200)
    return Profile(volunteer, await stars(volunteer.served_minutes), trainings, teams, ban)


@dataclass(frozen=True)
class Wanted:
    """Which volunteers of the list; empty fields do not narrow it."""

    status: VolunteerStatus | None = None
    skill: str = ""
    station_id: int | None = None
    after: Place | None = None
    limit: int = 20


class _Instr(SqlFunction):
    def __init__(self, text: Term, *found: Term) -> None:
        super().__init__("INSTR", text, *found)


class _Position(Function):
    """Where a text stands in a column, from 1; 0 where it does not. The same on every engine, unlike JSON's own."""

    database_func = _Instr


async def listed(wanted: Wanted, *, by: Staff) -> list[Volunteer]:
    """Volunteers of the caller's stations and counties, who applied last first, below a place in the list."""
    found = Volunteer.filter(by.of_stations())
    exact = {"status": wanted.status, "station_id": wanted.station_id}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if wanted.skill:
        # Codes hold no quotes, so that the quoted one is found whole.
        found = found.annotate(skilled=_Position("skills", f'"{wanted.skill}"')).filter(skilled__gt=0)
    found = found.filter(older("applied_at", wanted.after))
    return await found.order_by("-applied_at", "-id").limit(wanted.limit).select_related("person", "station")


async def public_teams(station_id: int, *, after: Place | None, limit: int) -> list[Team]:
    """Teams of the station that exist today, oldest first, each with `number`, its members."""
    return await _page_of_teams(Team.filter(station_id=station_id, ended_at=None), after, limit)


async def teams(by: Staff, *, station_id: int | None, after: Place | None, limit: int) -> list[Team]:
    """Teams of the caller's stations and counties, dissolved ones too, as `public_teams`."""
    found = Team.filter(by.of_stations())
    return await _page_of_teams(found.filter(station_id=station_id) if station_id else found, after, limit)


async def team(team_id: int) -> Team:
    """The team with its station and `number`."""
    return await _counted(Team.filter(id=team_id)).get()


async def _page_of_teams(found: QuerySet[Team], after: Place | None, limit: int) -> list[Team]:
    found = found.filter(later("created_at", after))
    return await _counted(found).order_by("created_at", "id").limit(limit)


def _counted(found: QuerySet[Team]) -> QuerySet[Team]:
    number = Count("members", _filter=Q(members__current=1))
    return found.annotate(number=number).select_related("station")


async def members(team_id: int, *, by: Staff, after: Place | None, limit: int) -> list[TeamMember]:
    """Who is in a team of the caller's stations or counties, who joined first; NotFound otherwise."""
    if not await Team.filter(by.of_stations(), id=team_id).exists():
        raise NotFound
    found = TeamMember.filter(team_id=team_id, current=1)
    found = found.filter(later("joined_at", after))
    shown = found.select_related("volunteer__person")
    return await shown.order_by("joined_at", "id").limit(limit)
