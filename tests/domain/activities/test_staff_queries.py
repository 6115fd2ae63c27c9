"""The page of an activity, and the lists of its staff."""

from datetime import date, timedelta

import pytest

from server.domain.activities import public_queries, staff_queries
from server.domain.activities.phases import Phase, phase
from server.domain.activities.public_queries import DayRange
from server.domain.activities.staff_queries import PostPlaces, StationFilter
from server.errors import NotFound
from server.models import Activity, ActivityArea, ActivitySeries, ActivityStatus, Photo
from tests.conftest import NOW
from tests.factories import activities as make
from tests.factories.activities import DAY, HOUR, at

S = ActivityStatus


async def test_page_has_posts_photos_areas_and_dates(city):
    series = await ActivitySeries.create(
        station=city.stations["邻玉社工站"], every_weeks=1, created_at=NOW, created_by_id=city.grandma.id
    )
    activity = await at(city, NOW + DAY, series=series)
    later = [await at(city, NOW + DAY * week, series=series) for week in (15, 8)]
    await at(city, NOW + 22 * DAY, series=series, status=S.DRAFT, listed=0)
    await at(city, NOW - 6 * DAY, series=series)
    await ActivityArea.create(activity=activity, area=city.areas["团结村"])
    await make.post(activity, 2, "签到")
    await make.post(activity, 1, "引导")

    page = await public_queries.get_page(activity.id, now=NOW)

    assert [one.title for one in page.posts] == ["引导", "签到"]
    assert [page.paths[one.id] for one in page.for_areas] == ["泸州市 · 江阳区 · 邻玉街道 · 团结村"]
    assert page.paths[page.activity.area_id] == "泸州市 · 江阳区 · 邻玉街道"
    assert [one.id for one in page.other_dates] == [later[1].id, later[0].id]


async def test_draft_has_no_page_and_cancelled_activity_has_one(city):
    draft = await at(city, NOW + DAY, status=S.DRAFT, listed=0)
    cancelled = await at(city, NOW + DAY, status=S.CANCELLED, listed=0)

    assert (await public_queries.get_page(cancelled.id, now=NOW)).other_dates == []
    for activity_id in (draft.id, 7):
        with pytest.raises(NotFound):
            await public_queries.get_page(activity_id, now=NOW)


async def test_first_photo_is_the_cover(city):
    bare, pictured = await at(city, NOW + DAY), await at(city, NOW + DAY)
    for minutes in (1, 0):
        facts = {"name": f"{minutes:040x}", "width": 8, "height": 8, "created_at": NOW + timedelta(minutes=minutes)}
        await Photo.create(owner=city.grandma, subject_key=f"activity:{pictured.id}", **facts)

    covers = await public_queries.cover_photos([bare, pictured])

    assert {key: int(photo.name, 16) for key, photo in covers.items()} == {pictured.id: 0}


async def kept(city, name, phases=(), days=None, **more):
    rows = await staff_queries.list_of_stations(
        StationFilter(phases, **more), days or DayRange(), by=city.staff[name], now=NOW
    )
    return [one.id for one in rows]


async def test_staff_see_their_stations_activities_and_officers_their_countys(city):
    draft = await at(city, NOW + DAY, status=S.DRAFT, listed=0)
    other = await at(city, NOW + 2 * DAY, station="蓝田社工站")
    far = await at(city, NOW + 3 * DAY, station="龙马潭总站")

    assert await kept(city, "陈社工") == [draft.id]
    assert await kept(city, "吴站长") == [other.id]
    assert await kept(city, "冯科长") == [other.id, draft.id]
    assert await kept(city, "褚科长") == [far.id]
    assert await kept(city, "卫处长") == [far.id, other.id, draft.id]


async def test_list_of_another_station_is_empty(city):
    other = await at(city, NOW + DAY, station="蓝田社工站")

    assert await kept(city, "陈社工", station_id=other.station_id) == []
    assert await kept(city, "冯科长", station_id=other.station_id) == [other.id]


async def in_every_phase(city) -> list[Activity]:
    clock = {
        Phase.PUBLISHED: {"booking_opens_at": NOW + HOUR},
        Phase.BOOKING_OPEN: {},
        Phase.BOOKING_CLOSED: {"booking_closes_at": NOW},
    }
    ahead = [await at(city, NOW + DAY, **times) for times in clock.values()]
    running = [await at(city, NOW), await at(city, NOW - DAY, booking_closes_at=NOW - DAY + HOUR)]
    decided = [await at(city, NOW + DAY, status=one) for one in (S.DRAFT, S.FINISHED, S.CANCELLED)]
    return [*ahead, *running, *decided]


@pytest.mark.parametrize("asked", list(Phase))
async def test_list_of_a_phase_has_the_activities_in_it(city, asked):
    rows = await in_every_phase(city)
    expected = {one.id for one in rows if phase(one, NOW) == asked}

    assert set(await kept(city, "陈社工", [asked])) == expected
    assert expected


async def test_several_phases_are_combined(city):
    rows = await in_every_phase(city)

    assert set(await kept(city, "陈社工", list(Phase))) == {one.id for one in rows}
    assert len(await kept(city, "陈社工", [Phase.DRAFT, Phase.RUNNING])) == 3


async def test_station_list_has_days_and_pages(city):
    rows = [await at(city, NOW + DAY * number) for number in range(4)]

    assert await kept(city, "陈社工", days=DayRange(date(2026, 3, 11), date(2026, 3, 12))) == [rows[2].id, rows[1].id]
    place = (rows[2].starts_at, rows[2].id)
    assert await kept(city, "陈社工", days=DayRange(after=place, limit=1)) == [rows[1].id]


async def test_draft_comes_with_its_station(city):
    draft = await at(city, NOW + DAY, status=S.DRAFT, listed=0)

    assert (await public_queries.get_any(draft.id)).station.name == "邻玉社工站"
    with pytest.raises(NotFound):
        await public_queries.get_any(draft.id + 1)


async def test_post_places_are_counted_for_each_activity(city):
    bare, staffed = await at(city, NOW + DAY), await at(city, NOW + DAY)
    await make.post(staffed, 3, "签到")
    post = await make.post(staffed, 2, "引导")
    await post.filter(id=post.id).update(taken=1)

    assert await staff_queries.count_post_places([bare, staffed]) == {staffed.id: PostPlaces(5, 1)}
    assert await staff_queries.count_post_places([]) == {}
