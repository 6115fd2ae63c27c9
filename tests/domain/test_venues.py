"""Venues: kept by the station's head, taken by its staff, never by two at once."""

import itertools
from datetime import date, timedelta

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from server.database import db
from server.domain import venue_uses, venues
from server.errors import (
    HeadRequired,
    InvalidVenueTime,
    NotAllowed,
    NotFound,
    TooManyVenues,
    VenueExists,
    VenueNotAvailable,
    VenueSeatsBooked,
    VenueTaken,
    VenueTooSmall,
    VenueUsedByActivity,
    VenueUseEnded,
)
from server.models import AuditEntry, Venue, VenueKind, VenueUse
from tests.concurrency import succeeding
from tests.conftest import NOW
from tests.factories import drafts
from tests.factories.drafts import ENDS, STARTS

HOUR = timedelta(hours=1)
# A CHECK is one or the other, as the engine has it.
REFUSED_BY_DATABASE = (IntegrityError, OperationalError)


@pytest.fixture
async def venue(city) -> Venue:
    return await drafts.venue(city)


def taking(city, venue, starts_at=STARTS, ends_at=ENDS, *, station="邻玉社工站"):
    """A step of another verb: its venue."""
    by = city.staff["陈社工"].person_id

    @db.transaction
    async def verb():
        where = {"station_id": city.stations[station].id, "by": by, "now": NOW}
        return await venues.reserve(venue.id, starts_at, ends_at, "免费体检", **where)

    return verb()


@db.transaction
async def moved(use_id, starts_at, ends_at):
    await venues.move_use(use_id, starts_at, ends_at, now=NOW)


@db.transaction
async def given_back(use_id):
    return await venues.release(use_id, now=NOW)


async def change(city, venue, by="赵站长", **changes):
    return await venues.change(venue.id, changes, by=city.staff[by], now=NOW)


async def test_a_head_enters_a_venue_and_everybody_may_know_of_it(city):
    made = await drafts.venue(city, "二楼多功能室", 40)

    (known,) = await venues.list_active(city.stations["邻玉社工站"].id)

    assert (known.id, known.name, known.people_most, known.kind) == (
        made.id,
        "二楼多功能室",
        40,
        VenueKind.MULTI_PURPOSE,
    )
    assert (await AuditEntry.get(action="venue.added")).subject == f"venue:{made.id}"


@pytest.mark.parametrize(
    ("by", "refusal"),
    [("陈社工", HeadRequired), ("吴站长", NotAllowed), ("冯科长", NotAllowed), ("孙站长", NotAllowed)],
)
async def test_only_the_stations_head_enters_venues(city, by, refusal):
    wanted = venues.NewVenue(city.stations["邻玉社工站"].id, VenueKind.READING, "阅览室", 20)

    with pytest.raises(refusal):
        await venues.create(wanted, by=city.staff[by], now=NOW)

    assert not await Venue.exists()


async def test_two_venues_of_a_station_never_share_a_name_but_two_stations_may(city, venue):
    with pytest.raises(VenueExists):
        await drafts.venue(city, venue.name)

    await drafts.venue(city, venue.name, station="蓝田社工站")
    assert await Venue.filter(name=venue.name).count() == 2


async def test_what_else_the_database_refuses_is_not_called_a_name_that_is_taken(city, venue):
    with pytest.raises(REFUSED_BY_DATABASE):
        await change(city, venue, people_most=0)
    with pytest.raises(REFUSED_BY_DATABASE):
        await drafts.venue(city, "地下室", people_most=0)


async def test_a_station_has_no_endless_list_of_venues(city, monkeypatch):
    monkeypatch.setattr(venues, "MAX_VENUES", 2)
    for number in range(2):
        await drafts.venue(city, f"{number}号室")

    with pytest.raises(TooManyVenues) as refused:
        await drafts.venue(city, "又一间")
    assert refused.value.details == {"limit": 2}


