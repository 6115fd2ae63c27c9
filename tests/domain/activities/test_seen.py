"""Who finds which activities, in which order, and what of them."""

import logging
from datetime import date, timedelta

import pytest

from server.domain.activities import seen
from server.domain.activities.browsing import Days, Sought, browse
from server.domain.activities.phases import Phase, phase
from server.domain.activities.seen import Kept, Places
from server.errors import NotFound
from server.models import (
    Activity,
    ActivityArea,
    ActivitySeries,
    ActivityStatus,
    AreaEdition,
    AreaSuccessor,
    Category,
    Photo,
)
from tests import make_activities as make
from tests.conftest import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
S = ActivityStatus


async def at(city, starts_at, *, lasts=2 * HOUR, **more):
    """An activity of that time, whatever its booking."""
    times = {"ends_at": starts_at + lasts, "booking_closes_at": starts_at, "cancellation_until": starts_at}
    times["booking_opens_at"] = min(NOW, starts_at) - DAY
    return await make.activity(city, starts_at=starts_at, **times | more)


async def found(days=None, now=NOW, **sought):
    return [one.id for one in await browse(Sought(**sought), days or Days(), now=now)]


async def test_what_begins_first_comes_first_and_one_after_the_other_where_they_begin_together(city):
    third = await at(city, NOW + 3 * DAY)
    both = sorted([await at(city, NOW + DAY) for _ in range(2)], key=lambda one: one.id)

    assert await found() == [both[0].id, both[1].id, third.id]


async def test_what_runs_is_found_to_its_end_and_what_is_over_no_more(city):
    running = await at(city, NOW - HOUR)
    week = await at(city, NOW - 7 * DAY + HOUR, lasts=7 * DAY)
    await at(city, NOW - 2 * HOUR)

    assert await found() == [week.id, running.id]
    assert await found(now=NOW + HOUR) == []


async def test_drafts_and_cancelled_ones_are_not_found(city):
    await at(city, NOW + DAY, status=S.DRAFT, listed=0)
    await at(city, NOW + DAY, status=S.CANCELLED, listed=0)

    assert await found() == []


async def test_days_are_those_of_shanghai_the_last_one_whole(city):
    midnight = NOW.replace(hour=16, minute=0) + DAY  # the 12th begins
    before, first = await at(city, midnight - 3 * HOUR), await at(city, midnight)
    last, after = await at(city, midnight + 2 * DAY - HOUR), await at(city, midnight + 2 * DAY)

    assert await found(Days(date(2026, 3, 12), date(2026, 3, 13))) == [first.id, last.id]
    assert await found(Days(first=date(2026, 3, 12))) == [first.id, last.id, after.id]
    assert await found(Days(last=date(2026, 3, 11))) == [before.id]


async def test_who_asks_for_a_day_that_is_past_finds_what_was(city):
    past = await at(city, NOW - 10 * DAY, status=S.FINISHED)

    assert await found(Days(date(2026, 2, 28), date(2026, 2, 28))) == [past.id]
    assert await found(Days(date(2026, 3, 1), date(2026, 3, 9))) == []


async def test_an_exhibition_is_found_on_each_of_its_days(city):
    week = await at(city, NOW + DAY, lasts=5 * DAY)

    assert await found(Days(date(2026, 3, 14), date(2026, 3, 14))) == [week.id]


async def test_an_areas_are_those_in_it_and_below_it(city):
    town, county = city.areas["邻玉街道"], city.areas["江阳区"]
    here = {"town_id": town.id, "county_id": county.id}
    village = await at(city, NOW + DAY, area=city.areas["团结村"], area_id=city.areas["团结村"].id, **here)
    at_town = await at(city, NOW + 2 * DAY)
    at_county = await at(city, NOW + 3 * DAY, area_id=county.id, town_id=None, county_id=county.id)
    below = {
        "团结村": [village],
        "和平社区": [],
        "邻玉街道": [village, at_town],
        "蓝田街道": [],
        "江阳区": [village, at_town, at_county],
        "龙马潭区": [],
        "泸州市": [village, at_town, at_county],
    }

    for name, expected in below.items():
        assert await found(area_id=city.areas[name].id) == [one.id for one in expected], name


