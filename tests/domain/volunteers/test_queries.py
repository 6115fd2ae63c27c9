"""Volunteers in the lists of staff and officers, and their own profile."""

from datetime import date, timedelta

import pytest

from server.domain.volunteers import applications, approval, queries, teams
from server.domain.volunteers.queries import VolunteerCriteria
from server.errors import NotFound
from server.models import VolunteerStatus
from tests.conftest import NOW
from tests.domain.volunteers import volunteering
from tests.factories import volunteers

S = VolunteerStatus


async def names(city, by="陈社工", **wanted):
    return [one.person.name for one in await queries.list_for_staff(VolunteerCriteria(**wanted), by=city.staff[by])]


@pytest.fixture
async def four(city):
    """甲 to 丁, who applied one after the other at 邻玉社工站, and 戊 at 蓝田社工站."""
    made = []
    for number, (name, skills) in enumerate(
        {"甲": ["culture"], "乙": ["elder_care", "tutoring"], "丙": [], "丁": ["tutoring"]}.items()
    ):
        person = await volunteering.neighbour(city, name)
        made.append(await volunteering.apply(person, now=NOW + timedelta(minutes=number), skills=skills))
    await volunteering.applied(city, "戊", home="宪桥社区")
    return made


async def test_staff_see_volunteers_of_their_station_latest_first(city, four):
    assert await names(city) == ["丁", "丙", "乙", "甲"]
    assert await names(city, by="周社工") == ["戊"]


async def test_officers_see_volunteers_of_their_county(city, four):
    assert sorted(await names(city, by="冯科长")) == sorted("甲乙丙丁戊")
    assert sorted(await names(city, by="卫处长")) == sorted("甲乙丙丁戊")
    assert await names(city, by="褚科长") == []
    assert await names(city, by="冯科长", station_id=city.stations["蓝田社工站"].id) == ["戊"]


async def test_next_page_continues_after_the_last_row(city, four):
    assert await names(city, limit=2) == ["丁", "丙"]
    assert await names(city, after=(four[2].applied_at, four[2].id), limit=2) == ["乙", "甲"]


async def test_applications_of_the_same_moment_are_both_listed(city):
    people = [await volunteering.applied(city, name) for name in ("甲", "乙")]
    first = await queries.list_for_staff(VolunteerCriteria(limit=1), by=city.staff["陈社工"])

    rest = await queries.list_for_staff(VolunteerCriteria(after=(NOW, first[0].id)), by=city.staff["陈社工"])

    assert {one.id for one in [*first, *rest]} == {one.id for one in people}


async def test_list_is_filtered_by_status(city, four):
    await volunteering.approve(city, four[1])

    assert await names(city, status=S.APPROVED) == ["乙"]
    assert await names(city, status=S.APPLIED) == ["丁", "丙", "甲"]
    assert await names(city, status=S.BANNED) == []


async def test_list_is_filtered_by_a_whole_skill(city, four):
    assert await names(city, skill="tutoring") == ["丁", "乙"]
    assert await names(city, skill="elder_care") == ["乙"]
    assert await names(city, skill="elder") == []
    assert await names(city, skill="tutoring", status=S.APPROVED) == []


async def test_profile_has_trainings_teams_and_ban(city):
    volunteer = await volunteering.approved(city)
    worker, station = city.staff["陈社工"], city.stations["邻玉社工站"].id
    for day in (date(2026, 3, 1), date(2026, 3, 8)):
        await approval.record_training(volunteer.id, title="急救", day=day, training_minutes=60, by=worker, now=NOW)
    team = await teams.create(station, name="互助队", about="", by=worker, now=NOW)
    await teams.add_member(team.id, volunteer_id=volunteer.id, is_leader=True, by=worker, now=NOW)

    profile = await queries.get_own(volunteer.person_id)

    assert (profile.volunteer.station.name, profile.volunteer.person.name) == ("邻玉社工站", "小李")
    assert [one.day.day for one in profile.trainings] == [8, 1]
    assert [(one.team.name, one.is_leader) for one in profile.memberships] == [("互助队", True)]
    assert profile.ban is None


async def test_profile_has_the_latest_ban_and_current_teams_only(city):
    first = await volunteering.appealed(city)
    await volunteering.decide(city, first)
    volunteer = await first.volunteer
    second = await volunteering.ban(city, volunteer, now=NOW + timedelta(days=1))

    profile = await queries.get_own(volunteer.person_id)

    assert profile.ban is not None
    assert (profile.ban.id, profile.memberships) == (second.id, [])


async def test_person_who_never_applied_has_no_profile(city):
    assert await queries.get_own(city.grandma.id) is None


@pytest.mark.parametrize(("by", "may"), [("陈社工", True), ("冯科长", True), ("周社工", False), ("褚科长", False)])
async def test_volunteer_is_visible_to_the_station_and_its_officers(city, by, may):
    volunteer = await volunteering.applied(city)

    if may:
        assert (await queries.get_for_staff(volunteer.id, by=city.staff[by], now=NOW)).volunteer.id == volunteer.id
    else:
        with pytest.raises(NotFound):
            await queries.get_for_staff(volunteer.id, by=city.staff[by], now=NOW)


async def test_former_volunteer_stays_visible_to_the_station(city):
    volunteer = await volunteers.volunteer("小李", city.stations["邻玉社工站"], NOW)
    await applications.leave(volunteer.person_id, now=NOW)

    assert (await queries.get_for_staff(volunteer.id, by=city.staff["陈社工"], now=NOW)).volunteer.status == S.LEFT