async def test_a_venue_is_renamed_and_made_smaller(city, venue):
    await change(city, venue, name="三楼多功能室", people_most=30)

    known = await Venue.get(id=venue.id)
    assert (known.name, known.people_most, known.active) == ("三楼多功能室", 30, True)
    assert (await AuditEntry.get(action="venue.changed")).facts == {"name": "三楼多功能室", "people_most": 30}


async def test_a_change_of_nothing_changes_nothing(city, venue):
    assert (await change(city, venue)).name == venue.name


async def test_a_venue_takes_no_name_another_has(city, venue):
    await drafts.venue(city, "阅览室")

    with pytest.raises(VenueExists):
        await change(city, venue, name="阅览室")
    assert (await Venue.get(id=venue.id)).name == venue.name


@pytest.mark.parametrize(
    ("by", "refusal"), [("陈社工", HeadRequired), ("吴站长", NotFound), ("冯科长", NotAllowed), ("褚科长", NotFound)]
)
async def test_who_may_not_change_a_venue_hears_why_or_nothing_of_it(city, venue, by, refusal):
    with pytest.raises(refusal):
        await change(city, venue, by, people_most=10)

    assert (await Venue.get(id=venue.id)).people_most == 60


async def test_a_venue_does_not_shrink_below_the_seats_promised_in_it(city, venue):
    await drafts.draft(city, venue_id=venue.id, seats=50)

    with pytest.raises(VenueSeatsBooked) as refused:
        await change(city, venue, people_most=49)

    assert refused.value.details == {"minimum": 50}
    await change(city, venue, people_most=50)


async def test_seats_of_long_ago_do_not_keep_a_venue_large(city, venue):
    await drafts.draft(city, venue_id=venue.id, seats=50)

    await venues.change(venue.id, {"people_most": 10}, by=city.staff["赵站长"], now=ENDS)

    assert (await Venue.get(id=venue.id)).people_most == 10


@pytest.mark.parametrize(
    ("starts_in", "ends_in"),
    [(0, 2), (-1, 1), (1, 3), (0.5, 1.5), (-1, 3)],
    ids=["same", "into it", "out of it", "within", "around"],
)
async def test_a_venue_is_not_taken_twice(city, venue, starts_in, ends_in):
    await taking(city, venue)

    with pytest.raises(VenueTaken) as refused:
        await taking(city, venue, STARTS + starts_in * HOUR, STARTS + ends_in * HOUR)

    assert refused.value.details == {"days": ["2026-03-17"]}
    assert await VenueUse.all().count() == 1


async def test_who_comes_when_the_others_leave_meets_nobody(city, venue):
    await taking(city, venue)

    await taking(city, venue, STARTS - 2 * HOUR, STARTS)
    await taking(city, venue, ENDS, ENDS + HOUR)

    assert await VenueUse.filter(venue_id=venue.id).count() == 3


async def test_the_same_hours_in_another_venue_are_free(city, venue):
    other = await drafts.venue(city, "阅览室")
    await taking(city, venue)

    await taking(city, other)

    assert {use.venue_id for use in await VenueUse.all()} == {venue.id, other.id}


async def test_several_days_are_taken_together_or_not_at_all(city, venue):
    weeks = [(STARTS + timedelta(weeks=n), ENDS + timedelta(weeks=n)) for n in range(4)]
    for number in (1, 3):
        await taking(city, venue, *weeks[number])

    @db.transaction
    async def verb():
        where = {"station_id": venue.station_id, "by": city.staff["陈社工"].person_id, "now": NOW}
        return await venues.reserve_many(venue.id, weeks, "合唱团", **where)

    with pytest.raises(VenueTaken) as refused:
        await verb()

    assert refused.value.details == {"days": ["2026-03-24", "2026-04-07"]}
    assert not await VenueUse.exists(purpose="合唱团")


async def test_a_venue_of_another_station_is_not_there(city, venue):
    with pytest.raises(NotFound):
        await taking(city, venue, station="蓝田社工站")


