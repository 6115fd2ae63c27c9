"""Access to volunteers."""

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

from server.domain.volunteers import ban_appeals, bans
from server.models import Ban, Role, RoleKind, Team, TeamMember, Volunteer, VolunteerStatus
from tests import factories
from tests.authorisation.given import Given
from tests.authorisation.row import ANY_STAFF, ANYBODY, OWNER, SIGNED_IN, Row
from tests.factories import volunteers
from tests.sides import Side

NUMBERS = itertools.count()
S = VolunteerStatus


async def without_volunteers(side: Side) -> Given:
    """No person of the side has ever applied, and everyone has a home."""
    people = sorted(side.people.values())
    await Role.filter(person_id__in=people, kind=RoleKind.VOLUNTEER).update(current=None)
    for row in await Volunteer.filter(person_id__in=people):
        somebody = await factories.person("别人", side.now)
        await Volunteer.filter(id=row.id).update(person_id=somebody.id)
    for person_id in people:
        await factories.Person.filter(id=person_id).update(home_id=side.community.id)
    return Given()


def owner_with(status: VolunteerStatus) -> Callable[[Side], Awaitable[Given]]:
    """The owner is the only applicant, in this state."""

    async def given(side: Side) -> Given:
        await without_volunteers(side)
        owner = await factories.Person.get(id=side.people["owner"])
        volunteer = await volunteers.approved(owner, side.station, side.now)
        if status == S.BANNED:
            await bans.ban(volunteer.id, reason="多次失约", by=side.staff["head"], now=side.now)
        return Given()

    return given


async def _volunteer(side: Side, status: VolunteerStatus = S.APPROVED) -> Volunteer:
    person = await factories.person("小李", side.now, side.community, phone="13912345678")
    if status == S.APPLIED:
        moments = {"applied_at": side.now, "skills": ["elder_care"]}
        return await Volunteer.create(person=person, station=side.station, status=status, **moments)
    made = await volunteers.approved(person, side.station, side.now)
    if status == S.BANNED:
        await bans.ban(made.id, reason="多次失约", by=side.staff["head"], now=side.now)
    return made


def volunteer(status: VolunteerStatus = S.APPROVED) -> Callable[[Side], Awaitable[Given]]:
    """A new volunteer of the station."""

    async def given(side: Side) -> Given:
        return Given(path={"volunteer_id": (await _volunteer(side, status)).id})

    return given


async def ban_appeal(side: Side) -> Given:
    """An appeal against a ban by the head of the station."""
    banned = await _volunteer(side, S.BANNED)
    await ban_appeals.submit(banned.person_id, reason="事先请过假", now=side.now)
    return Given(path={"ban_id": (await Ban.get(volunteer=banned)).id})


async def _team(side: Side) -> Team:
    return await Team.create(station=side.station, name=f"互助队{next(NUMBERS)}", created_at=side.now)


async def station(side: Side) -> Given:
    return Given(query={"station": side.station.id})


async def new_team(side: Side) -> Given:
    return Given(body={"station_id": side.station.id, "name": f"新队{next(NUMBERS)}"})


async def team(side: Side) -> Given:
    return Given(path={"team_id": (await _team(side)).id})


async def recruit(side: Side) -> Given:
    """A team, and a volunteer who is not in it."""
    return Given(path={"team_id": (await _team(side)).id}, body={"volunteer_id": (await _volunteer(side)).id})


async def member(side: Side) -> Given:
    """A team, and a volunteer who is in it."""
    where: dict[str, Any] = {"team": await _team(side), "volunteer": await _volunteer(side)}
    made = await TeamMember.create(**where, joined_at=side.now)
    return Given(path={"team_id": made.team_id, "volunteer_id": made.volunteer_id})


ANY_WORKER = "401 403 403 403 200 200 404 403 404 403"
HEAD = "401 403 403 403 403 200 404 403 404 403"
SEEN = "401 403 403 403 200 200 404 200 404 200"
# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /volunteers/me": Row(SIGNED_IN, owner_with(S.APPROVED)),
    "POST /volunteers/me/changes": Row(OWNER, owner_with(S.APPROVED)),
    "POST /volunteers/me/leaving": Row(OWNER, owner_with(S.APPROVED)),
    "POST /volunteers/me/ban-appeal": Row(OWNER.replace("200", "201"), owner_with(S.BANNED)),
    "POST /volunteers": Row(SIGNED_IN.replace("200", "201"), without_volunteers),
    # A station's volunteers.
    "GET /station/volunteers": Row(ANY_STAFF),
    "GET /station/volunteers/{volunteer_id}": Row(SEEN, volunteer()),
    "POST /station/volunteers/{volunteer_id}/contact": Row(ANY_WORKER, volunteer()),
    "POST /station/volunteers/{volunteer_id}/approval": Row(ANY_WORKER, volunteer(S.APPLIED)),
    "POST /station/volunteers/{volunteer_id}/refusal": Row(ANY_WORKER, volunteer(S.APPLIED)),
    "POST /station/volunteers/{volunteer_id}/trainings": Row(ANY_WORKER.replace("200", "201"), volunteer()),
    "POST /station/volunteers/{volunteer_id}/ban": Row(HEAD, volunteer()),
    "POST /station/volunteers/{volunteer_id}/ban-lifting": Row(HEAD, volunteer(S.BANNED)),
    "GET /ban-appeals": Row(ANY_STAFF),
    "POST /ban-appeals/{ban_id}/decision": Row("401 403 403 403 404 404 404 200 404 200", ban_appeal),
    # Teams.
    "GET /teams": Row(ANYBODY, station),
    "GET /station/teams": Row(ANY_STAFF),
    "POST /station/teams": Row("401 403 403 403 201 201 403 403 403 403", new_team),
    "POST /station/teams/{team_id}/changes": Row(ANY_WORKER, team),
    "POST /station/teams/{team_id}/ending": Row(ANY_WORKER, team),
    "GET /station/teams/{team_id}/members": Row(SEEN, member),
    "POST /station/teams/{team_id}/members": Row(ANY_WORKER.replace("200", "201"), recruit),
    "POST /station/teams/{team_id}/members/{volunteer_id}/ending": Row(ANY_WORKER, member),
}
# fmt: on
