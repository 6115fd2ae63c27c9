"""Teams of volunteers 志愿服务队: a team belongs to a station, its members to the stations that its staff work for."""

from datetime import datetime
from typing import Any

from server.database import db
from server.domain import audit, notifications, reference, stations
from server.domain.notifications import NoticeTemplate
from server.domain.staff import Staff
from server.domain.volunteers import access
from server.domain.volunteers.notifications import TEAM_ENDED, TEAM_JOINED, TEAM_LEFT
from server.errors import (
    AlreadyMember,
    InvalidStationState,
    NotAllowed,
    NotFound,
    NotMember,
    TeamEnded,
    TeamNameTaken,
    VolunteerRequired,
)
from server.models import Team, TeamMember, Volunteer, VolunteerStatus


@db.transaction
async def create(station_id: int, *, name: str, about: str, by: Staff, now: datetime) -> Team:
    """Create a team of a station that the caller works for.

    Raises `NotAllowed`, `InvalidStationState` for a station that closes or closed, and `TeamNameTaken`: a station uses
    each name once.
    """
    if station_id not in by.station_ids:
        raise NotAllowed
    station = (await reference.lock_shared()).stations[station_id]
    if station.status in stations.ENDING:
        raise InvalidStationState(status=station.status)
    await _require_free_name(station_id, name)
    made = await Team.create(station_id=station_id, name=name, about=about, created_at=now)
    await audit.note("team.founded", f"team:{made.id}", by=by.person_id, now=now, station=station_id)
    return made


async def _require_free_name(station_id: int, name: str) -> None:
    await stations.lock_row(station_id)  # no two teams take the same name at once
    if await Team.exists(station_id=station_id, name=name):
        raise TeamNameTaken


@db.transaction
async def change(team_id: int, *, changes: dict[str, Any], by: Staff, now: datetime) -> Team:
    """Change name or about. Raises `TeamEnded` and `TeamNameTaken`."""
    team = await _lock_team(team_id, by)
    if changes.get("name", team.name) != team.name:
        await _require_free_name(team.station_id, changes["name"])
    if changes:
        await Team.filter(id=team_id).update(**changes)
        await audit.note("team.changed", f"team:{team_id}", by=by.person_id, now=now, fields=sorted(changes))
    return team.update_from_dict(changes)


@db.transaction
async def add_member(team_id: int, *, volunteer_id: int, is_leader: bool, by: Staff, now: datetime) -> TeamMember:
    """Add an approved volunteer of the caller's stations. Raises `VolunteerRequired` and `AlreadyMember`."""
    volunteer = await access.lock_for_station(volunteer_id, by)
    if volunteer.status != VolunteerStatus.APPROVED:
        raise VolunteerRequired
    team = await _lock_team(team_id, by)
    # The volunteer's lock prevents a second membership at the same moment.
    if await TeamMember.exists(team_id=team_id, volunteer_id=volunteer_id, current=1):
        raise AlreadyMember
    made = await TeamMember.create(team_id=team_id, volunteer_id=volunteer_id, is_leader=is_leader, joined_at=now)
    await _note("member_added", team, by, now, volunteer=volunteer_id)
    await _notify([volunteer.person_id], team, TEAM_JOINED, now)
    return made


@db.transaction
async def remove_member(team_id: int, *, volunteer_id: int, by: Staff, now: datetime) -> TeamMember:
    """End a volunteer's membership in the team. Raises `NotMember`."""
    team = await _lock_team(team_id, by)
    member = await TeamMember.filter(team_id=team_id, volunteer_id=volunteer_id, current=1).first()
    # The volunteer may be leaving, or be banned, at this very moment.
    if member is None or not await TeamMember.filter(id=member.id, current=1).update(left_at=now, current=None):
        raise NotMember
    volunteer = await Volunteer.get(id=volunteer_id)
    await _notify([volunteer.person_id], team, TEAM_LEFT, now)
    await _note("member_left", team, by, now, volunteer=volunteer_id)
    return await TeamMember.get(id=member.id)


@db.transaction
async def end(team_id: int, *, by: Staff, now: datetime) -> Team:
    """Dissolve the team; the team and its memberships stay recorded."""
    team = await _lock_team(team_id, by)
    await Team.filter(id=team_id).update(ended_at=now)
    members = TeamMember.filter(team_id=team_id, current=1)
    people = await members.values_list("volunteer__person_id", flat=True)
    await members.update(left_at=now, current=None)
    await _notify(list(people), team, TEAM_ENDED, now)
    await _note("ended", team, by, now)
    return team.update_from_dict({"ended_at": now})


async def _lock_team(team_id: int, by: Staff) -> Team:
    """Return the team, locked, of a station that the caller works for. Raises `TeamEnded` for a dissolved one."""
    team = await Team.filter(id=team_id, station_id__in=sorted(by.station_ids)).select_for_update().first()
    if team is None:
        known = await Team.filter(by.of_stations(), id=team_id).exists()
        raise NotAllowed if known else NotFound
    if team.ended_at is not None:
        raise TeamEnded
    return team


async def _notify(people: list[Any], team: Team, template: NoticeTemplate, now: datetime) -> None:
    await notifications.notify(people, template, subject_id=team.id, now=now)


async def _note(action: str, team: Team, by: Staff, now: datetime, **facts: Any) -> None:
    await audit.note(f"team.{action}", f"team:{team.id}", by=by.person_id, now=now, **facts)
