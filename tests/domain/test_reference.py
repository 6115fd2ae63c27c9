"""The set-up in memory: read once, right after every change, seen by nobody before its COMMIT."""

import asyncio
import gc
import secrets
import tracemalloc
from contextvars import Context

import pymysql
import pytest

from scripts.set_up import set_up
from server.database import db
from server.domain import reference, stations
from server.models import Area, AreaLevel, Station, StationLevel
from tests import factories
from tests.conftest import NOW
from tests.jobs.working import expect_soon
from tests.services import chosen_database
from tests.statements import Sent

several_connections = pytest.mark.skipif(chosen_database() != "mariadb", reason="SQLite has one connection")
MOST_BYTES = 15_000_000


class Undone(Exception):  # noqa: N818 - no error
    """The transaction is rolled back."""


@pytest.fixture
def town_station(city):
    return city.stations["邻玉社工站"].id


@pytest.fixture
def elsewhere(mariadb):
    """Another process that changes the phone of a station, with a connection of its own."""

    def change(station_id, phone):
        where = {"host": "127.0.0.1", "port": mariadb.port, "user": "root", "database": "stations"}
        with pymysql.connect(**where) as link, link.cursor() as cursor:
            cursor.execute("REPLACE INTO reference_version VALUES (1, %s)", [secrets.randbits(62)])
            cursor.execute("UPDATE station SET phone = %s WHERE id = %s", [phone, station_id])
            link.commit()

    return change


@db.transaction
async def change_phone(station_id, phone, *, then=None):
    """Announce a change, make it, and then do what the test wants."""
    await reference.begin_change()
    await Station.filter(id=station_id).update(phone=phone)
    return await then() if then else None


async def phone_of(station_id):
    return (await reference.snapshot()).stations[station_id].phone


async def undo():
    raise Undone


async def waits_for_a_lock():
    """Wait until a transaction waits for a row lock."""
    # Not `innodb_trx`: MariaDB does not refresh that list while it is read every few milliseconds.
    waiting = (
        "SELECT variable_value > 0 yes FROM information_schema.global_status"
        " WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS'"
    )
    await expect_soon(lambda: _answers_yes(waiting))


async def _answers_yes(statement):
    await asyncio.sleep(0.15)  # MariaDB renews what it answers only if nobody asked for a tenth of a second
    return bool((await db.execute(statement))[1][0]["yes"])


def loads(sent):
    return sum("FROM `service_promise`" in one or 'FROM "service_promise"' in one for one in sent.statements)


async def test_many_callers_after_a_change_read_the_set_up_once(city, town_station, caplog):
    before = (await reference.refresh()).number
    await change_phone(town_station, "0830-1")
    sent = Sent(caplog)

    found = await asyncio.gather(
        *(reference.refresh() for _ in range(20)), *(reference.ensure(before) for _ in range(20))
    )

    assert loads(sent) == 1
    assert {one.stations[town_station].phone for one in found} == {"0830-1"}


async def test_caller_who_knows_an_earlier_number_reads_nothing_again(city, town_station, caplog):
    before = (await reference.refresh()).number
    await change_phone(town_station, "0830-1")
    now = await reference.refresh()
    sent = Sent(caplog)

    assert await reference.ensure(before) is now
    assert loads(sent) == 0


async def test_change_that_is_rolled_back_leaves_no_trace(city, town_station):
    before = await reference.refresh()

    with pytest.raises(Undone):
        await change_phone(town_station, "0830-1", then=undo)

    after = await reference.refresh()
    assert (after.number, after.stations[town_station].phone) == (before.number, "0830-2000000")


async def test_changing_transaction_sees_its_change_and_keeps_nothing_of_it(city, town_station):
    async def look_and_undo():
        assert await phone_of(town_station) == "0830-1"
        assert (await stations.get(town_station)).phone == "0830-1"
        raise Undone

    with pytest.raises(Undone):
        await change_phone(town_station, "0830-1", then=look_and_undo)

    assert await phone_of(town_station) == "0830-2000000"


@several_connections
async def test_change_is_seen_by_its_transaction_also_while_others_read_the_old_set_up(city, town_station):
    changed, looked = asyncio.Event(), asyncio.Event()

    async def other():
        await changed.wait()
        found = await reference.refresh()
        looked.set()
        return found.stations[town_station].phone

    async def wait_and_look():
        changed.set()
        await looked.wait()
        return await phone_of(town_station)

    looking = asyncio.create_task(other())
    assert await change_phone(town_station, "0830-1", then=wait_and_look) == "0830-1"
    assert await looking == "0830-2000000"
    assert (await reference.refresh()).stations[town_station].phone == "0830-1"