async def test_a_venue_given_out_no_more_stays_with_who_has_it(city, venue):
    use_id = await taking(city, venue)
    await change(city, venue, active=False)

    with pytest.raises(VenueNotAvailable):
        await taking(city, venue, ENDS, ENDS + HOUR)
    with pytest.raises(VenueNotAvailable):
        await moved(use_id, ENDS, ENDS + HOUR)

    await moved(use_id, STARTS, ENDS)
    assert not await venues.list_active(venue.station_id)


async def test_a_use_moves_over_its_own_hours_but_not_over_others(city, venue):
    use_id = await taking(city, venue)
    await taking(city, venue, ENDS + HOUR, ENDS + 2 * HOUR)

    with pytest.raises(VenueTaken):
        await moved(use_id, STARTS + 2 * HOUR, ENDS + 2 * HOUR)
    await moved(use_id, STARTS + HOUR, ENDS + HOUR)

    use = await VenueUse.get(id=use_id)
    assert (use.starts_at, use.ends_at, use.purpose) == (STARTS + HOUR, ENDS + HOUR, "免费体检")


async def test_a_venue_given_back_is_free_once_and_does_not_move(city, venue):
    use_id = await taking(city, venue)

    assert [await given_back(use_id), await given_back(use_id)] == [True, False]

    await taking(city, venue)
    with pytest.raises(VenueUseEnded):
        await moved(use_id, ENDS, ENDS + HOUR)


async def test_a_venue_seats_as_many_as_it_holds(city, venue):
    @db.transaction
    async def must_seat(venue_id, seats):
        await venues.require_capacity(venue_id, seats)

    await must_seat(venue.id, 60)
    with pytest.raises(VenueTooSmall) as refused:
        await must_seat(venue.id, 61)
    with pytest.raises(NotFound):
        await must_seat(1, 1)

    assert refused.value.details == {"people_most": 60}


async def test_staff_take_a_venue_for_the_station_and_give_it_back(city, venue):
    use = await drafts.use(city, venue)

    back = await venue_uses.return_early(venue.id, use.id, by=city.staff["陈社工"], now=STARTS)

    assert (use.purpose, use.taken_by_id) == ("居民议事会", city.staff["林社工"].person_id)
    assert back.given_back_at == (await VenueUse.get(id=use.id)).given_back_at == STARTS
    await drafts.use(city, venue)


@pytest.mark.parametrize(
    ("span", "problem"),
    [
        ((STARTS, STARTS), "应晚于开始时间"),
        ((NOW - 2 * HOUR, NOW), "结束时间已过"),
        ((STARTS, STARTS + timedelta(days=7, seconds=1)), "最多连续使用7天"),
    ],
)
async def test_a_venue_is_not_taken_for_hours_that_cannot_be(city, venue, span, problem):
    with pytest.raises(InvalidVenueTime) as refused:
        await venue_uses.create(venue.id, span, "议事", by=city.staff["陈社工"], now=NOW)

    assert refused.value.details == {"fields": [{"field": "body.ends_at", "problem": problem}]}


async def test_what_is_over_or_given_back_is_not_given_back_again(city, venue):
    use = await drafts.use(city, venue)

    async def give_back(now):
        await venue_uses.return_early(venue.id, use.id, by=city.staff["陈社工"], now=now)

    with pytest.raises(VenueUseEnded):
        await give_back(ENDS)
    await give_back(NOW)
    with pytest.raises(VenueUseEnded):
        await give_back(NOW)


async def test_an_activitys_venue_is_not_given_back_behind_its_back(city, venue):
    activity = await drafts.draft(city, venue_id=venue.id)

    with pytest.raises(VenueUsedByActivity) as refused:
        await venue_uses.return_early(venue.id, activity.venue_use_id, by=city.staff["陈社工"], now=NOW)

    assert refused.value.details == {"activity": activity.id}
    assert await VenueUse.exists(id=activity.venue_use_id, given_back_at=None)


