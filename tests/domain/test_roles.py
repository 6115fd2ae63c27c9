"""Appointments: the roles that may grant each role, and races between two appointments."""

import asyncio

import pytest

from server.domain import roles, staff
from server.domain.roles import Appointment, RolePlace
from server.errors import (
    HeadExists,
    InvalidStationState,
    NotFound,
    OwnRole,
    RoleEnded,
    RoleHeld,
    RoleNotGrantable,
)
from server.models import AuditEntry, Person, Role, RoleKind, Station, StationStatus
from tests import factories
from tests.conftest import NOW
from tests.factories.roles import appointed, city_officer

WORKER, HEAD = RoleKind.SOCIAL_WORKER, RoleKind.STATION_HEAD
COUNTY, CITY = RoleKind.COUNTY_OFFICER, RoleKind.CITY_OFFICER


@pytest.fixture
async def newcomer(city):
    return await factories.person("何新", NOW)


def place(city, kind):
    """Return where these tests grant a role of the kind: 邻玉社工站, 江阳区 or the city."""
    if kind in (WORKER, HEAD):
        return {"station_id": city.stations["邻玉社工站"].id}
    return {"county_id": city.areas["江阳区"].id} if kind == COUNTY else {}


@pytest.fixture
async def grant(city):
    """Have somebody offer a role, the person accept it, and another officer of the city confirm it."""
    third = await city_officer(NOW)

    async def appoint(by, person, kind, **where):
        wanted = RolePlace(kind, **(where or place(city, kind)))
        return await appointed(wanted, person, by=city.staff[by], confirmed_by=third, now=NOW)

    return appoint


async def vacate(city, station):
    """End the present head's role, so that the station needs one."""
    await Role.filter(station=city.stations[station], kind=HEAD, current=1).update(current=None, ended_at=NOW)


@pytest.mark.parametrize(
    ("by", "may"),
    [
        ("卫处长", {WORKER, HEAD, COUNTY, CITY}),
        ("冯科长", {WORKER, HEAD}),
        ("褚科长", set()),
        ("赵站长", {WORKER}),
        ("吴站长", set()),
        ("孙站长", set()),
        ("陈社工", set()),
    ],
)
async def test_roles_are_granted_downwards_only(city, newcomer, by, may, grant):
    if HEAD in may:  # the place of the head is free
        await vacate(city, "邻玉社工站")

    for kind in (WORKER, HEAD, COUNTY, CITY):
        if kind in may:
            assert (await grant(by, newcomer, kind)).kind == kind
        else:
            with pytest.raises(RoleNotGrantable):
                await grant(by, newcomer, kind)


async def test_appointing_oneself_is_refused(city, grant):
    chief = await Person.get(id=city.staff["卫处长"].person_id)

    with pytest.raises(OwnRole):
        await grant("卫处长", chief, HEAD)


async def test_a_role_counts_at_once_and_keeps_who_granted_it_and_when(city, newcomer, grant):
    role = await grant("赵站长", newcomer, WORKER)

    assert (await staff.of_person(newcomer.id)).station_ids == {city.stations["邻玉社工站"].id}
    assert (role.granted_by_id, role.granted_at) == (city.staff["赵站长"].person_id, NOW)
    entry = await AuditEntry.get(action="role.granted")
    assert entry.facts == {"person": newcomer.id, "kind": "social_worker"}


async def test_a_worker_may_work_for_several_stations(city, newcomer, grant):
    await grant("赵站长", newcomer, WORKER)
    await grant("吴站长", newcomer, WORKER, station_id=city.stations["蓝田社工站"].id)

    assert len((await staff.of_person(newcomer.id)).station_ids) == 2


async def test_a_station_has_exactly_one_head(city, newcomer, grant):
    with pytest.raises(HeadExists):
        await grant("冯科长", newcomer, HEAD)

    await vacate(city, "邻玉社工站")
    assert await grant("冯科长", newcomer, HEAD)


async def test_the_same_role_is_held_once(city, newcomer, grant):
    await grant("赵站长", newcomer, WORKER)

    with pytest.raises(RoleHeld):
        await grant("冯科长", newcomer, WORKER)


async def test_appointing_the_present_head_again_says_role_held(city, grant):
    zhao = await Person.get(id=city.staff["赵站长"].person_id)

    with pytest.raises(RoleHeld):
        await grant("冯科长", zhao, HEAD)


async def test_appointing_to_missing_things_is_not_found(city, newcomer, grant):
    with pytest.raises(NotFound):
        await grant("卫处长", newcomer, WORKER, station_id=999_999)
    with pytest.raises(NotFound):
        await grant("卫处长", newcomer, COUNTY, county_id=city.areas["邻玉街道"].id)


async def test_disabled_person_is_not_appointed(city, newcomer, grant):
    await Person.filter(id=newcomer.id).update(disabled_at=NOW)

    with pytest.raises(NotFound):
        await grant("赵站长", newcomer, WORKER)


@pytest.mark.parametrize("status", [StationStatus.CLOSING, StationStatus.CLOSED])
async def test_a_closed_station_gets_no_staff(city, newcomer, status, grant):
    await Station.filter(id=city.stations["邻玉社工站"].id).update(status=status)

    with pytest.raises(InvalidStationState):
        await grant("赵站长", newcomer, WORKER)


