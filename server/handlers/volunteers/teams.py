"""Teams of volunteers: the public list, and management by staff."""

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
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.volunteers import serializers
from server.models import Team, TeamMember

PATH = "/station/teams/<team_id:int>"


def _place(team: Team) -> cursor.Place:
    return team.created_at, team.id


@endpoint("GET", "/teams", query=StationPageQuery, reply=Page[TeamSummary], roles=Roles.ANYONE)
async def list_teams(query: StationPageQuery) -> Page[TeamSummary]:
    """List the teams of a station with their numbers of members."""
    found = await queries.list_public_teams(query.station, after=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, _place)
    return Page[TeamSummary](items=[serializers.team_summary(one) for one in found], next=following)


@endpoint("GET", "/station/teams", query=StaffPageQuery, reply=Page[StaffTeamDetail], roles=Roles.STAFF)
async def list_station_teams(query: StaffPageQuery, caller: Caller) -> Page[StaffTeamDetail]:
    """List teams of the caller's stations and counties, also dissolved ones."""
    after = cursor.after(query.after)
    found = await queries.list_teams(caller.scope, station_id=query.station, after=after, limit=query.limit)
    following = cursor.following(found, query.limit, _place)
    return Page[StaffTeamDetail](items=[serializers.staff_team_detail(one) for one in found], next=following)


@endpoint(
    "POST",
    "/station/teams",
    body=NewTeam,
    reply=StaffTeamDetail,
    subject=subjects.TEAM,
    status=201,
    roles=Roles.STAFF,
    refuses=(InvalidStationState, TeamNameTaken),
)
async def create_team(body: NewTeam, caller: Caller, now: Moment) -> StaffTeamDetail:
    """Create a team of a station that the caller works for."""
    return await _get_detail(await teams.create(**body.model_dump(), by=caller.scope, now=now))


async def _get_detail(team: Team) -> StaffTeamDetail:
    return serializers.staff_team_detail(await queries.get_team(team.id))


@endpoint(
    "POST",
    PATH + "/changes",
    body=TeamChanges,
    reply=StaffTeamDetail,
    subject=subjects.TEAM,
    roles=Roles.STAFF,
    refuses=(TeamEnded, TeamNameTaken),
)
async def change_team(team_id: int, body: TeamChanges, caller: Caller, now: Moment) -> StaffTeamDetail:
    """Change the team's name or description."""
    changes = body.model_dump(exclude_unset=True)
    return await _get_detail(await teams.change(team_id, changes=changes, by=caller.scope, now=now))


@endpoint(
    "POST", PATH + "/ending", reply=StaffTeamDetail, subject=subjects.TEAM, roles=Roles.STAFF, refuses=(TeamEnded,)
)
async def end_team(team_id: int, caller: Caller, now: Moment) -> StaffTeamDetail:
    """Dissolve the team; its memberships stay recorded."""
    return await _get_detail(await teams.end(team_id, by=caller.scope, now=now))


@endpoint("GET", PATH + "/members", query=PageQuery, reply=Page[TeamMemberDetail], roles=Roles.STAFF)
async def list_team_members(team_id: int, query: PageQuery, caller: Caller) -> Page[TeamMemberDetail]:
    """List the members of the team, earliest first."""
    found = await queries.list_members(team_id, by=caller.scope, after=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.joined_at, one.id))
    return Page[TeamMemberDetail](items=[serializers.team_member_detail(one) for one in found], next=following)


@endpoint(
    "POST",
    PATH + "/members",
    body=NewTeamMember,
    reply=TeamMemberDetail,
    subject=subjects.TEAM,
    status=201,
    roles=Roles.STAFF,
    refuses=(VolunteerRequired, TeamEnded, AlreadyMember),
)
async def add_team_member(team_id: int, body: NewTeamMember, caller: Caller, now: Moment) -> TeamMemberDetail:
    """Add an approved volunteer of the caller's stations to the team."""
    return await _member_detail(await teams.add_member(team_id, **body.model_dump(), by=caller.scope, now=now))


async def _member_detail(one: TeamMember) -> TeamMemberDetail:
    await one.fetch_related("volunteer__person")
    return serializers.team_member_detail(one)


@endpoint(
    "POST",
    PATH + "/members/<volunteer_id:int>/ending",
    reply=TeamMemberDetail,
    subject=subjects.TEAM,
    roles=Roles.STAFF,
    refuses=(TeamEnded, NotMember),
)
async def remove_team_member(team_id: int, volunteer_id: int, caller: Caller, now: Moment) -> TeamMemberDetail:
    """End a volunteer's membership in the team."""
    return await _member_detail(await teams.remove_member(team_id, volunteer_id=volunteer_id, by=caller.scope, now=now))
