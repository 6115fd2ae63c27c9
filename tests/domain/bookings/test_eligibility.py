"""Rules on homes, priority and ages; each refusal says why."""

from datetime import date, timedelta

import pytest

from server.errors import AgeNotAllowed, AreaNotEligible, BirthYearRequired, HomeRequired, PriorityPeriod
from server.models import (
    ActivityArea,
    Area,
    AreaEdition,
    AreaLevel,
    AreaSuccessor,
    Booking,
    BookingStatus,
    Coverage,
    Person,
)
from tests import factories
from tests.conftest import NOW
from tests.factories.activities import STARTS, activity
from tests.factories.bookings import CHILD, book_party, family, resident

S = BookingStatus


async def meant_for(city, *names, **more):
    one = await activity(city, **more)
    for name in names:
        await ActivityArea.create(activity=one, area=city.areas[name])
    return one


async def test_residents_of_the_area_and_below_can_book(city):
    one = await meant_for(city, "邻玉街道", "宪桥社区")

    for home in ("团结村", "和平社区", "宪桥社区"):
        assert (await book_party(one, await resident(city, home=home))).status == S.BOOKED
    with pytest.raises(AreaNotEligible):
        await book_party(one, await resident(city, home="码头社区"))


async def test_person_without_home_is_refused_where_homes_matter(city):
    visitor = await resident(city, home=None)
    here, everywhere = await meant_for(city, "邻玉街道"), await meant_for(city)

    with pytest.raises(HomeRequired):
        await book_party(here, visitor)
    assert (await book_party(everywhere, visitor)).status == S.BOOKED


async def test_person_without_home_counts_with_the_homes_of_their_party(city):
    one, visitor = await meant_for(city, "团结村"), await resident(city, home=None)
    await family(city.grandma, visitor)

    made = await book_party(one, city.grandma, None, visitor.id, CHILD)

    assert made.size == 3


async def test_party_with_a_member_from_elsewhere_is_refused(city):
    one, son = await meant_for(city, "团结村"), await resident(city, home="码头社区")
    await family(city.grandma, son)

    with pytest.raises(AreaNotEligible):
        await book_party(one, city.grandma, None, son.id)
    assert not await Booking.filter(activity_id=one.id).exists()


async def test_old_village_still_counts_after_a_merger(city):
    new = await factories.area("团结社区", AreaLevel.COMMUNITY, city.areas["邻玉街道"])
    old = city.areas["团结村"]
    edition = await make_edition()
    await AreaSuccessor.create(area=old, successor=new, edition=edition)
    await Area.filter(id=old.id).update(valid_until=date(2026, 1, 1))
    one = await activity(city)
    await ActivityArea.create(activity=one, area=new)

    assert (await book_party(one, city.grandma)).status == S.BOOKED


async def make_edition():
    facts = {"covers": [], "follows": 0, "proposed_at": NOW}
    return await AreaEdition.create(name="合并", code_system="nbs", valid_from=date(2026, 1, 1), **facts)


async def test_residents_of_the_covered_areas_book_first(city):
    until = NOW + timedelta(hours=2)
    one = await activity(city, priority_until=until)
    from_elsewhere = await resident(city, home="宪桥社区")

    made = await book_party(one, city.grandma)
    with pytest.raises(PriorityPeriod) as refusal:
        await book_party(one, from_elsewhere)
    with pytest.raises(HomeRequired):
        await book_party(one, await resident(city, home=None))
    after = await book_party(one, from_elsewhere, now=until)

    assert refusal.value.details == {"possible_from": until}
    assert [made.status, after.status] == [S.BOOKED, S.BOOKED]


@pytest.mark.parametrize(
    "dates",
    [{"valid_until": date(2026, 3, 10)}, {"valid_from": date(2026, 3, 11)}],
    ids=["until today", "from tomorrow"],
)
async def test_priority_uses_the_coverage_of_today(city, dates):
    await Coverage.filter(station=city.stations["邻玉社工站"]).update(**dates)
    one = await activity(city, priority_until=NOW + timedelta(hours=2))

    with pytest.raises(PriorityPeriod):
        await book_party(one, city.grandma)


@pytest.mark.parametrize(("year", "comes"), [(1965, False), (1966, True), (1986, True), (1987, False)])
async def test_ages_are_counted_by_year(city, year, comes):
    one = await activity(city, min_age=40, max_age=60)
    person = await resident(city, birth_year=year)

    if comes:
        assert (await book_party(one, person)).status == S.BOOKED
    else:
        with pytest.raises(AgeNotAllowed) as refusal:
            await book_party(one, person)
        assert refusal.value.details == {"min_age": 40, "max_age": 60, "attendees": [0]}


async def test_age_year_is_the_activitys_in_shanghai(city):
    new_year = STARTS.replace(month=12, day=31, hour=18)  # two in the morning of 1 January in Shanghai
    one = await activity(city, min_age=60, starts_at=new_year)

    assert (await book_party(one, await resident(city, birth_year=1967))).status == S.BOOKED
    with pytest.raises(AgeNotAllowed):
        await book_party(one, await resident(city, birth_year=1968))


async def test_every_member_of_a_party_must_fit_the_ages(city):
    one = await activity(city, min_age=18)

    with pytest.raises(AgeNotAllowed) as refusal:
        await book_party(one, await resident(city), None, CHILD)

    assert refusal.value.details == {"min_age": 18, "max_age": None, "attendees": [1]}


async def test_missing_birth_year_is_refused_where_ages_matter(city):
    limited, open_to_all = await activity(city, max_age=10), await activity(city)
    await Person.filter(id=city.grandma.id).update(birth_year=None)

    with pytest.raises(BirthYearRequired) as refusal:
        await book_party(limited, city.grandma, None, CHILD)
    assert refusal.value.details == {"attendees": [0]}
    assert (await book_party(open_to_all, city.grandma, None, CHILD)).size == 2
