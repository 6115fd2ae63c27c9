"""The steps that a station shows to staff are those that succeed: in every state, for every reader."""

from datetime import date

import pytest

from miniprogram_contract.stations import StationAction
from server.domain.station_lifecycle import LEAST_PEOPLE
from server.models import Coverage, Role, RoleKind, Station, StationStatus
from tests import factories
from tests.conftest import NOW
from tests.people import Phone

HERE, PLACE, FREE = "邻玉社工站", "邻玉街道", "宪桥社区"
READERS = ("冯科长", "褚科长", "卫处长", "赵站长", "孙站长", "陈社工", "吴站长")
CHANGE = {"opening_hours": "周一至周五 9:00–17:00"}
BODIES = {"changes": CHANGE, "opening": {}, "categories": {"categories": ["elder_care"]}}
# What a station may lack to be opened.
LACKS = {
    "phone": {"phone": ""},
    "address": {"address": ""},
    "head": RoleKind.STATION_HEAD,
    "social_worker": RoleKind.SOCIAL_WORKER,
}


async def put_back(station: Station, status: str, covers=None) -> None:
    """Give the station its state, its facts and the coverage that it had."""
    facts = {"phone": "0830-2000000", "address": "便民服务中心一楼"}
    await Station.filter(id=station.id).update(status=status, **facts)
    if covers is not None:
        await Coverage.filter(station_id=station.id).exclude(area_id=covers.id).delete()
        await Coverage.filter(station_id=station.id).update(valid_until=None, current=1)


async def shown_to(phone: Phone, station: Station) -> list[str]:
    """Return the steps in the answer of a change; no other answer of a station is for staff."""
    answer = await phone.post(f"/stations/{station.id}/changes", CHANGE)
    return answer.json()["allowed_actions"] if answer.is_success else []


async def act(phone: Phone, station: Station, action: str, town, covers):
    path = f"/stations/{station.id}/{action}"
    if action == "categories":
        return await phone.put(path, BODIES[action])
    areas = {"coverage": town.areas[FREE], "coverage/ending": covers}
    body = {"area_ids": [areas[action].id]} if action in areas else BODIES.get(action, {"reason": "装修"})
    return await phone.post(path, body)


async def check(phones, town, station, set_back, covers) -> None:
    """Compare what is shown with what succeeds, for each reader and step."""
    for reader in READERS:
        await set_back()
        shown = await shown_to(phones[reader], station)
        for action in StationAction:
            await set_back()
            answer = await act(phones[reader], station, action.value, town, covers)
            assert answer.is_success is (action in shown), (reader, action, shown, answer.text)


@pytest.mark.parametrize("status", [one.value for one in StationStatus])
async def test_shown_steps_of_a_station_are_those_that_succeed(town, phones, status):
    station, covers = town.stations[HERE], town.areas[PLACE]

    await check(phones, town, station, lambda: put_back(station, status, covers), covers)


@pytest.mark.parametrize("lacking", LACKS)
async def test_opening_is_shown_only_if_nothing_is_missing(town, phones, lacking):
    station, covers = town.stations[HERE], town.areas[PLACE]

    async def set_back() -> None:
        await put_back(station, "planned", covers)
        lacks = LACKS[lacking]
        if isinstance(lacks, dict):
            await Station.filter(id=station.id).update(**lacks)
        else:
            await Role.filter(station_id=station.id, kind=lacks).update(current=None)

    await check(phones, town, station, set_back, covers)
    await set_back()
    assert "opening" not in await shown_to(phones["冯科长"], station)


async def test_station_without_coverage_shows_neither_opening_nor_its_end(town, phones):
    station, covers = town.stations[HERE], town.areas[PLACE]

    async def set_back() -> None:
        await put_back(station, "suspended")
        await Coverage.filter(station_id=station.id).delete()

    await check(phones, town, station, set_back, covers)
    await set_back()
    shown = await shown_to(phones["卫处长"], station)
    assert shown == ["changes", "closing", "categories", "coverage"]


async def test_coverage_with_a_day_of_end_still_opens_a_station_but_does_not_end_again(town, phones):
    station, covers = town.stations[HERE], town.areas[PLACE]

    async def set_back() -> None:
        await put_back(station, "planned", covers)
        await Coverage.filter(station_id=station.id).update(valid_until=date(2026, 4, 1), current=None)

    await check(phones, town, station, set_back, covers)
    await set_back()
    assert "opening" in await shown_to(phones["冯科长"], station)


@pytest.mark.parametrize("head", [False, True])
async def test_room_with_one_person_shows_opening(town, phones, head):
    station, covers = town.stations["团结社工室"], town.areas["团结村"]
    await factories.worker("贺社工", station, NOW, head=head)
    town.areas = town.areas | {FREE: town.areas["和平社区"]}
    await Coverage.filter(area_id=town.areas[FREE].id).delete()

    await check(phones, town, station, lambda: put_back(station, "planned", covers), covers)
    await put_back(station, "planned", covers)
    assert "opening" in await shown_to(phones["冯科长"], station)


async def test_city_desk_shows_only_changes(town, phones):
    desk = town.stations["市级服务台"]
    assert desk.level not in LEAST_PEOPLE

    async def nothing() -> None:
        pass

    await check(phones, town, desk, nothing, town.areas["泸州市"])
    assert await shown_to(phones["卫处长"], desk) == ["changes"]


async def test_head_and_stand_in_change_a_station_without_setting_it_up(town, phones):
    room = town.stations["和平社工室"]  # nobody works there

    for reader, station in (("赵站长", town.stations[HERE]), ("赵站长", room)):
        assert await shown_to(phones[reader], station) == ["changes"]
    assert "suspension" in await shown_to(phones["冯科长"], room)


async def test_new_station_shows_what_follows(town, phones):
    body = {"level": "community_room", "area_id": town.areas[FREE].id}

    made = await phones["冯科长"].post("/stations", body)

    assert made.json()["allowed_actions"] == ["changes", "closing", "categories", "coverage"]
