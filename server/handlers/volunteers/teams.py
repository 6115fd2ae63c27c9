"""Teams of volunteers: for everybody to see, for staff to keep."""

from miniprogram_contract.base import Page, PageQuery, StaffPageQuery, StationPageQuery
from miniprogram_contract.teams import (
    NewTeam,
    NewTeamMember,
    StaffTeamDetail,
    TeamChanges,
    TeamMemberDetail,
    TeamSummary,
)
from server.adapters.clock import Moment
from server.domain.volunteers import queries, teams
from server.errors import (
    AlreadyMember,
    InvalidStationState,
    NotMember,
    TeamEnded,
    TeamNameTaken,
    VolunteerRequired,
)
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.volunteers import serializers
from server.models import Team, TeamMember

PATH = "/station/teams/<team_id:int>"


def _place(team: Team) -> cursor.Place:
    return team.created_at, team.id


@endpoint("GET", "/teams", query=StationPageQuery, reply=Page[TeamSummary], roles=Roles.ANYONE)
async def list_teams(query: StationPageQuery) -> Page[TeamSummary]:
    """Teams of a station, and how many are in each."""
    found = await queries.public_teams(query.station, after=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, _place)
    return Page[TeamSummary](items=[serializers.public_team(one) for one in found], next=following)


@endpoint("GET", "/station/teams", query=StaffPageQuery, reply=Page[StaffTeamDetail], roles=Roles.STAFF)
async def list_station_teams(query: StaffPageQuery, caller: Caller) -> Page[StaffTeamDetail]:
    """Teams of one's stations, or of one's county, dissolved ones too."""
    after = cursor.after(query.after)
    found = await queries.teams(caller.scope, station_id=query.station, after=after, limit=query.limit)
    following = cursor.following(found, query.limit, _place)
    return Page[StaffTeamDetail](items=[serializers.team(one) for one in found], next=following)


@endpoint(
    "POST",
    "/station/teams",
    body=NewTeam,
    reply=StaffTeamDetail,
    status=201,
    roles=Roles.STAFF,
    refuses=(InvalidStationState, TeamNameTaken),
)
async def create_team(body: NewTeam, caller: Caller, now: Moment) -> StaffTeamDetail:
    """Found a team of a station one works for."""
    return await _shown(await teams.found(**body.model_dump(), by=caller.scope, now=now))


async def _shown(team: Team) -> StaffTeamDetail:
    return serializers.team(await queries.team(team.id))


@endpoint(
    "POST",
    PATH + "/changes",
    body=TeamChanges,
    reply=StaffTeamDetail,
    roles=Roles.STAFF,
    refuses=(TeamEnded, TeamNameTaken),
)
async def change_team(team_id: int, body: TeamChanges, caller: Caller, now: Moment) -> StaffTeamDetail:
    """Change its name or what it says of itself."""
    changes = body.model_dump(exclude_unset=True)
    return await _shown(await teams.edit(team_id, changes=changes, by=caller.scope, now=now))


@endpoint("POST", PATH + "/ending", reply=StaffTeamDetail, roles=Roles.STAFF, refuses=(TeamEnded,))
async def end_team(team_id: int, caller: Caller, now: Moment) -> StaffTeamDetail:
    """Dissolve it; who was in it until when stays recorded."""
    return await _shown(await teams.end(team_id, by=caller.scope, now=now))


@endpoint("GET", PATH + "/members", query=PageQuery, reply=Page[TeamMemberDetail], roles=Roles.STAFF)
async def list_team_members(team_id: int, query: PageQuery, caller: Caller) -> Page[TeamMemberDetail]:
    """Who is in it, who joined first first."""
    found = await queries.members(team_id, by=caller.scope, after=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.joined_at, one.id))
    return Page[TeamMemberDetail](items=[serializers.member(one, caller.scope) for one in found], next=following)


@endpoint(
    "POST",
    PATH + "/members",
    body=NewTeamMember,
    reply=TeamMemberDetail,
    status=201,
    roles=Roles.STAFF,
    refuses=(VolunteerRequired, TeamEnded, AlreadyMember),
)
async def add_team_member(team_id: int, body: NewTeamMember, caller: Caller, now: Moment) -> TeamMemberDetail:
    """Take an approved volunteer of one's stations into it."""
    return await _member(await teams.add(team_id, **body.model_dump(), by=caller.scope, now=now), caller)


async def _member(one: TeamMember, caller: Caller) -> TeamMemberDetail:
    await one.fetch_related("volunteer__person")
    return serializers.member(one, caller.scope)


@endpoint(
    "POST",
    PATH + "/members/<volunteer_id:int>/ending",
    reply=TeamMemberDetail,
    roles=Roles.STAFF,
    refuses=(TeamEnded, NotMember),
)
async def remove_team_member(team_id: int, volunteer_id: int, caller: Caller, now: Moment) -> TeamMemberDetail:
    """End somebody's time in it."""
    return await _member(await teams.remove(team_id, volunteer_id=volunteer_id, by=caller.scope, now=now), caller)
