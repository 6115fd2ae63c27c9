"""The public list of activities: filters and order."""

import logging
from datetime import date

import pytest

from server.domain import reference
from server.domain.activities import public_queries
from server.domain.activities.public_queries import INDEXES, DayRange, SearchFilter, search
from server.errors import NotFound
from server.models import Activity, ActivityStatus, AreaEdition, AreaSuccessor, Category
from tests.conftest import NOW
from tests.factories.activities import DAY, HOUR, at

S = ActivityStatus


async def found(days=None, now=NOW, **sought):
    return [one.id for one in await search(SearchFilter(**sought), days or DayRange(), now=now)]


async def test_list_is_sorted_by_start_and_id(city):
    third = await at(city, NOW + 3 * DAY)
    both = sorted([await at(city, NOW + DAY) for _ in range(2)], key=lambda one: one.id)

    assert await found() == [both[0].id, both[1].id, third.id]


async def test_running_activity_is_found_until_its_end(city):
    running = await at(city, NOW - HOUR)
    week = await at(city, NOW - 7 * DAY + HOUR, lasts=7 * DAY)
    await at(city, NOW - 2 * HOUR)

    assert await found() == [week.id, running.id]
    assert await found(now=NOW + HOUR) == []


async def test_drafts_and_cancelled_activities_are_not_found(city):
    await at(city, NOW + DAY, status=S.DRAFT, listed=0)
    await at(city, NOW + DAY, status=S.CANCELLED, listed=0)

    assert await found() == []


async def test_days_are_in_shanghai_and_the_last_one_is_whole(city):
    midnight = NOW.replace(hour=16, minute=0) + DAY  # the 12th begins
    before, first = await at(city, midnight - 3 * HOUR), await at(city, midnight)
    last, after = await at(city, midnight + 2 * DAY - HOUR), await at(city, midnight + 2 * DAY)

    assert await found(DayRange(date(2026, 3, 12), date(2026, 3, 13))) == [first.id, last.id]
    assert await found(DayRange(first=date(2026, 3, 12))) == [first.id, last.id, after.id]
    assert await found(DayRange(last=date(2026, 3, 11))) == [before.id]


async def test_past_day_finds_past_activities(city):
    past = await at(city, NOW - 10 * DAY, status=S.FINISHED)

    assert await found(DayRange(date(2026, 2, 28), date(2026, 2, 28))) == [past.id]
    assert await found(DayRange(date(2026, 3, 1), date(2026, 3, 9))) == []


async def test_activity_of_several_days_is_found_on_each(city):
    week = await at(city, NOW + DAY, lasts=5 * DAY)

    assert await found(DayRange(date(2026, 3, 14), date(2026, 3, 14))) == [week.id]


async def test_area_finds_activities_in_it_and_below_it(city):
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


async def test_merged_village_finds_activities_of_its_successor(city):
    old, new = city.areas["团结村"], city.areas["和平社区"]
    await old.filter(id=old.id).update(valid_until=date(2026, 1, 1))
    listed = {"name": "名单", "code_system": "nbs", "valid_from": date(2026, 1, 1), "covers": [], "follows": 0}
    edition = await AreaEdition.create(**listed, proposed_at=NOW)
    await AreaSuccessor.create(area=old, successor=new, edition=edition)
    there = await at(city, NOW + DAY, area_id=new.id)

    assert await found(area_id=old.id) == [there.id]


async def test_category_and_station_narrow_the_list_together(city):
    other = await Category.get(code="elder_care")
    culture, care = await at(city, NOW + DAY), await at(city, NOW + DAY, category=other)
    elsewhere = await at(city, NOW + DAY, category=other, station="蓝田社工站")

    assert await found(category="culture") == [culture.id]
    assert set(await found(category="elder_care")) == {care.id, elsewhere.id}
    station = city.stations["蓝田社工站"].id
    assert await found(station_id=station, category="elder_care") == [elsewhere.id]
    assert await found(station_id=station, category="culture") == []


@pytest.mark.parametrize("sought", [{"area_id": 2**31 - 1}, {"category": "no_such_thing"}])
async def test_unknown_area_or_category_is_not_found(city, sought):
    with pytest.raises(NotFound):
        await found(**sought)


async def test_words_are_searched_in_title_and_text(city):
    titled = await at(city, NOW + DAY, title="重阳节体检", text="带上水杯")
    told = await at(city, NOW + 2 * DAY, title="义诊", text="免费体检，限 50 人，满 100%")
    await at(city, NOW + 3 * DAY, title="包饺子", text="欢迎 Everybody")

    assert await found(words="体检") == [titled.id, told.id]
    assert await found(words="100%") == [told.id]
    assert await found(words="%") == [told.id]
    assert await found(words="_") == []
    assert len(await found(words="everybody")) == 1


async def test_words_are_searched_only_in_activities_that_are_not_over(city):
    await at(city, NOW - 5 * DAY, status=S.FINISHED)
    coming = await at(city, NOW + DAY)

    assert await found(DayRange(first=date(2026, 1, 1)), words="体检") == [coming.id]
    assert await found(DayRange(first=date(2026, 3, 12)), words="体检") == []


async def test_pages_follow_without_a_gap(city):
    rows = [await at(city, NOW + DAY * (1 + number // 3)) for number in range(8)]
    expected = [one.id for one in sorted(rows, key=lambda one: (one.starts_at, one.id))]

    pages, place = [], None
    for _ in range(5):
        page = await search(SearchFilter(), DayRange(after=place, limit=2), now=NOW)
        pages += [one.id for one in page]
        place = (page[-1].starts_at, page[-1].id) if page else place

    assert pages == expected


async def test_reading_takes_no_lock_and_a_fixed_number_of_queries(city, caplog):
    """At nine, five thousand people read while others book."""
    one, asked = await at(city, NOW + DAY), []
    await reference.snapshot()
    caplog.set_level(logging.DEBUG, "tortoise.db_client")
    for _ in range(2):
        caplog.clear()
        rows = await search(SearchFilter(area_id=city.areas["邻玉街道"].id), DayRange(), now=NOW)
        await public_queries.cover_photos(rows)
        await public_queries.get_page(one.id, now=NOW)
        asked.append([record.getMessage() for record in caplog.records if record.name == "tortoise.db_client"])
        for _ in range(5):
            await at(city, NOW + DAY)

    assert len(asked[0]) == len(asked[1]) > 3
    assert all(said.startswith("SELECT") for said in asked[1])
    assert not [said for said in asked[1] if "FOR UPDATE" in said or "LOCK IN" in said]


def test_every_forced_index_exists():
    assert set(INDEXES.values()) == {getattr(one, "name", None) for one in Activity._meta.indexes} - {None}
