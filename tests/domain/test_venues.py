"""Rooms: kept by the station's head, taken by its staff, never by two at once."""

import itertools
from datetime import date, timedelta

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from server.database import db
from server.domain import venue_uses, venues
from server.errors import (
    HeadRequired,
    InvalidRoomTime,
    NotAllowed,
    NotFound,
    RoomExists,
    RoomNotAvailable,
    RoomSeatsBooked,
    RoomTaken,
    RoomTooSmall,
    RoomUsedByActivity,
    RoomUseEnded,
    TooManyRooms,
)
from server.models import AuditEntry, Room, RoomKind, RoomUse
from tests.concurrency import succeeding
from tests.conftest import NOW
from tests.factories import drafts
from tests.factories.drafts import ENDS, STARTS

HOUR = timedelta(hours=1)
# A CHECK is one or the other, as the engine has it.
REFUSED_BY_DATABASE = (IntegrityError, OperationalError)


@pytest.fixture
async def room(city) -> Room:
    return await drafts.room(city)


def taking(city, room, starts_at=STARTS, ends_at=ENDS, *, station="邻玉社工站"):
    """A step of another verb: its room."""
    by = city.staff["陈社工"].person_id

    @db.transaction
    async def verb():
        where = {"station_id": city.stations[station].id, "by": by, "now": NOW}
        return await venues.take(room.id, starts_at, ends_at, "免费体检", **where)

    return verb()


@db.transaction
async def moved(use_id, starts_at, ends_at):
    await venues.move(use_id, starts_at, ends_at, now=NOW)


@db.transaction
async def given_back(use_id):
    return await venues.give_back(use_id, now=NOW)


async def change(city, room, by="赵站长", **changes):
    return await venues.change(room.id, changes, by=city.staff[by], now=NOW)


async def test_a_head_enters_a_room_and_everybody_may_know_of_it(city):
    made = await drafts.room(city, "二楼多功能室", 40)

    (known,) = await venues.active(city.stations["邻玉社工站"].id)

    assert (known.id, known.name, known.people_most, known.kind) == (
        made.id,
        "二楼多功能室",
        40,
        RoomKind.MULTI_PURPOSE,
    )
    assert (await AuditEntry.get(action="room.added")).subject == f"room:{made.id}"


@pytest.mark.parametrize(
    ("by", "refusal"),
    [("陈社工", HeadRequired), ("吴站长", NotAllowed), ("冯科长", NotAllowed), ("孙站长", NotAllowed)],
)
async def test_only_the_stations_head_enters_rooms(city, by, refusal):
    wanted = venues.NewRoom(city.stations["邻玉社工站"].id, RoomKind.READING, "阅览室", 20)

    with pytest.raises(refusal):
        await venues.add(wanted, by=city.staff[by], now=NOW)

    assert not await Room.exists()


async def test_two_rooms_of_a_station_never_share_a_name_but_two_stations_may(city, room):
    with pytest.raises(RoomExists):
        await drafts.room(city, room.name)

    await drafts.room(city, room.name, station="蓝田社工站")
    assert await Room.filter(name=room.name).count() == 2


async def test_what_else_the_database_refuses_is_not_called_a_name_that_is_taken(city, room):
    with pytest.raises(REFUSED_BY_DATABASE):
        await change(city, room, people_most=0)
    with pytest.raises(REFUSED_BY_DATABASE):
        await drafts.room(city, "地下室", people_most=0)


async def test_a_station_has_no_endless_list_of_rooms(city, monkeypatch):
    monkeypatch.setattr(venues, "MOST", 2)
    for number in range(2):
        await drafts.room(city, f"{number}号室")

    with pytest.raises(TooManyRooms) as refused:
        await drafts.room(city, "又一间")
    assert refused.value.details == {"limit": 2}


async def test_a_room_is_renamed_and_made_smaller(city, room):
    await change(city, room, name="三楼多功能室", people_most=30)

    known = await Room.get(id=room.id)
    assert (known.name, known.people_most, known.active) == ("三楼多功能室", 30, True)
    assert (await AuditEntry.get(action="room.changed")).facts == {"name": "三楼多功能室", "people_most": 30}


async def test_a_change_of_nothing_changes_nothing(city, room):
    assert (await change(city, room)).name == room.name


async def test_a_room_takes_no_name_another_has(city, room):
    await drafts.room(city, "阅览室")

    with pytest.raises(RoomExists):
        await change(city, room, name="阅览室")
    assert (await Room.get(id=room.id)).name == room.name


@pytest.mark.parametrize(
    ("by", "refusal"), [("陈社工", HeadRequired), ("吴站长", NotFound), ("冯科长", NotAllowed), ("褚科长", NotFound)]
)
async def test_who_may_not_change_a_room_hears_why_or_nothing_of_it(city, room, by, refusal):
    with pytest.raises(refusal):
        await change(city, room, by, people_most=10)

    assert (await Room.get(id=room.id)).people_most == 60


