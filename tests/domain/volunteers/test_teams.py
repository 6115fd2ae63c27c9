"""Teams of volunteers: created, joined, left, dissolved and listed."""

from datetime import timedelta

import pytest

from server.domain import staff
from server.domain.volunteers import applications, queries, teams
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
from server.models import AuditEntry, RoleKind, Station, StationStatus, Team, TeamMember
from tests import factories
from tests.conftest import NOW
from tests.domain.volunteers import volunteering
from tests.factories import volunteers as make_volunteers

LATER = NOW + timedelta(days=2)


async def found(city, name="银龄互助队", by="陈社工", station="邻玉社工站", now=NOW):
    where = city.stations[station].id
    return await teams.create(where, name=name, about="陪老人买药", by=city.staff[by], now=now)


async def add(city, team, volunteer, by="陈社工", *, is_leader=False, now=NOW):
    return await teams.add_member(team.id, volunteer_id=volunteer.id, is_leader=is_leader, by=city.staff[by], now=now)


async def remove(city, team, volunteer, by="陈社工"):
    return await teams.remove_member(team.id, volunteer_id=volunteer.id, by=city.staff[by], now=LATER)


async def end(city, team, by="陈社工"):
    return await teams.end(team.id, by=city.staff[by], now=LATER)


async def public(city, station="邻玉社工站", after=None, limit=20):
    found = await queries.list_public_teams(city.stations[station].id, after=after, limit=limit)
    return [(team.name, team.number) for team in found]


async def test_created_team_is_public(city):
    team = await found(city)

    assert (team.station_id, team.about, team.created_at) == (city.stations["邻玉社工站"].id, "陪老人买药", NOW)
    assert await public(city) == [("银龄互助队", 0)]
    assert await public(city, "蓝田社工站") == []
    assert (await AuditEntry.get(action="team.founded")).facts == {"station": team.station_id}


@pytest.mark.parametrize("by", ["周社工", "冯科长", "卫处长", "孙站长"])
async def test_team_by_staff_of_another_station_is_refused(city, by):
    with pytest.raises(NotAllowed):
        await found(city, by=by)
    assert not await Team.exists()


@pytest.mark.parametrize("status", [StationStatus.CLOSING, StationStatus.CLOSED])
async def test_team_of_a_closed_station_is_refused(city, status):
    await Station.filter(name="邻玉社工站").update(status=status)

    with pytest.raises(InvalidStationState):
        await found(city)


async def test_name_is_used_once_a_station_even_after_the_end(city):
    team = await found(city)
    await found(city, by="周社工", station="蓝田社工站")
    with pytest.raises(TeamNameTaken):
        await found(city, by="赵站长")
    await end(city, team)

    with pytest.raises(TeamNameTaken):
        await found(city)


async def test_team_changes_name_and_description(city):
    team = await found(city)

    await teams.change(team.id, changes={"name": "爱心队", "about": "每周六活动"}, by=city.staff["林社工"], now=NOW)

    kept = await Team.get(id=team.id)
    assert (kept.name, kept.about) == ("爱心队", "每周六活动")


async def test_change_to_the_name_of_another_team_is_refused(city):
    team = await found(city)
    await found(city, "文艺队")

    await teams.change(team.id, changes={"name": "银龄互助队"}, by=city.staff["陈社工"], now=NOW)
    with pytest.raises(TeamNameTaken):
        await teams.change(team.id, changes={"name": "文艺队"}, by=city.staff["陈社工"], now=NOW)
    assert (await Team.get(id=team.id)).name == "银龄互助队"


async def test_change_of_nothing_is_not_audited(city):
    team = await found(city)

    await teams.change(team.id, changes={}, by=city.staff["陈社工"], now=NOW)

    assert not await AuditEntry.exists(action="team.changed")


async def test_added_member_is_notified(city):
    team, volunteer = await found(city), await volunteering.approved(city)

    member = await add(city, team, volunteer, is_leader=True)

    assert (member.is_leader, member.joined_at, member.current) == (True, NOW, 1)
    assert await public(city) == [("银龄互助队", 1)]
    assert "team_joined" in await volunteering.told(volunteer.person_id)


async def test_second_membership_is_refused(city):
    team, volunteer = await found(city), await volunteering.approved(city)
    await add(city, team, volunteer)

    with pytest.raises(AlreadyMember):
        await add(city, team, volunteer, by="林社工", is_leader=True)
    assert await TeamMember.all().count() == 1


async def test_member_who_is_no_approved_volunteer_is_refused(city):
    team, volunteer = await found(city), await volunteering.applied(city)

    with pytest.raises(VolunteerRequired):
        await add(city, team, volunteer)
    assert await public(city) == [("银龄互助队", 0)]