async def test_who_names_a_village_that_merged_finds_what_is_where_it_lies_today(city):
    old, new = city.areas["团结村"], city.areas["和平社区"]
    await old.filter(id=old.id).update(valid_until=date(2026, 1, 1))
    listed = {"name": "名单", "code_system": "nbs", "valid_from": date(2026, 1, 1), "covers": [], "follows": 0}
    edition = await AreaEdition.create(**listed, proposed_at=NOW)
    await AreaSuccessor.create(area=old, successor=new, edition=edition)
    there = await at(city, NOW + DAY, area_id=new.id)

    assert await found(area_id=old.id) == [there.id]


async def test_kinds_and_stations_narrow_the_list_together(city):
    other = await Category.get(code="elder_care")
    culture, care = await at(city, NOW + DAY), await at(city, NOW + DAY, category=other)
    elsewhere = await at(city, NOW + DAY, category=other, station="蓝田社工站")

    assert await found(category="culture") == [culture.id]
    assert set(await found(category="elder_care")) == {care.id, elsewhere.id}
    station = city.stations["蓝田社工站"].id
    assert await found(station_id=station, category="elder_care") == [elsewhere.id]
    assert await found(station_id=station, category="culture") == []


@pytest.mark.parametrize("sought", [{"area_id": 2**31 - 1}, {"category": "no_such_thing"}])
async def test_an_area_or_kind_nobody_knows_is_not_found(city, sought):
    with pytest.raises(NotFound):
        await found(**sought)


async def test_words_are_looked_for_in_title_and_text(city):
    titled = await at(city, NOW + DAY, title="重阳节体检", text="带上水杯")
    told = await at(city, NOW + 2 * DAY, title="义诊", text="免费体检，限 50 人，满 100%")
    await at(city, NOW + 3 * DAY, title="包饺子", text="欢迎 Everybody")

    assert await found(words="体检") == [titled.id, told.id]
    assert await found(words="100%") == [told.id]
    assert await found(words="%") == [told.id]
    assert await found(words="_") == []
    assert len(await found(words="everybody")) == 1


async def test_words_are_looked_for_in_what_is_not_over_alone(city):
    await at(city, NOW - 5 * DAY, status=S.FINISHED)
    coming = await at(city, NOW + DAY)

    assert await found(Days(first=date(2026, 1, 1)), words="体检") == [coming.id]
    assert await found(Days(first=date(2026, 3, 12)), words="体检") == []


