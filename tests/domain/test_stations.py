"""Create, change, open, suspend and close stations."""

import asyncio

import pytest

from server.database import db
from server.domain import station_lifecycle, stations
from server.domain.coordinates import Coordinates, Point
from server.domain.needs import timeline
from server.domain.station_lifecycle import TRANSITIONS
from server.errors import (
    Busy,
    CategoryNotAvailable,
    CityDeskRequired,
    InvalidStationState,
    NotFound,
    OfficerFields,
)
from server.models import (
    AuditEntry,
    Category,
    Coverage,
    Need,
    NeedStatus,
    Station,
    StationCategory,
    StationStatus,
)
from tests import factories, steps
from tests.conftest import NOW
from tests.factories.stations import TODAY
from tests.jobs.working import needs_follow

S = StationStatus


@pytest.fixture
def officer(city):
    return city.staff["冯科长"]


async def station_of(need):
    return (await Need.get(id=need.id).select_related("station")).station.name


def test_a_closed_station_stays_closed_and_only_open_and_suspended_alternate():
    assert TRANSITIONS[S.PLANNED] == {S.OPEN, S.CLOSING}
    assert TRANSITIONS[S.OPEN] == {S.SUSPENDED, S.CLOSING}
    assert TRANSITIONS[S.SUSPENDED] == {S.OPEN, S.CLOSING}
    assert TRANSITIONS[S.CLOSING] == {S.CLOSED}
    assert TRANSITIONS[S.CLOSED] == set()


async def test_when_a_station_opens_the_needs_waiting_in_its_areas_come_to_it(city, officer):
    need = await city.need()
    assert await station_of(need) == "邻玉社工站"

    await factories.employ(city, "团结社工室")
    await station_lifecycle.open_station(city.stations["团结社工室"].id, by=officer, now=NOW)
    await needs_follow()

    assert await station_of(need) == "团结社工室"


async def test_when_a_station_suspends_its_open_needs_go_on_elsewhere_with_a_line_on_the_timeline(city, officer):
    need = await steps.start_need(city, await city.need(), NOW)

    await station_lifecycle.suspend(city.stations["邻玉社工站"].id, reason="装修", by=officer, now=NOW)
    await needs_follow()

    moved = await Need.get(id=need.id)
    assert (await station_of(need), moved.status) == ("江阳总站", NeedStatus.ACCEPTED)
    texts = [line.text for line in await timeline.list_entries(moved, for_staff=False)]
    assert "江阳总站" in texts[-1]


async def test_when_a_station_closes_its_coverage_ends_and_its_needs_move(city, officer):
    need = await city.need()
    closing = city.stations["邻玉社工站"]

    await station_lifecycle.close(closing.id, reason="撤并", by=officer, now=NOW)
    await needs_follow()

    assert await station_of(need) == "江阳总站"
    [row] = await Coverage.filter(station_id=closing.id)
    assert (row.current, row.valid_until) == (None, TODAY)


async def test_none_of_many_needs_is_ever_without_exactly_one_open_station(city, officer):
    needs = [await city.need(area_id=city.areas[place].id) for place in ("团结村", "和平社区", "宪桥社区")]

    for name in ("和平社工室", "邻玉社工站", "蓝田社工站", "江阳总站"):
        await station_lifecycle.suspend(city.stations[name].id, reason="演练", by=officer, now=NOW)
        await needs_follow()
        now_at = [(await Need.get(id=need.id).select_related("station")).station for need in needs]
        assert {row.status for row in now_at} == {S.OPEN}

    assert {row.name for row in now_at} == {"市级服务台"}


async def test_a_station_in_the_wrong_state_refuses_and_says_which(city, officer):
    planned = city.stations["团结社工室"].id

    with pytest.raises(InvalidStationState) as refused:
        await station_lifecycle.suspend(planned, reason="装修", by=officer, now=NOW)
    assert refused.value.details == {"status": S.PLANNED}


async def test_the_city_desk_can_be_neither_suspended_nor_closed_nor_narrowed(city):
    desk, chief = city.stations["市级服务台"].id, city.staff["卫处长"]

    with pytest.raises(CityDeskRequired):
        await station_lifecycle.close(desk, reason="撤并", by=chief, now=NOW)
    with pytest.raises(CityDeskRequired):
        await station_lifecycle.suspend(desk, reason="撤并", by=chief, now=NOW)
    with pytest.raises(CityDeskRequired):
        await station_lifecycle.put_categories(desk, codes=["elder_care"], by=chief, now=NOW)


async def test_a_station_of_another_county_cannot_be_changed_and_is_not_found(city):
    stranger, station = city.staff["褚科长"], city.stations["团结社工室"].id

    for change in (
        station_lifecycle.open_station(station, by=stranger, now=NOW),
        station_lifecycle.close(station, reason="撤并", by=stranger, now=NOW),
        station_lifecycle.put_categories(station, codes=[], by=stranger, now=NOW),
        stations.change(station, changes={"phone": "1"}, by=stranger, now=NOW),
        stations.change(station, changes={"phone": "1"}, by=city.staff["陈社工"], now=NOW),
    ):
        with pytest.raises(NotFound):
            await change