async def test_member_from_another_own_station_is_accepted_but_no_stranger(city):
    team = await found(city)
    elsewhere = await make_volunteers.volunteer("小周", city.stations["蓝田社工站"], NOW)
    with pytest.raises(NotFound):
        await add(city, team, elsewhere)
    chen = await factories.Person.get(id=city.staff["陈社工"].person_id)
    await factories.role(chen, RoleKind.SOCIAL_WORKER, NOW, station=city.stations["蓝田社工站"])
    city.staff["陈社工"] = await staff.of_person(chen.id)

    await add(city, team, elsewhere)

    assert await public(city) == [("银龄互助队", 1)]


async def test_removed_member_stays_recorded_and_can_return(city):
    team, volunteer = await found(city), await volunteering.approved(city)
    await add(city, team, volunteer)

    left = await remove(city, team, volunteer)

    assert (left.left_at, left.current) == (LATER, None)
    assert "team_left" in await volunteering.told(volunteer.person_id)
    assert await public(city) == [("银龄互助队", 0)]
    await add(city, team, volunteer, now=LATER)
    assert await TeamMember.filter(team=team, volunteer=volunteer).count() == 2


async def test_removal_of_a_person_outside_the_team_is_refused(city):
    team, volunteer = await found(city), await volunteering.approved(city)
    with pytest.raises(NotMember):
        await remove(city, team, volunteer)
    await add(city, team, volunteer)
    await remove(city, team, volunteer)

    with pytest.raises(NotMember):
        await remove(city, team, volunteer)


async def test_former_volunteer_is_in_no_team(city):
    team, volunteer = await found(city), await volunteering.approved(city)
    await add(city, team, volunteer)

    await applications.leave(volunteer.person_id, now=LATER)

    member = await TeamMember.get()
    assert (member.left_at, member.current) == (LATER, None)


async def test_dissolved_team_has_no_members_and_is_not_public(city):
    team, other = await found(city), await found(city, "文艺队")
    volunteer = await volunteering.approved(city)
    for one in (team, other):
        await add(city, one, volunteer)

    ended = await end(city, team)

    assert ended.ended_at == (await Team.get(id=team.id)).ended_at == LATER
    assert "team_ended" in await volunteering.told(volunteer.person_id)
    assert await public(city) == [("文艺队", 1)]
    assert (await TeamMember.get(team=team)).left_at == LATER


async def test_change_of_a_dissolved_team_is_refused(city):
    team, volunteer = await found(city), await volunteering.approved(city)
    await end(city, team)

    with pytest.raises(TeamEnded):
        await add(city, team, volunteer)
    with pytest.raises(TeamEnded):
        await remove(city, team, volunteer)
    with pytest.raises(TeamEnded):
        await end(city, team)
    with pytest.raises(TeamEnded):
        await teams.change(team.id, changes={"about": ""}, by=city.staff["陈社工"], now=NOW)


@pytest.mark.parametrize(("by", "refusal"), [("冯科长", NotAllowed), ("周社工", NotFound), ("褚科长", NotFound)])
async def test_change_of_a_team_by_other_staff_is_refused(city, by, refusal):
    team, volunteer = await found(city), await volunteering.approved(city)

    for verb in (add, remove):
        with pytest.raises(refusal):
            await verb(city, team, volunteer, by=by)
    with pytest.raises(refusal):
        await end(city, team, by=by)


async def test_teams_are_listed_page_by_page_oldest_first(city):
    names = [f"{n}队" for n in "甲乙丙丁"]
    made = [await found(city, name, now=NOW + timedelta(minutes=n)) for n, name in enumerate(names)]

    assert [name for name, _ in await public(city, limit=2)] == names[:2]
    place = (made[1].created_at, made[1].id)
    assert [name for name, _ in await public(city, after=place, limit=2)] == names[2:]


async def test_staff_see_teams_of_their_stations_and_officers_of_their_county(city):
    team = await found(city)
    await end(city, team)
    await found(city, "蓝田队", by="周社工", station="蓝田社工站")

    async def names(by, station_id=None):
        shown = await queries.list_teams(city.staff[by], station_id=station_id, after=None, limit=20)
        return sorted(one.name for one in shown)

    assert await names("陈社工") == ["银龄互助队"]
    assert await names("冯科长") == await names("卫处长") == ["蓝田队", "银龄互助队"]
    assert await names("冯科长", city.stations["蓝田社工站"].id) == ["蓝田队"]
    assert await names("褚科长") == []


async def test_members_are_listed_earliest_first_to_who_sees_the_team(city):
    team = await found(city)
    volunteers = [await volunteering.approved(city, name) for name in ("甲", "乙", "丙", "丁")]
    joined = [await add(city, team, one, now=NOW + timedelta(minutes=number)) for number, one in enumerate(volunteers)]
    await remove(city, team, volunteers[0])

    async def names(by, after=None, limit=20):
        shown = await queries.list_members(team.id, by=city.staff[by], after=after, limit=limit)
        return [one.volunteer.person.name for one in shown]

    assert await names("陈社工") == await names("冯科长") == ["乙", "丙", "丁"]
    assert await names("陈社工", after=(joined[2].joined_at, joined[2].id), limit=1) == ["丁"]
    with pytest.raises(NotFound):
        await names("周社工")