async def test_a_use_is_given_back_by_its_own_venue_alone(city, venue):
    other, use = await drafts.venue(city, "阅览室"), await drafts.use(city, venue)

    with pytest.raises(NotFound):
        await venue_uses.return_early(other.id, use.id, by=city.staff["陈社工"], now=NOW)


async def test_staff_read_who_has_a_venue_from_a_day_of_shanghai_on(city, venue):
    midnight = NOW.replace(hour=16)  # the 11th begins in Shanghai
    before = await drafts.use(city, venue, midnight - 2 * HOUR)
    over_night = await drafts.use(city, venue, midnight + HOUR, 3)
    later = await drafts.use(city, venue)
    gone = await drafts.use(city, venue, ENDS)
    await given_back(gone.id)

    async def read(by, day, **more):
        found = await venue_uses.list_from(venue.id, day, by=city.staff[by], **{"after": None, "limit": 9, **more})
        return [use.id for use in found]

    assert await read("冯科长", date(2026, 3, 11)) == [over_night.id, later.id]
    assert await read("陈社工", date(2026, 3, 10), limit=2) == [before.id, over_night.id]
    assert await read("陈社工", date(2026, 3, 10), after=(over_night.ends_at, over_night.id)) == [later.id]
    with pytest.raises(NotFound):
        await read("周社工", date(2026, 3, 10))


async def test_staff_list_their_own_stations_venues_and_officers_their_countys(city, venue):
    other = await drafts.venue(city, "图书室", station="蓝田社工站")

    async def listed(by, station_id=None, after=0):
        found = await venues.list_of_stations(city.staff[by], station_id, after=after, limit=9)
        return {one.id for one in found}

    assert await listed("陈社工") == {venue.id}
    assert await listed("冯科长") == {venue.id, other.id}
    assert await listed("冯科长", other.station_id) == {other.id}
    assert await listed("冯科长", after=max(venue.id, other.id)) == set()
    assert await listed("褚科长") == set()


async def test_no_station_has_no_venues(city):
    with pytest.raises(NotFound):
        await venues.list_active(2**50)


async def overlapping(venue):
    """Pairs of uses, not given back, that meet."""
    uses = await VenueUse.filter(venue_id=venue.id, given_back_at=None).order_by("starts_at")
    return [(one, two) for one, two in itertools.pairwise(uses) if two.starts_at < one.ends_at]


async def test_of_twelve_who_want_the_same_hours_at_once_one_has_them(city, venue):
    spans = [(STARTS + n % 3 * HOUR / 2, ENDS + n % 3 * HOUR / 2) for n in range(12)]

    won = await succeeding(*(taking(city, venue, *span) for span in spans))

    assert len(won) == 1
    assert await VenueUse.filter(venue_id=venue.id).count() == 1


async def test_a_use_that_moves_and_one_that_comes_never_meet(city, venue):
    for day in range(5):
        begins = STARTS + timedelta(days=day)
        use_id = await taking(city, venue, begins, begins + HOUR)

        await succeeding(
            moved(use_id, begins + 2 * HOUR, begins + 3 * HOUR),
            taking(city, venue, begins + 2 * HOUR, begins + 4 * HOUR),
            given_back(use_id),
            taking(city, venue, begins, begins + HOUR),
        )

    assert not await overlapping(venue)


async def test_a_venue_that_shrinks_while_an_activity_takes_it_seats_everybody_or_the_activity_is_refused(city):
    for number in range(5):
        venue = await drafts.venue(city, f"{number}号室", 50)

        await succeeding(drafts.draft(city, venue_id=venue.id, seats=50), change(city, venue, people_most=10))

        seats = await VenueUse.filter(venue_id=venue.id).values_list("activity__seats", flat=True)
        assert (await Venue.get(id=venue.id)).people_most >= max(seats, default=0)
