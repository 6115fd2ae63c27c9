"""Bans and their lifting."""

from datetime import timedelta

import pytest

from server.domain.volunteers import bans, teams
from server.errors import (
    HeadRequired,
    InvalidVolunteerState,
    NotAllowed,
    NotFound,
    OwnVolunteering,
    VolunteerRequired,
)
from server.models import (
    Ban,
    Role,
    RoleKind,
    TeamMember,
    Volunteer,
    VolunteerStatus,
)
from tests import factories
from tests.conftest import NOW
from tests.domain.volunteers import volunteering
from tests.domain.volunteers.volunteering import held, lift, person_of
from tests.factories import volunteers

S = VolunteerStatus
LATER = NOW + timedelta(days=2)


async def test_banned_volunteer_loses_the_role_and_reads_the_reason(city):
    ban = await volunteering.banned(city)

    volunteer = await Volunteer.get(id=ban.volunteer_id)
    assert (volunteer.status, ban.reason, ban.banned_at) == (S.BANNED, "多次失约", NOW)
    role = await Role.get(kind=RoleKind.VOLUNTEER)
    assert (role.current, role.ended_by_id) == (None, city.staff["赵站长"].person_id)
    assert "volunteer_banned" in await volunteering.told(volunteer.person_id)
    with pytest.raises(VolunteerRequired):
        await held(volunteer.person_id)


async def test_banned_volunteer_leaves_every_team(city):
    volunteer = await volunteering.approved(city)
    for name in ("银龄互助队", "文艺队"):
        head, station = city.staff["赵站长"], city.stations["邻玉社工站"].id
        team = await teams.create(station, name=name, about="", by=head, now=NOW)
        await teams.add_member(team.id, volunteer_id=volunteer.id, is_leader=True, by=head, now=NOW)

    await volunteering.ban(city, volunteer, now=LATER)

    members = await TeamMember.all()
    assert [(one.current, one.left_at, one.is_leader) for one in members] == [(None, LATER, True)] * 2


@pytest.mark.parametrize(
    ("by", "refusal"),
    [
        ("陈社工", HeadRequired),
        ("冯科长", NotAllowed),
        ("卫处长", NotAllowed),
        ("吴站长", NotFound),
        ("孙站长", NotFound),
    ],
)
async def test_ban_or_lifting_by_anyone_but_the_head_is_refused(city, by, refusal):
    volunteer = await volunteering.approved(city)
    with pytest.raises(refusal):
        await volunteering.ban(city, volunteer, by=by)
    ban = await volunteering.ban(city, volunteer)
    with pytest.raises(refusal):
        await lift(city, ban, by=by)

    assert (await Ban.get()).open == 1


async def test_head_can_neither_ban_nor_reinstate_themselves(city):
    head = await factories.Person.get(id=city.staff["赵站长"].person_id)
    volunteer = await volunteers.approved(head, city.stations["邻玉社工站"], NOW)

    with pytest.raises(OwnVolunteering):
        await volunteering.ban(city, volunteer)
    await Volunteer.filter(id=volunteer.id).update(status=S.BANNED)
    with pytest.raises(OwnVolunteering):
        await bans.lift(volunteer.id, by=city.staff["赵站长"], now=NOW)


async def test_head_can_ban_a_relative_but_not_lift_the_ban(city):
    volunteer = await volunteering.approved(city)
    await volunteering.live_together(volunteer.person_id, city.staff["赵站长"].person_id)

    ban = await volunteering.ban(city, volunteer)

    with pytest.raises(OwnVolunteering):
        await lift(city, ban)


async def test_ban_of_an_applicant_or_a_banned_volunteer_is_refused(city):
    volunteer = await volunteering.applied(city)
    with pytest.raises(InvalidVolunteerState):
        await volunteering.ban(city, volunteer)
    await volunteering.approve(city, volunteer)
    await volunteering.ban(city, volunteer)

    with pytest.raises(InvalidVolunteerState):
        await volunteering.ban(city, volunteer)
    assert await Ban.all().count() == 1


async def test_lifted_ban_gives_the_role_back(city):
    ban = await volunteering.banned(city)

    await lift(city, ban, now=LATER)

    person_id = await person_of(ban)
    assert (await held(person_id)).status == S.APPROVED
    assert await Role.filter(person_id=person_id, kind=RoleKind.VOLUNTEER, current=1).count() == 1
    kept = await Ban.get(id=ban.id)
    assert (kept.open, kept.lifted_at, kept.decided_at) == (None, LATER, None)
    assert "ban_lifted" in await volunteering.told(person_id)


async def test_lifting_without_a_ban_is_refused(city):
    volunteer = await volunteering.applied(city)

    with pytest.raises(InvalidVolunteerState):
        await bans.lift(volunteer.id, by=city.staff["赵站长"], now=NOW)
    assert (await Volunteer.get()).status == S.APPLIED


async def test_approval_of_a_banned_volunteer_is_refused(city):
    ban = await volunteering.banned(city)
    volunteer = await Volunteer.get(id=ban.volunteer_id)

    with pytest.raises(InvalidVolunteerState):
        await volunteering.approve(city, volunteer)
    assert (await Volunteer.get()).status == S.BANNED