async def test_a_room_does_not_shrink_below_the_seats_promised_in_it(city, room):
    await drafts.draft(city, room_id=room.id, seats=50)

    with pytest.raises(RoomSeatsBooked) as refused:
        await change(city, room, people_most=49)

    assert refused.value.details == {"minimum": 50}
    await change(city, room, people_most=50)


async def test_seats_of_long_ago_do_not_keep_a_room_large(city, room):
    await drafts.draft(city, room_id=room.id, seats=50)

    await venues.change(room.id, {"people_most": 10}, by=city.staff["赵站长"], now=ENDS)

    assert (await Room.get(id=room.id)).people_most == 10


@pytest.mark.parametrize(
    ("starts_in", "ends_in"),
    [(0, 2), (-1, 1), (1, 3), (0.5, 1.5), (-1, 3)],
    ids=["same", "into it", "out of it", "within", "around"],
)
async def test_a_room_is_not_taken_twice(city, room, starts_in, ends_in):
    await taking(city, room)

    with pytest.raises(RoomTaken) as refused:
        await taking(city, room, STARTS + starts_in * HOUR, STARTS + ends_in * HOUR)

    assert refused.value.details == {"days": ["2026-03-17"]}
    assert await RoomUse.all().count() == 1


async def test_who_comes_when_the_others_leave_meets_nobody(city, room):
    await taking(city, room)

    await taking(city, room, STARTS - 2 * HOUR, STARTS)
    await taking(city, room, ENDS, ENDS + HOUR)

    assert await RoomUse.filter(room_id=room.id).count() == 3


async def test_the_same_hours_in_another_room_are_free(city, room):
    other = await drafts.room(city, "阅览室")
    await taking(city, room)

    await taking(city, other)

    assert {use.room_id for use in await RoomUse.all()} == {room.id, other.id}


async def test_several_days_are_taken_together_or_not_at_all(city, room):
    weeks = [(STARTS + timedelta(weeks=n), ENDS + timedelta(weeks=n)) for n in range(4)]
    for number in (1, 3):
        await taking(city, room, *weeks[number])

    @db.transaction
    async def verb():
        where = {"station_id": room.station_id, "by": city.staff["陈社工"].person_id, "now": NOW}
        return await venues.take_all(room.id, weeks, "合唱团", **where)

    with pytest.raises(RoomTaken) as refused:
        await verb()

    assert refused.value.details == {"days": ["2026-03-24", "2026-04-07"]}
    assert not await RoomUse.exists(purpose="合唱团")


async def test_a_room_of_another_station_is_not_there(city, room):
    with pytest.raises(NotFound):
        await taking(city, room, station="蓝田社工站")


async def test_a_room_given_out_no_more_stays_with_who_has_it(city, room):
    use_id = await taking(city, room)
    await change(city, room, active=False)

    with pytest.raises(RoomNotAvailable):
        await taking(city, room, ENDS, ENDS + HOUR)
    with pytest.raises(RoomNotAvailable):
        await moved(use_id, ENDS, ENDS + HOUR)

    await moved(use_id, STARTS, ENDS)
    assert not await venues.active(room.station_id)


async def test_a_use_moves_over_its_own_hours_but_not_over_others(city, room):
    use_id = await taking(city, room)
    await taking(city, room, ENDS + HOUR, ENDS + 2 * HOUR)

    with pytest.raises(RoomTaken):
        await moved(use_id, STARTS + 2 * HOUR, ENDS + 2 * HOUR)
    await moved(use_id, STARTS + HOUR, ENDS + HOUR)

    use = await RoomUse.get(id=use_id)
    assert (use.starts_at, use.ends_at, use.purpose) == (STARTS + HOUR, ENDS + HOUR, "免费体检")


async def test_a_room_given_back_is_free_once_and_does_not_move(city, room):
    use_id = await taking(city, room)

    assert [await given_back(use_id), await given_back(use_id)] == [True, False]

    await taking(city, room)
    with pytest.raises(RoomUseEnded):
        await moved(use_id, ENDS, ENDS + HOUR)


async def test_a_room_seats_as_many_as_it_holds(city, room):
    @db.transaction
    async def must_seat(room_id, seats):
        await venues.must_seat(room_id, seats)

    await must_seat(room.id, 60)
    with pytest.raises(RoomTooSmall) as refused:
        await must_seat(room.id, 61)
    with pytest.raises(NotFound):
        await must_seat(1, 1)

    assert refused.value.details == {"people_most": 60}


async def test_staff_take_a_room_for_the_station_and_give_it_back(city, room):
    use = await drafts.use(city, room)

    back = await venue_uses.return_use(room.id, use.id, by=city.staff["陈社工"], now=STARTS)

    assert (use.purpose, use.taken_by_id) == ("居民议事会", city.staff["林社工"].person_id)
    assert back.given_back_at == (await RoomUse.get(id=use.id)).given_back_at == STARTS
    await drafts.use(city, room)