async def test_later_transaction_of_the_same_task_keeps_what_it_reads(city, town_station, caplog):
    await change_phone(town_station, "0830-1")
    rely = db.transaction(reference.lock_shared)
    await rely()
    sent = Sent(caplog)

    assert (await rely()).stations[town_station].phone == "0830-1"
    assert loads(sent) == 0


@several_connections
async def test_change_of_another_process_is_read_by_the_next_question(city, town_station, elsewhere):
    assert (await reference.refresh()).stations[town_station].phone == "0830-2000000"

    elsewhere(town_station, "0830-1")

    assert (await reference.refresh()).stations[town_station].phone == "0830-1"


@several_connections
async def test_change_waits_for_those_who_rely_and_they_do_not_wait_for_each_other(city, town_station):
    all_three, ended, order = asyncio.Barrier(3), asyncio.Event(), []

    @db.transaction
    async def rely():
        await reference.lock_shared()
        await all_three.wait()
        await ended.wait()
        order.append("relied")

    async def change():
        await all_three.wait()  # both hold the lock
        await change_phone(town_station, "0830-1")
        order.append("changed")

    doing = [asyncio.create_task(one()) for one in (rely, rely, change)]
    await waits_for_a_lock()
    ended.set()
    await asyncio.gather(*doing)

    assert order == ["relied", "relied", "changed"]


@several_connections
async def test_those_who_waited_for_a_change_rely_on_it(city, town_station):
    changed = asyncio.Event()

    async def rely():
        await changed.wait()
        return await db.transaction(reference.lock_shared)()

    async def wait():
        changed.set()
        await waits_for_a_lock()

    relying = asyncio.create_task(rely())
    await change_phone(town_station, "0830-1", then=wait)

    assert (await relying).stations[town_station].phone == "0830-1"


async def test_write_that_no_change_announced_is_noticed(city, town_station):
    @db.transaction
    async def write():
        await Station.filter(id=town_station).update(phone="0830-1")

    with pytest.raises(AssertionError, match="begin_change"):
        await write()


async def test_areas_outside_the_city_are_found_by_their_ids(city):
    other_city = await factories.area("宜宾市", AreaLevel.CITY, city.areas["四川省"])
    county = await factories.area("翠屏区", AreaLevel.COUNTY, other_city)
    home = city.areas["团结村"].id

    assert county.id not in (await reference.snapshot()).areas
    assert {one.name for one in (await reference.areas([county.id, home, 999_999])).values()} == {"翠屏区", "团结村"}
    assert await reference.area(999_999) is None


async def test_database_without_a_city_desk_has_an_empty_set_up(database):
    await Area.create(name="泸州市", level=AreaLevel.CITY, ancestry="/", valid_from=factories.SINCE)

    found = await reference.refresh()

    assert (found.number, found.areas, found.city_desk) == (None, {}, None)


async def test_set_up_of_all_luzhou_takes_at_most_fifteen_megabytes(database):
    await set_up(NOW, lambda _: None)
    levels = {AreaLevel.COUNTY: StationLevel.HEAD_STATION, AreaLevel.TOWN: StationLevel.TOWN_STATION}
    for area in await Area.filter(level__in=list(levels), valid_until=None):
        await factories.station(f"{area.name}社会工作服务站", levels[area.level], area, covers=[area])
    await reference.snapshot()  # what the first reading leaves in Tortoise is not the snapshot's
    reference.forget()
    gc.collect()

    tracemalloc.start()
    try:
        found = await reference.snapshot()
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (len(found.areas), len(found.stations)) == (1623, 134)
    assert size < MOST_BYTES


@db.transaction
async def read_under_lock(station_id):
    return (await reference.lock_shared()).stations[station_id].phone


async def test_readers_and_verbs_at_the_time_of_a_change_do_not_wait_for_each_other_for_ever(city, town_station):
    reading = [reference.refresh() for _ in range(3)] + [read_under_lock(town_station) for _ in range(3)]

    async with asyncio.timeout(60):
        await asyncio.gather(change_phone(town_station, "0830-1"), *reading, change_phone(town_station, "0830-2"))

    assert await read_under_lock(town_station) in {"0830-1", "0830-2"}


@several_connections
async def test_changer_reads_own_change_after_another_task_read_the_old_set_up_meanwhile(city, town_station):
    async def read_elsewhere():
        await asyncio.create_task(reference.refresh(), context=Context())

    await change_phone(town_station, "0830-9", then=read_elsewhere)

    assert await phone_of(town_station) == "0830-9"