async def test_pages_follow_one_another_without_a_gap(city):
    rows = [await at(city, NOW + DAY * (1 + number // 3)) for number in range(8)]
    expected = [one.id for one in sorted(rows, key=lambda one: (one.starts_at, one.id))]

    pages, place = [], None
    for _ in range(5):
        page = await browse(Sought(), Days(after=place, limit=2), now=NOW)
        pages += [one.id for one in page]
        place = (page[-1].starts_at, page[-1].id) if page else place

    assert pages == expected


async def test_a_page_tells_all_that_hangs_on_it(city):
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

    page = await seen.page(activity.id, now=NOW)

    assert [one.title for one in page.posts] == ["引导", "签到"]
    assert [page.paths[one.id] for one in page.for_areas] == ["泸州市 · 江阳区 · 邻玉街道 · 团结村"]
    assert page.paths[page.activity.area_id] == "泸州市 · 江阳区 · 邻玉街道"
    assert [one.id for one in page.other_dates] == [later[1].id, later[0].id]


async def test_drafts_have_no_page_and_cancelled_ones_have_one(city):
    draft = await at(city, NOW + DAY, status=S.DRAFT, listed=0)
    cancelled = await at(city, NOW + DAY, status=S.CANCELLED, listed=0)

    assert (await seen.page(cancelled.id, now=NOW)).other_dates == []
    for activity_id in (draft.id, 7):
        with pytest.raises(NotFound):
            await seen.page(activity_id, now=NOW)


async def test_the_first_photo_is_its_cover(city):
    bare, pictured = await at(city, NOW + DAY), await at(city, NOW + DAY)
    for minutes in (1, 0):
        facts = {"name": f"{minutes:040x}", "width": 8, "height": 8, "created_at": NOW + timedelta(minutes=minutes)}
        await Photo.create(owner=city.grandma, thing=f"activity:{pictured.id}", **facts)

    covers = await seen.covers([bare, pictured])

    assert {key: int(photo.name, 16) for key, photo in covers.items()} == {pictured.id: 0}


async def kept(city, name, phases=(), days=None, **more):
    rows = await seen.of_stations(Kept(phases, **more), days or Days(), by=city.staff[name], now=NOW)
    return [one.id for one in rows]


async def test_staff_see_what_is_their_stations_the_last_first_and_officers_their_countys(city):
    draft = await at(city, NOW + DAY, status=S.DRAFT, listed=0)
    other = await at(city, NOW + 2 * DAY, station="蓝田社工站")
    far = await at(city, NOW + 3 * DAY, station="龙马潭总站")

    assert await kept(city, "陈社工") == [draft.id]
    assert await kept(city, "吴站长") == [other.id]
    assert await kept(city, "冯科长") == [other.id, draft.id]
    assert await kept(city, "褚科长") == [far.id]
    assert await kept(city, "卫处长") == [far.id, other.id, draft.id]


async def test_another_stations_list_is_empty(city):
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
async def test_the_list_of_a_phase_is_what_stands_in_it(city, asked):
    rows = await in_every_phase(city)
    expected = {one.id for one in rows if phase(one, NOW) == asked}

    assert set(await kept(city, "陈社工", [asked])) == expected
    assert expected


async def test_several_phases_are_all_of_them(city):
    rows = await in_every_phase(city)

    assert set(await kept(city, "陈社工", list(Phase))) == {one.id for one in rows}
    assert len(await kept(city, "陈社工", [Phase.DRAFT, Phase.RUNNING])) == 3


async def test_a_stations_list_goes_by_days_and_pages_too(city):
    rows = [await at(city, NOW + DAY * number) for number in range(4)]

    assert await kept(city, "陈社工", days=Days(date(2026, 3, 11), date(2026, 3, 12))) == [rows[2].id, rows[1].id]
    place = (rows[2].starts_at, rows[2].id)
    assert await kept(city, "陈社工", days=Days(after=place, limit=1)) == [rows[1].id]


async def test_one_of_ones_stations_may_be_a_draft_and_nobody_elses_is_found(city):
    draft = await at(city, NOW + DAY, status=S.DRAFT, listed=0)

    assert (await seen.one_of_stations(draft.id, by=city.staff["陈社工"])).station.name == "邻玉社工站"
    with pytest.raises(NotFound):
        await seen.one_of_stations(draft.id, by=city.staff["周社工"])


async def test_places_in_posts_are_counted_for_each_activity(city):
    bare, staffed = await at(city, NOW + DAY), await at(city, NOW + DAY)
    await make.post(staffed, 3, "签到")
    post = await make.post(staffed, 2, "引导")
    await post.filter(id=post.id).update(taken=1)

    assert await seen.places_of([bare, staffed]) == {staffed.id: Places(5, 1)}
    assert await seen.places_of([]) == {}


async def test_looking_takes_no_lock_and_costs_the_same_however_many_are_found(city, caplog):
    """At nine, five thousand phones look while one after the other books."""
    one, asked = await at(city, NOW + DAY), []
    caplog.set_level(logging.DEBUG, "tortoise.db_client")
    for _ in range(2):
        caplog.clear()
        rows = await browse(Sought(area_id=city.areas["邻玉街道"].id), Days(), now=NOW)
        await seen.covers(rows)
        await seen.page(one.id, now=NOW)
        asked.append([record.getMessage() for record in caplog.records if record.name == "tortoise.db_client"])
        for _ in range(5):
            await at(city, NOW + DAY)

    assert len(asked[0]) == len(asked[1]) > 3
    assert all(said.startswith("SELECT") for said in asked[1])
    assert not [said for said in asked[1] if "FOR UPDATE" in said or "LOCK IN" in said]
