"""Venues: managed by the station's head, used by its staff, never by two at once."""

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
# A broken CHECK is one of these errors, by engine.
REFUSED_BY_DATABASE = (IntegrityError, OperationalError)


@pytest.fixture
async def venue(city) -> Venue:
    return await drafts.venue(city)


def taking(city, venue, starts_at=STARTS, ends_at=ENDS, *, station="邻玉社工站"):
    """Reserve the venue as a step of another verb."""
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


async def test_head_creates_a_venue_that_everybody_sees(city):
    made = await drafts.venue(city, "二楼多功能室", 40)

    (known,) = await venues.list_active(city.stations["邻玉社工站"].id)

    assert (known.id, known.name, known.capacity, known.kind) == (
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
async def test_only_the_head_can_create_venues(city, by, refusal):
    wanted = venues.NewVenue(city.stations["邻玉社工站"].id, VenueKind.READING, "阅览室", 20)

    with pytest.raises(refusal):
        await venues.create(wanted, by=city.staff[by], now=NOW)

    assert not await Venue.exists()


async def test_venue_name_is_unique_in_the_station(city, venue):
    with pytest.raises(VenueExists):
        await drafts.venue(city, venue.name)

    await drafts.venue(city, venue.name, station="蓝田社工站")
    assert await Venue.filter(name=venue.name).count() == 2


async def test_other_database_errors_are_not_reported_as_a_taken_name(city, venue):
    with pytest.raises(REFUSED_BY_DATABASE):
        await change(city, venue, capacity=0)
    with pytest.raises(REFUSED_BY_DATABASE):
        await drafts.venue(city, "地下室", capacity=0)


async def test_station_has_a_limited_number_of_venues(city, monkeypatch):
    monkeypatch.setattr(venues, "MAX_VENUES", 2)
    for number in range(2):
        await drafts.venue(city, f"{number}号室")

    with pytest.raises(TooManyVenues) as refused:
        await drafts.venue(city, "又一间")
    assert refused.value.details == {"limit": 2}


async def test_venue_is_renamed_and_made_smaller(city, venue):
    await change(city, venue, name="三楼多功能室", capacity=30)

    known = await Venue.get(id=venue.id)
    assert (known.name, known.capacity, known.active) == ("三楼多功能室", 30, True)
    assert (await AuditEntry.get(action="venue.changed")).facts == {"name": "三楼多功能室", "capacity": 30}


async def test_empty_change_changes_nothing(city, venue):
    assert (await change(city, venue)).name == venue.name


async def test_venue_cannot_take_a_used_name(city, venue):
    await drafts.venue(city, "阅览室")

    with pytest.raises(VenueExists):
        await change(city, venue, name="阅览室")
    assert (await Venue.get(id=venue.id)).name == venue.name


@pytest.mark.parametrize(
    ("by", "refusal"), [("陈社工", HeadRequired), ("吴站长", NotFound), ("冯科长", NotAllowed), ("褚科长", NotFound)]
)
async def test_change_without_rights_is_refused_or_not_found(city, venue, by, refusal):
    with pytest.raises(refusal):
        await change(city, venue, by, capacity=10)

    assert (await Venue.get(id=venue.id)).capacity == 60


async def test_venue_cannot_shrink_below_booked_seats(city, venue):
    await drafts.draft(city, venue_id=venue.id, seats=50)

    with pytest.raises(VenueSeatsBooked) as refused:
        await change(city, venue, capacity=49)

    assert refused.value.details == {"minimum": 50}
    await change(city, venue, capacity=50)


async def test_past_activities_do_not_limit_the_size(city, venue):
    await drafts.draft(city, venue_id=venue.id, seats=50)

    await venues.change(venue.id, {"capacity": 10}, by=city.staff["赵站长"], now=ENDS)

    assert (await Venue.get(id=venue.id)).capacity == 10


@pytest.mark.parametrize(
    ("starts_in", "ends_in"),
    [(0, 2), (-1, 1), (1, 3), (0.5, 1.5), (-1, 3)],
    ids=["same", "into it", "out of it", "within", "around"],
)
async def test_venue_is_not_reserved_twice(city, venue, starts_in, ends_in):
    await taking(city, venue)

    with pytest.raises(VenueTaken) as refused:
        await taking(city, venue, STARTS + starts_in * HOUR, STARTS + ends_in * HOUR)

    assert refused.value.details == {"days": ["2026-03-17"]}
    assert await VenueUse.all().count() == 1


async def test_adjacent_uses_do_not_overlap(city, venue):
    await taking(city, venue)

    await taking(city, venue, STARTS - 2 * HOUR, STARTS)
    await taking(city, venue, ENDS, ENDS + HOUR)

    assert await VenueUse.filter(venue_id=venue.id).count() == 3


async def test_another_venue_is_free_at_the_same_time(city, venue):
    other = await drafts.venue(city, "阅览室")
    await taking(city, venue)

    await taking(city, other)

    assert {use.venue_id for use in await VenueUse.all()} == {venue.id, other.id}


async def test_several_days_are_reserved_all_or_none(city, venue):
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


async def test_venue_of_another_station_is_not_found(city, venue):
    with pytest.raises(NotFound):
        await taking(city, venue, station="蓝田社工站")


async def test_inactive_venue_keeps_its_uses(city, venue):
    use_id = await taking(city, venue)
    await change(city, venue, active=False)

    with pytest.raises(VenueNotAvailable):
        await taking(city, venue, ENDS, ENDS + HOUR)
    with pytest.raises(VenueNotAvailable):
        await moved(use_id, ENDS, ENDS + HOUR)

    await moved(use_id, STARTS, ENDS)
    assert not await venues.list_active(venue.station_id)


async def test_use_can_move_over_its_own_time_but_not_over_others(city, venue):
    use_id = await taking(city, venue)
    await taking(city, venue, ENDS + HOUR, ENDS + 2 * HOUR)

    with pytest.raises(VenueTaken):
        await moved(use_id, STARTS + 2 * HOUR, ENDS + 2 * HOUR)
    await moved(use_id, STARTS + HOUR, ENDS + HOUR)

    use = await VenueUse.get(id=use_id)
    assert (use.starts_at, use.ends_at, use.purpose) == (STARTS + HOUR, ENDS + HOUR, "免费体检")


async def test_released_use_is_free_once_and_cannot_move(city, venue):
    use_id = await taking(city, venue)

    assert [await given_back(use_id), await given_back(use_id)] == [True, False]

    await taking(city, venue)
    with pytest.raises(VenueUseEnded):
        await moved(use_id, ENDS, ENDS + HOUR)


async def test_venue_seats_as_many_as_it_holds(city, venue):
    @db.transaction
    async def must_seat(venue_id, seats):
        await venues.require_capacity(venue_id, seats)

    await must_seat(venue.id, 60)
    with pytest.raises(VenueTooSmall) as refused:
        await must_seat(venue.id, 61)
    with pytest.raises(NotFound):
        await must_seat(1, 1)

    assert refused.value.details == {"capacity": 60}


async def test_staff_reserve_and_release_a_venue_for_the_station(city, venue):
    use = await drafts.use(city, venue)

    back = await venue_uses.return_early(venue.id, use.id, by=city.staff["陈社工"], now=STARTS)

    assert (use.purpose, use.reserved_by_id) == ("居民议事会", city.staff["林社工"].person_id)
    assert back.released_at == (await VenueUse.get(id=use.id)).released_at == STARTS
    await drafts.use(city, venue)


@pytest.mark.parametrize(
    ("span", "problem"),
    [
        ((STARTS, STARTS), "应晚于开始时间"),
        ((NOW - 2 * HOUR, NOW), "结束时间已过"),
        ((STARTS, STARTS + timedelta(days=7, seconds=1)), "最多连续使用7天"),
    ],
)
async def test_invalid_hours_are_refused(city, venue, span, problem):
    with pytest.raises(InvalidVenueTime) as refused:
        await venue_uses.create(venue.id, span, "议事", by=city.staff["陈社工"], now=NOW)

    assert refused.value.details == {"fields": [{"field": "body.ends_at", "problem": problem}]}


async def test_ended_or_released_use_cannot_be_released(city, venue):
    use = await drafts.use(city, venue)

    async def give_back(now):
        await venue_uses.return_early(venue.id, use.id, by=city.staff["陈社工"], now=now)

    with pytest.raises(VenueUseEnded):
        await give_back(ENDS)
    await give_back(NOW)
    with pytest.raises(VenueUseEnded):
        await give_back(NOW)


async def test_use_of_an_activity_cannot_be_released_by_staff(city, venue):
    activity = await drafts.draft(city, venue_id=venue.id)

    with pytest.raises(VenueUsedByActivity) as refused:
        await venue_uses.return_early(venue.id, activity.venue_use_id, by=city.staff["陈社工"], now=NOW)

    assert refused.value.details == {"activity": activity.id}
    assert await VenueUse.exists(id=activity.venue_use_id, released_at=None)


async def test_use_is_found_only_under_its_own_venue(city, venue):
    other, use = await drafts.venue(city, "阅览室"), await drafts.use(city, venue)

    with pytest.raises(NotFound):
        await venue_uses.return_early(other.id, use.id, by=city.staff["陈社工"], now=NOW)


async def test_staff_read_the_uses_from_a_day_in_shanghai(city, venue):
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


async def test_staff_list_their_stations_venues_and_officers_their_countys(city, venue):
    other = await drafts.venue(city, "图书室", station="蓝田社工站")

    async def listed(by, station_id=None, after=0):
        found = await venues.list_of_stations(city.staff[by], station_id, after=after, limit=9)
        return {one.id for one in found}

    assert await listed("陈社工") == {venue.id}
    assert await listed("冯科长") == {venue.id, other.id}
    assert await listed("冯科长", other.station_id) == {other.id}
    assert await listed("冯科长", after=max(venue.id, other.id)) == set()
    assert await listed("褚科长") == set()


async def test_unknown_station_is_not_found(city):
    with pytest.raises(NotFound):
        await venues.list_active(2**50)


async def overlapping(venue):
    """Return pairs of uses that overlap and are not released."""
    uses = await VenueUse.filter(venue_id=venue.id, released_at=None).order_by("starts_at")
    return [(one, two) for one, two in itertools.pairwise(uses) if two.starts_at < one.ends_at]


async def test_twelve_reservations_at_once_have_one_winner(city, venue):
    spans = [(STARTS + n % 3 * HOUR / 2, ENDS + n % 3 * HOUR / 2) for n in range(12)]

    won = await succeeding(*(taking(city, venue, *span) for span in spans))

    assert len(won) == 1
    assert await VenueUse.filter(venue_id=venue.id).count() == 1


async def test_moved_and_new_uses_at_once_do_not_overlap(city, venue):
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


async def test_venue_shrunk_while_it_is_reserved_seats_everybody_or_refuses(city):
    for number in range(5):
        venue = await drafts.venue(city, f"{number}号室", 50)

        await succeeding(drafts.draft(city, venue_id=venue.id, seats=50), change(city, venue, capacity=10))

        seats = await VenueUse.filter(venue_id=venue.id).values_list("activity__seats", flat=True)
        assert (await Venue.get(id=venue.id)).capacity >= max(seats, default=0)
