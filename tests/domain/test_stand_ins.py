"""Stand-ins 代管: where nobody works, the parent's head and the officers of the area are the station's staff."""

import pytest

from server.domain import staff
from server.models import Person, Role, RoleKind, StandIn, Station, StationStatus
from tests import factories

DESK, ROOM, TOWN, HEAD_STATION = "市级服务台", "和平社工室", "邻玉社工站", "江阳总站"


async def nobody_works_at(city: factories.City, *names: str) -> None:
    await Role.filter(station_id__in=[city.stations[name].id for name in names]).update(current=None)


async def acting_for(city: factories.City, station: str) -> dict[str, StandIn]:
    """Return the names of those who stand in for the station by their own scopes."""
    scopes = {name: await staff.of_person(one.person_id) for name, one in city.staff.items()}
    here = city.stations[station].id
    return {name: scope.stands_in_for[here] for name, scope in scopes.items() if here in scope.stands_in_for}


async def test_parents_head_and_county_officers_stand_in_where_nobody_works(city):
    found = await acting_for(city, ROOM)

    assert found == {"赵站长": StandIn.PARENT_HEAD, "冯科长": StandIn.COUNTY_OFFICER}
    zhao = await staff.of_person(city.staff["赵站长"].person_id)
    assert zhao.station_ids == zhao.head_of == {city.stations[TOWN].id, city.stations[ROOM].id}


async def test_city_officers_stand_in_for_the_city_desk(city):
    assert await acting_for(city, DESK) == {"卫处长": StandIn.CITY_OFFICER}


async def test_city_officers_stand_in_where_the_county_has_no_officer(city):
    await Role.filter(kind=RoleKind.COUNTY_OFFICER, area_id=city.areas["江阳区"].id).update(current=None)

    assert await acting_for(city, ROOM) == {"赵站长": StandIn.PARENT_HEAD, "卫处长": StandIn.CITY_OFFICER}


async def test_parent_without_workers_is_passed_over_for_the_station_above_it(city):
    await nobody_works_at(city, TOWN)

    for unstaffed in (ROOM, TOWN):
        expected = {"孙站长": StandIn.PARENT_HEAD, "冯科长": StandIn.COUNTY_OFFICER}
        assert await acting_for(city, unstaffed) == expected, unstaffed


async def test_head_of_the_city_desk_stands_in_for_a_head_station(city):
    await nobody_works_at(city, HEAD_STATION)
    city.staff["许站长"] = await factories.worker("许站长", city.stations[DESK], city.now, head=True)

    found = await acting_for(city, HEAD_STATION)

    assert found == {"许站长": StandIn.PARENT_HEAD, "冯科长": StandIn.COUNTY_OFFICER}


async def test_station_has_no_stand_ins_from_the_first_appointment_on(city):
    await factories.worker("新社工", city.stations[ROOM], city.now)

    assert await acting_for(city, ROOM) == {}


async def test_worker_who_is_shut_out_leaves_the_station_to_stand_ins(city):
    room = city.stations[ROOM]
    new = await factories.worker("新社工", room, city.now)
    await Person.filter(id=new.person_id).update(disabled_at=city.now)

    assert set(await acting_for(city, ROOM)) == {"赵站长", "冯科长"}
    assert (await staff.of_station(room.id)).workers == []


async def test_officer_who_is_shut_out_does_not_count_as_the_countys(city):
    await Person.filter(id=city.staff["冯科长"].person_id).update(disabled_at=city.now)

    assert await acting_for(city, ROOM) == {
        "赵站长": StandIn.PARENT_HEAD,
        "冯科长": StandIn.COUNTY_OFFICER,  # has a scope, but no session
        "卫处长": StandIn.CITY_OFFICER,
    }
    assert city.staff["冯科长"].person_id not in (await staff.of_station(city.stations[ROOM].id)).stand_ins


async def test_planned_station_needs_no_stand_ins(city):
    assert (await Station.get(id=city.stations["团结社工室"].id)).status == StationStatus.PLANNED

    assert await acting_for(city, "团结社工室") == {}


@pytest.mark.parametrize("unstaffed", [(), (TOWN,), (TOWN, HEAD_STATION), (HEAD_STATION, "龙马潭总站", "蓝田社工站")])
async def test_notified_people_are_those_who_may_act(city, unstaffed):
    await nobody_works_at(city, *unstaffed)
    scopes = [await staff.of_person(one.person_id) for one in city.staff.values()]

    for name, station in city.stations.items():
        if name == "团结社工室":  # planned
            continue
        may_act = {scope.person_id for scope in scopes if station.id in scope.station_ids}
        assert set((await staff.of_station(station.id)).acting) == may_act, name