async def test_a_role_that_ended_counts_no_longer_and_stays_as_history(city, newcomer, grant):
    role = await grant("赵站长", newcomer, WORKER)

    ended = await roles.end(role.id, by=city.staff["赵站长"], now=NOW)

    assert (await staff.of_person(newcomer.id)).station_ids == frozenset()
    assert (ended.ended_at, ended.ended_by_id) == (NOW, city.staff["赵站长"].person_id)
    assert await grant("赵站长", newcomer, WORKER)
    assert await Role.filter(person=newcomer).count() == 2


async def test_a_role_ends_once(city, newcomer, grant):
    role = await grant("赵站长", newcomer, WORKER)
    await roles.end(role.id, by=city.staff["赵站长"], now=NOW)

    with pytest.raises(RoleEnded):
        await roles.end(role.id, by=city.staff["冯科长"], now=NOW)


async def test_ending_an_own_role_is_refused(city):
    own = await Role.get(person_id=city.staff["冯科长"].person_id)

    with pytest.raises(OwnRole):
        await roles.end(own.id, by=city.staff["冯科长"], now=NOW)


async def test_only_who_may_grant_a_role_may_end_it(city):
    heads_role = await Role.get(person_id=city.staff["赵站长"].person_id)

    with pytest.raises(RoleNotGrantable):
        await roles.end(heads_role.id, by=city.staff["陈社工"], now=NOW)
    assert (await roles.end(heads_role.id, by=city.staff["冯科长"], now=NOW)).ended_at == NOW


async def test_roles_elsewhere_are_not_found(city):
    elsewhere = await Role.get(person_id=city.staff["吴站长"].person_id)

    for name in ("褚科长", "赵站长", "陈社工"):
        with pytest.raises(NotFound):
            await roles.end(elsewhere.id, by=city.staff[name], now=NOW)


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("陈社工", {"陈社工", "林社工", "赵站长"}),
        ("褚科长", {"钱社工", "褚科长"}),
        ("冯科长", {"陈社工", "林社工", "赵站长", "周社工", "吴站长", "孙站长", "郑社工", "冯科长"}),
    ],
)
async def test_list_shows_colleagues_and_for_officers_their_county(city, by, names):
    found = await roles.list_visible(
        city.staff[by], station_id=None, area_id=None, with_ended=False, after=0, limit=100
    )

    assert {role.person.name for role in found} == names


async def test_the_list_is_narrowed_by_station_or_county_and_shows_history_when_asked(city):
    chief, station = city.staff["卫处长"], city.stations["邻玉社工站"].id
    await vacate(city, "邻玉社工站")
    usual = {"station_id": station, "area_id": None, "after": 0, "limit": 100}

    assert len(await roles.list_visible(chief, with_ended=False, **usual)) == 2
    assert len(await roles.list_visible(chief, with_ended=True, **usual)) == 3
    of_county = usual | {"station_id": None, "area_id": city.areas["龙马潭区"].id}
    assert len(await roles.list_visible(chief, with_ended=False, **of_county)) == 2


async def test_next_page_begins_after_the_last_role_seen(city):
    chief = city.staff["卫处长"]
    usual = {"station_id": None, "area_id": None, "with_ended": False, "limit": 4}

    first = await roles.list_visible(chief, after=0, **usual)
    second = await roles.list_visible(chief, after=first[-1].id, **usual)

    assert len({role.id for role in [*first, *second]}) == 8


async def test_administrator_appoints_a_person_before_the_first_sign_in(database):
    person = await roles.person_of_openid("openid-of-wei", name="卫处长", now=NOW)
    assert (await roles.person_of_openid("openid-of-wei", name=None, now=NOW)).id == person.id

    role = await roles.appoint(Appointment(person.id, CITY), by=None, now=NOW)

    assert (role.person.name, role.granted_by_id) == ("卫处长", None)
    assert (await staff.of_person(person.id)).is_city


async def test_two_heads_appointed_at_once_leave_one(city, grant):
    await vacate(city, "邻玉社工站")
    people = [await factories.person(f"候选{n}", NOW) for n in range(4)]

    answers = await asyncio.gather(*(grant("冯科长", person, HEAD) for person in people), return_exceptions=True)

    assert sum(isinstance(answer, Role) for answer in answers) == 1, answers
    assert sum(isinstance(answer, HeadExists) for answer in answers) == 3, answers


async def test_the_same_role_granted_twice_at_once_is_one(city, newcomer, grant):
    answers = await asyncio.gather(
        *(grant(by, newcomer, WORKER) for by in ("赵站长", "冯科长", "卫处长")), return_exceptions=True
    )

    assert sum(isinstance(answer, Role) for answer in answers) == 1, answers
    assert await Role.filter(person=newcomer).count() == 1


async def test_a_role_ended_twice_at_once_ends_once(city, newcomer, grant):
    role = await grant("赵站长", newcomer, WORKER)

    answers = await asyncio.gather(
        *(roles.end(role.id, by=city.staff[by], now=NOW) for by in ("赵站长", "冯科长")),
        return_exceptions=True,
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Role", "RoleEnded"], answers
    assert await AuditEntry.filter(action="role.ended").count() == 1
