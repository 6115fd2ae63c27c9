"""Service records in the lists of volunteers, staff and officers."""

from datetime import timedelta

import pytest

from server.domain.service_records import queries
from server.errors import NotFound
from server.models import RecordStatus
from tests.conftest import NOW
from tests.factories import records as make_records
from tests.factories.records import THEN, approve, claimed, review


def ids(records):
    return [one.id for one in records]


async def listed(city, by, status=None, after=None, limit=10):
    return ids(await queries.list_for_staff(city.staff[by], status=status, after=after, limit=limit))


@pytest.fixture
async def three(city):
    """Three hours that 小李 claimed one after the other."""
    li = await make_records.volunteer(city)
    return [
        await claimed(city, li, began=THEN + timedelta(hours=number), now=NOW + timedelta(minutes=number))
        for number in range(3)
    ]


async def test_own_records_are_listed_newest_first(city, three):
    li = three[0].volunteer_id

    first = await queries.list_for_volunteer(li, before=None, limit=2)
    rest = await queries.list_for_volunteer(li, before=(first[-1].claimed_at, first[-1].id), limit=2)

    assert ids(first + rest) == ids(three[::-1])
    assert await queries.list_for_volunteer(city.grandma.id, before=None, limit=2) == []


async def test_records_of_the_same_moment_are_each_listed_once(city):
    li = await make_records.volunteer(city)
    made = [await make_records.record(city, li, began=THEN - timedelta(hours=number)) for number in range(3)]

    found, place = [], None
    while page := await queries.list_for_volunteer(li.id, before=place, limit=1):
        found += page
        place = (page[-1].claimed_at, page[-1].id)

    assert sorted(ids(found)) == sorted(ids(made))


async def test_record_of_another_person_is_not_found(city, three):
    assert (await queries.get_for_volunteer(three[0].id, three[0].volunteer_id)).station.name == "邻玉社工站"
    with pytest.raises(NotFound):
        await queries.get_for_volunteer(three[0].id, city.grandma.id)


async def test_undecided_records_are_listed_oldest_first(city, three):
    first, second, third = ids(three)
    await review(city, three[0])

    assert await listed(city, "陈社工") == [first, second, third]
    assert await listed(city, "陈社工", limit=1, after=(three[0].claimed_at, first)) == [second]
    assert await listed(city, "陈社工", RecordStatus.CLAIMED) == [second, third]


async def test_decided_records_are_listed_newest_first(city, three):
    for one in three:
        await review(city, one)
        await approve(city, one)
    first, second, third = ids(three)

    assert await listed(city, "陈社工") == []
    assert await listed(city, "陈社工", RecordStatus.APPROVED) == [third, second, first]
    after = (three[2].claimed_at, third)
    assert await listed(city, "陈社工", RecordStatus.APPROVED, after) == [second, first]


async def test_staff_see_records_of_their_stations_and_officers_of_their_county(city, three):
    for name in ("赵站长", "冯科长", "卫处长"):
        assert len(await listed(city, name)) == 3
        assert (await queries.get_for_staff(three[0].id, by=city.staff[name])).volunteer.name == "李志强"
    for name in ("周社工", "孙站长", "褚科长"):
        assert await listed(city, name) == []
        with pytest.raises(NotFound):
            await queries.get_for_staff(three[0].id, by=city.staff[name])
