"""Coverage: dates, levels, and one station for each area and level under concurrency."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from tortoise.exceptions import IntegrityError

from server.domain import coverage, station_lifecycle
from server.domain.needs import rerouting
from server.errors import (
    AreaAlreadyCovered,
    AreaNotCovered,
    AreaOutsideCounty,
    CityDeskRequired,
    InvalidStationState,
    NotFound,
    WrongAreaLevel,
)
from server.models import Area, AuditEntry, Coverage, Job, Need, Station, StationLevel, StationStatus
from tests import factories
from tests.concurrency import succeeding
from tests.conftest import NOW
from tests.factories.stations import TODAY
from tests.jobs.working import needs_follow

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def officer(city):
    return city.staff["冯科长"]


@pytest.fixture
async def second_room(city):
    """Another open room in 邻玉街道 that covers nothing yet."""
    return await factories.station("邻玉第二社工室", StationLevel.COMMUNITY_ROOM, city.areas["和平社区"])


def ids(city, *places):
    return [city.areas[place].id for place in places]


async def cover(station, area_ids, by, valid_from=TODAY):
    return await coverage.cover(station.id, area_ids=area_ids, valid_from=valid_from, by=by, now=NOW)


async def uncover(station, area_ids, by, valid_until=TODAY):
    return await coverage.uncover(station.id, area_ids=area_ids, valid_until=valid_until, by=by, now=NOW)


async def test_a_room_may_serve_several_communities(city, officer, second_room):
    await uncover(city.stations["和平社工室"], ids(city, "和平社区"), officer)
    await uncover(city.stations["团结社工室"], ids(city, "团结村"), officer)

    await cover(second_room, ids(city, "和平社区", "团结村"), officer)

    assert len(await coverage.of_station(second_room.id, TODAY)) == 2


async def test_a_town_station_may_serve_several_towns_and_single_communities(city, officer):
    lantian = city.stations["蓝田社工站"]
    await uncover(city.stations["邻玉社工站"], ids(city, "邻玉街道"), officer)

    await cover(lantian, ids(city, "邻玉街道", "团结村"), officer)

    assert [row.area.name for row in await coverage.of_station(lantian.id, TODAY)] == [
        "邻玉街道",
        "蓝田街道",
        "团结村",
    ]


async def test_an_area_has_one_station_per_level_at_a_time(city, officer, second_room):
    with pytest.raises(AreaAlreadyCovered) as refused:
        await cover(second_room, ids(city, "和平社区"), officer)

    assert refused.value.details == {
        "area": city.areas["和平社区"].id,
        "station": city.stations["和平社工室"].id,
    }


async def test_the_database_itself_refuses_a_second_station_of_the_level(city, second_room):
    with pytest.raises(IntegrityError):
        await Coverage.create(
            station=second_room, area=city.areas["和平社区"], level=StationLevel.COMMUNITY_ROOM, valid_from=TODAY
        )


async def test_stations_of_different_levels_cover_the_same_area(city, officer):
    await cover(city.stations["蓝田社工站"], ids(city, "和平社区"), officer)

    assert await Coverage.filter(area=city.areas["和平社区"], current=1).count() == 2


async def test_dates_may_follow_each_other_but_not_overlap(city, officer, second_room):
    area = ids(city, "和平社区")
    await uncover(city.stations["和平社工室"], area, officer, valid_until=date(2026, 4, 1))

    with pytest.raises(AreaAlreadyCovered):
        await cover(second_room, area, officer, valid_from=date(2026, 3, 31))
    assert await cover(second_room, area, officer, valid_from=date(2026, 4, 1))


@pytest.mark.parametrize(
    ("station", "place"),
    [("和平社工室", "蓝田街道"), ("邻玉社工站", "江阳区"), ("江阳总站", "邻玉街道")],
)
async def test_each_level_covers_areas_of_its_own_kind(city, officer, station, place):
    with pytest.raises(WrongAreaLevel):
        await cover(city.stations[station], ids(city, place), officer)


async def test_a_dissolved_community_gets_no_new_coverage(city, officer, second_room):
    await Area.filter(id=city.areas["宪桥社区"].id).update(valid_until=TODAY)

    with pytest.raises(WrongAreaLevel):
        await cover(second_room, ids(city, "宪桥社区"), officer)


async def test_a_covered_area_lies_in_the_stations_county(city, officer, second_room):
    with pytest.raises(AreaOutsideCounty) as refused:
        await cover(second_room, ids(city, "宪桥社区", "码头社区"), officer)

    assert refused.value.details == {"areas": ids(city, "码头社区")}
    assert not await Coverage.exists(station=second_room)


async def test_the_head_station_covers_its_own_county(city, officer):
    head = city.stations["江阳总站"]
    await uncover(head, ids(city, "江阳区"), officer)

    assert await cover(head, ids(city, "江阳区"), officer)
    with pytest.raises(AreaOutsideCounty):
        await cover(head, ids(city, "龙马潭区"), officer)


async def test_an_area_that_does_not_exist_is_not_found(city, officer, second_room):
    with pytest.raises(NotFound) as refused:
        await cover(second_room, [999_999], officer)
    assert refused.value.details == {"kind": "area", "ids": [999_999]}


async def test_officers_cover_with_stations_of_their_own_county_alone(city, second_room):
    with pytest.raises(NotFound):
        await cover(second_room, ids(city, "宪桥社区"), city.staff["褚科长"])
    with pytest.raises(NotFound):
        await uncover(city.stations["和平社工室"], ids(city, "和平社区"), city.staff["赵站长"])


@pytest.mark.parametrize("status", [StationStatus.CLOSING, StationStatus.CLOSED])
async def test_a_closed_station_covers_nothing_new(city, officer, second_room, status):
    await Station.filter(id=second_room.id).update(status=status)

    with pytest.raises(InvalidStationState):
        await cover(second_room, ids(city, "宪桥社区"), officer)


async def test_the_city_desk_covers_nothing_by_name(city):
    with pytest.raises(CityDeskRequired):
        await cover(city.stations["市级服务台"], ids(city, "江阳区"), city.staff["卫处长"])


async def test_ending_coverage_the_station_does_not_have_is_refused(city, officer):
    with pytest.raises(AreaNotCovered):
        await uncover(city.stations["和平社工室"], ids(city, "和平社区", "团结村"), officer)

    assert await Coverage.exists(station=city.stations["和平社工室"], current=1)


async def test_waiting_needs_follow_the_coverage(city, officer, second_room):
    need = await city.need(area_id=city.areas["和平社区"].id)

    await uncover(city.stations["和平社工室"], ids(city, "和平社区"), officer)
    await needs_follow()
    assert (await Need.get(id=need.id)).station_id == city.stations["邻玉社工站"].id
    await cover(second_room, ids(city, "和平社区"), officer)
    await needs_follow()

    assert (await Need.get(id=need.id)).station_id == second_room.id


async def test_coverage_of_a_later_day_moves_needs_on_that_day(city, officer, second_room):
    need = await city.need(area_id=city.areas["宪桥社区"].id)

    await cover(second_room, ids(city, "宪桥社区"), officer, valid_from=TOMORROW)

    job = await Job.get(kind=rerouting.JOB_KIND)
    assert job.due_at == datetime(2026, 3, 10, 16, 0, tzinfo=UTC)  # midnight in Shanghai
    assert await needs_follow() == 0
    assert (await Need.get(id=need.id)).station_id == city.stations["蓝田社工站"].id
    assert await needs_follow(job.due_at) == 1
    assert (await Need.get(id=need.id)).station_id == second_room.id


async def test_coverage_that_ends_before_it_begins_never_holds(city, officer, second_room):
    area = ids(city, "宪桥社区")
    await cover(second_room, area, officer, valid_from=date(2026, 5, 1))

    await uncover(second_room, area, officer, valid_until=TOMORROW)

    [row] = await Coverage.filter(station=second_room)
    assert (row.valid_from, row.valid_until) == (date(2026, 5, 1), date(2026, 5, 1))


async def test_closing_station_ends_coverage_of_a_later_day_before_it_begins(city, officer, second_room):
    await cover(second_room, ids(city, "宪桥社区"), officer, valid_from=TOMORROW)

    await station_lifecycle.close(second_room.id, reason="撤并", by=officer, now=NOW)

    [row] = await Coverage.filter(station=second_room)
    assert (row.valid_from, row.valid_until, row.current) == (TOMORROW, TOMORROW, None)


async def test_the_station_page_shows_what_is_covered_now_and_later_but_not_what_was(city, officer, second_room):
    await cover(second_room, ids(city, "宪桥社区"), officer, valid_from=TOMORROW)
    await uncover(city.stations["和平社工室"], ids(city, "和平社区"), officer)

    assert len(await coverage.of_station(second_room.id, TODAY)) == 1
    assert await coverage.of_station(city.stations["和平社工室"].id, TODAY) == []


async def test_changes_of_coverage_are_audited(city, officer, second_room):
    await cover(second_room, ids(city, "宪桥社区"), officer)

    entry = await AuditEntry.get(action="station.covers")

    assert entry.facts == {"areas": ids(city, "宪桥社区"), "day": "2026-03-10"}
    assert entry.person_id == officer.person_id


async def test_two_officers_covering_one_area_at_once_leave_one_coverage(city, officer):
    area = ids(city, "宪桥社区")
    rooms = [
        await factories.station(f"第{n}社工室", StationLevel.COMMUNITY_ROOM, city.areas["宪桥社区"]) for n in range(4)
    ]

    answers = await asyncio.gather(*(cover(room, area, officer) for room in rooms), return_exceptions=True)

    assert sum(isinstance(answer, list) for answer in answers) == 1, answers
    assert sum(isinstance(answer, AreaAlreadyCovered) for answer in answers) == 3, answers
    assert await Coverage.filter(area_id=area[0], level=StationLevel.COMMUNITY_ROOM, current=1).count() == 1


async def test_areas_covered_in_any_order_at_once_do_not_deadlock(city, officer):
    towns = ids(city, "邻玉街道", "蓝田街道")
    for name in ("邻玉社工站", "蓝田社工站"):
        [row] = await Coverage.filter(station=city.stations[name])
        await uncover(city.stations[name], [row.area_id], officer)

    answers = await asyncio.gather(
        cover(city.stations["邻玉社工站"], towns, officer),
        cover(city.stations["蓝田社工站"], towns[::-1], officer),
        return_exceptions=True,
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["AreaAlreadyCovered", "list"], answers
    holders = {row.station_id for row in await Coverage.filter(area_id__in=towns, current=1)}
    assert len(holders) == 1


async def test_a_station_that_opens_while_it_is_given_an_area_has_the_needs_of_both(city, officer):
    need = await city.need(area_id=city.areas["宪桥社区"].id)
    room = city.stations["团结社工室"]
    await factories.employ(city, "团结社工室")

    await succeeding(
        cover(room, ids(city, "宪桥社区"), officer), station_lifecycle.open_station(room.id, by=officer, now=NOW)
    )
    await needs_follow()

    assert (await Need.get(id=need.id)).station_id == room.id