@pytest.mark.parametrize(
    ("span", "problem"),
    [
        ((STARTS, STARTS), "应晚于开始时间"),
        ((NOW - 2 * HOUR, NOW), "结束时间已过"),
        ((STARTS, STARTS + timedelta(days=7, seconds=1)), "最多连续使用7天"),
    ],
)
async def test_a_room_is_not_taken_for_hours_that_cannot_be(city, room, span, problem):
    with pytest.raises(InvalidRoomTime) as refused:
        await venue_uses.use(room.id, span, "议事", by=city.staff["陈社工"], now=NOW)

    assert refused.value.details == {"fields": [{"field": "body.ends_at", "problem": problem}]}


async def test_what_is_over_or_given_back_is_not_given_back_again(city, room):
    use = await drafts.use(city, room)

    async def give_back(now):
        await venue_uses.return_use(room.id, use.id, by=city.staff["陈社工"], now=now)

    with pytest.raises(RoomUseEnded):
        await give_back(ENDS)
    await give_back(NOW)
    with pytest.raises(RoomUseEnded):
        await give_back(NOW)


async def test_an_activitys_room_is_not_given_back_behind_its_back(city, room):
    activity = await drafts.draft(city, room_id=room.id)

    with pytest.raises(RoomUsedByActivity) as refused:
        await venue_uses.return_use(room.id, activity.room_use_id, by=city.staff["陈社工"], now=NOW)

    assert refused.value.details == {"activity": activity.id}
    assert await RoomUse.exists(id=activity.room_use_id, given_back_at=None)


async def test_a_use_is_given_back_by_its_own_room_alone(city, room):
    other, use = await drafts.room(city, "阅览室"), await drafts.use(city, room)

    with pytest.raises(NotFound):
        await venue_uses.return_use(other.id, use.id, by=city.staff["陈社工"], now=NOW)


async def test_staff_read_who_has_a_room_from_a_day_of_shanghai_on(city, room):
    midnight = NOW.replace(hour=16)  # the 11th begins in Shanghai
    before = await drafts.use(city, room, midnight - 2 * HOUR)
    over_night = await drafts.use(city, room, midnight + HOUR, 3)
    later = await drafts.use(city, room)
    gone = await drafts.use(city, room, ENDS)
    await given_back(gone.id)

    async def read(by, day, **more):
        found = await venue_uses.uses_from(room.id, day, by=city.staff[by], **{"after": None, "limit": 9, **more})
        return [use.id for use in found]

    assert await read("冯科长", date(2026, 3, 11)) == [over_night.id, later.id]
    assert await read("陈社工", date(2026, 3, 10), limit=2) == [before.id, over_night.id]
    assert await read("陈社工", date(2026, 3, 10), after=(over_night.ends_at, over_night.id)) == [later.id]
    with pytest.raises(NotFound):
        await read("周社工", date(2026, 3, 10))


async def test_staff_list_their_own_stations_rooms_and_officers_their_countys(city, room):
    other = await drafts.room(city, "图书室", station="蓝田社工站")

    async def listed(by, station_id=None, after=0):
        found = await venues.of_stations(city.staff[by], station_id, after=after, limit=9)
        return {one.id for one in found}

    assert await listed("陈社工") == {room.id}
    assert await listed("冯科长") == {room.id, other.id}
    assert await listed("冯科长", other.station_id) == {other.id}
    assert await listed("冯科长", after=max(room.id, other.id)) == set()
    assert await listed("褚科长") == set()


async def test_no_station_has_no_rooms(city):
    with pytest.raises(NotFound):
        await venues.active(2**50)


async def overlapping(room):
    """Pairs of uses, not given back, that meet."""
    uses = await RoomUse.filter(room_id=room.id, given_back_at=None).order_by("starts_at")
    return [(one, two) for one, two in itertools.pairwise(uses) if two.starts_at < one.ends_at]


async def test_of_twelve_who_want_the_same_hours_at_once_one_has_them(city, room):
    spans = [(STARTS + n % 3 * HOUR / 2, ENDS + n % 3 * HOUR / 2) for n in range(12)]

    won = await succeeding(*(taking(city, room, *span) for span in spans))

    assert len(won) == 1
    assert await RoomUse.filter(room_id=room.id).count() == 1


async def test_a_use_that_moves_and_one_that_comes_never_meet(city, room):
    for day in range(5):
        begins = STARTS + timedelta(days=day)
        use_id = await taking(city, room, begins, begins + HOUR)

        await succeeding(
            moved(use_id, begins + 2 * HOUR, begins + 3 * HOUR),
            taking(city, room, begins + 2 * HOUR, begins + 4 * HOUR),
            given_back(use_id),
            taking(city, room, begins, begins + HOUR),
        )

    assert not await overlapping(room)


async def test_a_room_that_shrinks_while_an_activity_takes_it_seats_everybody_or_the_activity_is_refused(city):
    for number in range(5):
        room = await drafts.room(city, f"{number}号室", 50)

        await succeeding(drafts.draft(city, room_id=room.id, seats=50), change(city, room, people_most=10))

        seats = await RoomUse.filter(room_id=room.id).values_list("activity__seats", flat=True)
        assert (await Room.get(id=room.id)).people_most >= max(seats, default=0)
