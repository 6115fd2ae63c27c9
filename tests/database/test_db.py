"""The laws of the database: one verb one transaction, repeated whole, never half, never a lost connection."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import aiomysql
import pymysql
import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from server.database import db, transactions
from server.errors import Busy, OutcomeUnknown
from server.models import Person
from tests.conftest import NOW
from tests.services import chosen_database


async def count() -> int:
    return await Person.all().count()


async def test_a_verb_that_fails_leaves_nothing(database):
    @db.transaction
    async def half():
        await Person.create(name="一", created_at=NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half()
    assert await count() == 0


async def test_a_verb_inside_a_verb_is_undone_with_it(database):
    @db.transaction
    async def inner():
        await Person.create(name="一", created_at=NOW)

    @db.transaction
    async def outer():
        await inner()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await outer()
    assert await count() == 0


@pytest.mark.parametrize("code", [1213, 1205, 1020])
async def test_a_broken_deadlock_repeats_the_whole_verb(database, code):
    tries = []

    @db.transaction
    async def verb():
        tries.append(1)
        await Person.create(name="一", created_at=NOW)
        if len(tries) < 3:
            raise OperationalError(pymysql.err.OperationalError(code, "made up"))

    await verb()

    assert len(tries) == 3
    assert await count() == 1


async def test_an_endless_deadlock_is_busy_and_leaves_nothing(database):
    @db.transaction
    async def verb():
        await Person.create(name="一", created_at=NOW)
        raise OperationalError(pymysql.err.OperationalError(1213, "made up"))

    with pytest.raises(Busy):
        await verb()
    assert await count() == 0


async def test_other_errors_are_not_repeated(database):
    tries = []

    @db.transaction
    async def verb():
        tries.append(1)
        await Person.create(name="一", openid="the-same", created_at=NOW)
        await Person.create(name="二", openid="the-same", created_at=NOW)

    with pytest.raises(IntegrityError):
        await verb()
    assert len(tries) == 1


async def test_a_real_deadlock_is_broken_and_both_verbs_are_done(database):
    if db.dialect() == "sqlite":
        pytest.skip("SQLite has one writer and no deadlocks")
    one, two = [await Person.create(name="", created_at=NOW) for _ in range(2)]
    ready = asyncio.Barrier(2)

    @db.transaction
    async def rename(first: Person, second: Person, tries: list[int]):
        tries.append(1)
        await Person.filter(id=first.id).update(name="锁")
        if len(tries) == 1:
            await ready.wait()
        await Person.filter(id=second.id).update(name="锁")

    tries: list[list[int]] = [[], []]
    await asyncio.gather(rename(one, two, tries[0]), rename(two, one, tries[1]))

    assert sorted(map(len, tries)) == [1, 2]
    assert await Person.filter(name="锁").count() == 2


async def test_two_hundred_cancelled_verbs_cost_no_connection(database):
    @db.transaction
    async def slow(name: str):
        await Person.create(name=name, created_at=NOW)
        await asyncio.sleep(0.01)

    async def cancelled(after: float):
        task = asyncio.ensure_future(slow("取消的"))
        await asyncio.sleep(after)
        task.cancel()
        await asyncio.wait([task])

    for batch in range(20):
        await asyncio.gather(*(cancelled((batch * 10 + one) * 0.0001) for one in range(10)))

    # The database may still be committing what was cancelled after its COMMIT was sent: only the later rows are counted.
    await asyncio.gather(*(slow("后来的") for _ in range(20)))
    assert await Person.filter(name="后来的").count() == 20


async def test_a_link_that_dies_while_committing_is_an_unknown_outcome(database, monkeypatch):
    class Lost:
        async def __aexit__(self, *_: object) -> None:
            raise pymysql.err.InterfaceError(0, "made up")

    with pytest.raises(OutcomeUnknown):
        await transactions._commit(Lost())


async def test_insert_or_nothing_says_whether_it_inserted(database):
    person = Person(created_at=NOW)
    row = {"id": person.id, "openid": "o", "created_at": NOW}

    assert await db.insert_or_nothing("person", **row) is True
    assert await db.insert_or_nothing("person", **row) is False
    assert (await Person.get(openid="o")).created_at == NOW


@pytest.mark.parametrize("way", ["create", "save", "update", "filter"])
async def test_a_moment_keeps_its_offset_whichever_way_it_is_written(database, way):
    shanghai = datetime(2026, 3, 10, 10, 0, tzinfo=timezone(timedelta(hours=8)))
    person = await Person.create(name="", created_at=shanghai if way == "create" else NOW - timedelta(days=1))
    if way == "save":
        person.created_at = shanghai
        await person.save()
    if way == "update":
        await Person.filter(id=person.id).update(created_at=shanghai)
    if way == "filter":
        assert await Person.filter(created_at__lt=shanghai).exists()
        return

    read = (await Person.get(id=person.id)).created_at

    assert read == shanghai
    assert read.utcoffset() == timedelta(0)


async def test_a_moment_without_offset_is_refused(database):
    person = await Person.create(name="", created_at=NOW)
    person.created_at = datetime(2026, 3, 10)  # noqa: DTZ001

    with pytest.raises(ValueError, match="offset"):
        await person.save()
    with pytest.raises(ValueError, match="offset"):
        await Person.filter(id=person.id).update(created_at=person.created_at)


async def test_every_connection_is_read_committed_and_in_utc(database):
    if db.dialect() == "sqlite":
        pytest.skip("SQLite has one writer")

    async def session():
        await db.connection().execute_query("DO SLEEP(0.05)")
        return (
            await db.connection().execute_query("SELECT @@tx_isolation i, @@time_zone z, @@innodb_lock_wait_timeout w")
        )[1]

    found = await asyncio.gather(*(session() for _ in range(15)))

    assert {tuple(rows[0].values()) for rows in found} == {("READ-COMMITTED", "+00:00", 3)}


async def test_names_are_compared_exactly(database):
    await Person.create(openid="Abc", created_at=NOW)
    await Person.create(openid="abc", created_at=NOW)
    await Person.create(openid="𠮷", created_at=NOW)
    await Person.create(openid="𪚥", created_at=NOW)

    for openid in ("Abc", "abc", "𠮷", "𪚥"):
        assert await Person.filter(openid=openid).count() == 1


def test_a_wrong_address_is_named():
    with pytest.raises(ValueError, match="DATABASE_URL"):
        db.config("postgres://x/y", 1)


def test_now_is_aware():
    assert NOW.tzinfo is UTC


async def test_a_question_longer_than_the_column_finds_nothing(database):
    assert await Person.get_or_none(openid="o" * 1000) is None


async def test_a_connection_that_is_cut_while_it_is_made_is_a_lost_one():
    """aiomysql then finds no socket, and says so by an error of its own: "later" is answered, not a fault."""

    class Cut(asyncio.Transport):
        def pause_reading(self) -> None: ...
        def is_closing(self) -> bool:
            return True

    connection = aiomysql.Connection()
    connection._writer = SimpleNamespace(transport=Cut())
    with pytest.raises(RuntimeError) as error:
        connection._set_keep_alive()
    connection._writer = None

    assert db.lost(error.value)
    assert not db.lost(RuntimeError("something else"))


@pytest.mark.skipif(chosen_database() != "mariadb", reason="SQLite has no pool")
async def test_an_attempt_after_one_whose_end_was_interrupted_has_a_connection_of_its_own(database, monkeypatch):
    monkeypatch.setattr(transactions, "ROLLBACK_SECONDS", 0.05)
    pool, mine = db.connection()._pool, []

    async def keep_the_pool_busy():
        async with pool._cond:  # as while it connects to a slow database
            await asyncio.sleep(0.2)

    @db.transaction
    async def verb():
        await Person.create(name="一", created_at=NOW)
        mine.append(db.connection()._connection in pool._used)
        if len(mine) == 1:
            busy.append(asyncio.ensure_future(keep_the_pool_busy()))
            await asyncio.sleep(0)
            raise OperationalError(pymysql.err.OperationalError(1213, "Deadlock"))

    busy: list[asyncio.Future] = []
    await verb()
    await busy[0]

    assert mine == [True, True]
    assert await count() == 1