async def test_the_head_changes_hours_and_phones_of_their_own_station_and_nothing_else(city):
    head, own = city.staff["赵站长"], city.stations["邻玉社工站"].id

    await stations.change(own, changes={"phone": "08305555555", "opening_hours": "每天"}, by=head, now=NOW)

    assert (await Station.get(id=own)).phone == "08305555555"
    with pytest.raises(OfficerFields) as refused:
        await stations.change(own, changes={"name": "我的站", "phone": "1"}, by=head, now=NOW)
    assert refused.value.details == {"fields": ["body.name"]}
    with pytest.raises(NotFound):
        await stations.change(city.stations["蓝田社工站"].id, changes={"phone": "1"}, by=head, now=NOW)


async def test_an_officer_changes_the_whole_page_and_a_place_is_kept_in_gcj02(city, officer):
    station = city.stations["邻玉社工站"].id
    place = Point(105.4433, 28.8391, Coordinates.WGS84)

    await stations.change(station, changes={"name": "邻玉新站", "place": place}, by=officer, now=NOW)

    changed = await Station.get(id=station)
    assert changed.name == "邻玉新站"
    assert (changed.longitude, changed.latitude) == place.as_gcj02() != (105.4433, 28.8391)
    await stations.change(station, changes={"place": None}, by=officer, now=NOW)
    assert (await Station.get(id=station)).longitude is None


async def test_an_empty_change_changes_nothing_and_leaves_no_trace(city, officer):
    await stations.change(city.stations["邻玉社工站"].id, changes={}, by=officer, now=NOW)

    assert not await AuditEntry.filter(action="station.changed").exists()


async def test_every_change_is_in_the_audit_trail_with_who_and_why(city, officer):
    station = city.stations["邻玉社工站"].id
    await station_lifecycle.suspend(station, reason="装修", by=officer, now=NOW)
    await station_lifecycle.open_station(station, by=officer, now=NOW)

    entries = await AuditEntry.filter(subject=f"station:{station}").order_by("id")

    assert [entry.action for entry in entries] == ["station.suspended", "station.open"]
    assert entries[0].facts == {"before": "open", "reason": "装修"}
    assert entries[0].person_id == officer.person_id


async def test_a_station_offers_from_now_on_what_the_officer_lists(city, officer):
    station = city.stations["邻玉社工站"].id

    await station_lifecycle.put_categories(station, codes=["elder_care", "not_sure"], by=officer, now=NOW)

    offered = await StationCategory.filter(station_id=station).select_related("category")
    assert [row.category.code for row in offered] == ["elder_care"]


async def test_waiting_needs_leave_a_station_that_no_longer_offers_their_category(city, officer):
    need = await city.need()

    await station_lifecycle.put_categories(city.stations["邻玉社工站"].id, codes=["culture"], by=officer, now=NOW)
    await needs_follow()

    assert await station_of(need) == "江阳总站"


async def test_a_planned_station_may_say_what_it_will_offer_without_moving_anything(city, officer):
    need = await city.need()

    await station_lifecycle.put_categories(city.stations["团结社工室"].id, codes=["elder_care"], by=officer, now=NOW)
    await needs_follow()

    assert await station_of(need) == "邻玉社工站"


async def test_unknown_and_inactive_categories_are_named_and_refused(city, officer):
    await Category.filter(code="culture").update(active=False)

    with pytest.raises(CategoryNotAvailable) as refused:
        await station_lifecycle.put_categories(
            city.stations["邻玉社工站"].id, codes=["elder_care", "culture", "flying"], by=officer, now=NOW
        )

    assert refused.value.details == {"categories": ["culture", "flying"]}
    assert await StationCategory.filter(station=city.stations["邻玉社工站"]).count() > 2


async def test_only_an_open_station_can_be_locked_as_operating(city):
    lock_operating = db.transaction(stations.lock_operating)

    assert await lock_operating(city.stations["邻玉社工站"].id)
    assert not await lock_operating(city.stations["团结社工室"].id)


async def test_opening_and_closing_at_once_ends_in_one_state(city, officer):
    room = city.stations["团结社工室"].id
    await factories.employ(city, "团结社工室")

    answers = await asyncio.gather(
        *(station_lifecycle.open_station(room, by=officer, now=NOW) for _ in range(3)),
        *(station_lifecycle.close(room, reason="撤并", by=city.staff["卫处长"], now=NOW) for _ in range(3)),
        return_exceptions=True,
    )
    await needs_follow()

    assert all(isinstance(answer, Station | InvalidStationState | Busy) for answer in answers), answers
    won = [entry.action for entry in await AuditEntry.filter(subject=f"station:{room}").order_by("id")]
    assert won in (["station.open", "station.closing", "station.closed"], ["station.closing", "station.closed"])
    assert (await Station.get(id=room)).status == S.CLOSED


async def test_closing_station_offers_nothing_new(city):
    station, officer = city.stations["邻玉社工站"].id, city.staff["冯科长"]
    await station_lifecycle.close(station, reason="撤并", by=officer, now=NOW)

    with pytest.raises(InvalidStationState):
        await station_lifecycle.put_categories(station, codes=["elder_care"], by=officer, now=NOW)
