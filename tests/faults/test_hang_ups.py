"""Many clients hang up: the pool loses no connection, and nothing is half done or lost."""

import asyncio
import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pymysql
import pytest

from tests.faults.history import History, seed, under_load
from tests.faults.instances import Database, Instance, durable_database, environ_of, instances
from tests.faults.town import REDEEM, Town, settle
from tests.scale import scaled
from tests.services import chosen_database

PHONES, TRIES, PATIENCE_SECONDS = 10, 5, 0.05
# Hang-ups on an instance with the pool it has unless told otherwise, and on one that is soon at its end.
POOL, HANG_UPS = 10, scaled(200, full=2000)
SMALL_POOL, FEWER = 3, scaled(100, full=300)
SPARE = 2  # connections beside those of the places
# A server that hangs never ends; a slow machine may need longer than the 15 seconds that are promised.
EXIT_SECONDS = 120
LOCK = "SELECT id FROM good FOR UPDATE"  # where all orders wait
# Here nobody is given up because the machine is slow: that would close a connection, rightly.
PATIENT = {"DEADLINE_SECONDS": "60"}

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="it looks at the locks of a MariaDB")


def test_hang_ups_lose_no_connection_and_leave_nothing_half_done(
    tmp_path: Path, valkey_url: str, fake_wechat_process: Any
):
    history, chance = History(), seed()
    with durable_database(tmp_path / "mariadb") as database:
        town = asyncio.run(settle(database.url))
        environ = environ_of(database, valkey_url, fake_wechat_process) | PATIENT
        with _instance(environ, POOL, tmp_path) as usual, _instance(environ, SMALL_POOL, tmp_path) as small:
            for server, pool, times in ((usual, POOL, HANG_UPS), (small, SMALL_POOL, FEWER)):
                with _watch(database) as watch:
                    street = Street(server, town, history, chance)
                    asyncio.run(street.hang_up_until_felt(times, watch))
                    asyncio.run(street.must_have_every_place(pool, watch))
                    assert watch.connections_made <= pool + SPARE
            with under_load(history, [usual.url, small.url], town.something, most=scaled(300, full=1500)):
                assert asyncio.run(Street(usual, town, history, chance).end_while_phones_hang_up()) == 0
            asyncio.run(history.repeat_all([small.url]))
            with _watch(database) as watch:
                assert asyncio.run(Street(small, town, history, chance).end_while_an_order_waits(watch)) == 0
        asyncio.run(history.must_agree_with(database.url))


@contextlib.contextmanager
def _instance(environ: dict[str, str], pool: int, folder: Path) -> Iterator[Instance]:
    (folder := folder / f"pool-of-{pool}").mkdir()
    with instances(1, environ | {"DATABASE_POOL": str(pool)}, folder) as [one]:
        yield one


@dataclass
class Watch:
    """MariaDB's list of connections."""

    eye: Any  # asks on a connection that was there before
    hand: Any  # locks rows
    made_before: int = 0

    def says(self, question: str) -> int:
        self.eye.execute(question)
        return int(self.eye.fetchone()[0])

    @property
    def connections_made(self) -> int:
        made = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'CONNECTIONS'"
        return self.says(made) - self.made_before

    @property
    def keys(self) -> int:
        return self.says("SELECT COUNT(*) FROM idempotency_key")

    async def until_transactions(self, number: int, *, at_a_lock: bool = False) -> None:
        counted = "SELECT COUNT(*) FROM information_schema.innodb_trx"
        async with asyncio.timeout(120):
            while self.says(counted + " WHERE trx_state = 'LOCK WAIT'" * at_a_lock) != number:  # noqa: ASYNC110 - MariaDB calls nobody
                # Asked again within a tenth of a second, it says what it said before.
                await asyncio.sleep(0.2)


@contextlib.contextmanager
def _watch(database: Database) -> Iterator[Watch]:
    there: Any = {"host": "127.0.0.1", "port": database.port, "user": "root", "database": "stations"}
    with pymysql.connect(**there, autocommit=True) as looking, pymysql.connect(**there) as locking:
        watch = Watch(looking.cursor(), locking.cursor())
        watch.made_before = watch.connections_made
        yield watch


@dataclass
class Street:
    """People with phones before one instance."""

    server: Instance
    town: Town
    history: History
    chance: random.Random

    async def hang_up_until_felt(self, times: int, watch: Watch) -> None:
        """Hang up so often, and again with more patience until the server did something that no client heard of.

        On a busy machine every short call ends before the server reads its request.
        """
        patience = PATIENCE_SECONDS
        await self.hang_up(times, patience)
        while watch.keys <= self.history.answered:
            patience *= 2
            await self.hang_up(times, patience)

    async def hang_up(self, times: int, patience: float = PATIENCE_SECONDS) -> None:
        """Each client sends a request, hangs up within so many seconds, and repeats it; so many times in all."""

        async def phone(client: httpx.AsyncClient) -> None:
            for _ in range(times // PHONES // TRIES):
                wanted = self.town.something()
                for _ in range(TRIES):
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self.chance.uniform(0, patience)):
                            await self.history.ask(client, self.server.url, wanted)

        async with httpx.AsyncClient(trust_env=False) as client:
            await asyncio.gather(*(phone(client) for _ in range(PHONES)))

    async def must_have_every_place(self, places: int, watch: Watch) -> None:
        """Assert that no lock is held, and that a held lock stops as many requests as there are places, no more."""
        await watch.until_transactions(0)
        watch.hand.execute(LOCK)
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client, asyncio.TaskGroup() as group:
            wanted = [self.town.something(REDEEM) for _ in range(places * 2)]
            asked = [group.create_task(self.history.ask(client, self.server.url, one)) for one in wanted]
            await watch.until_transactions(places, at_a_lock=True)
            watch.hand.execute("ROLLBACK")
        assert [one.result().status for one in asked] == [201] * places * 2

    async def end_while_phones_hang_up(self) -> int:
        """End the instance meanwhile. Returns its exit status."""
        enough = len(self.history.told) + PHONES * 2
        hanging_up = asyncio.create_task(self.hang_up(FEWER))
        while len(self.history.told) < enough:  # noqa: ASYNC110 - nobody calls who counts
            await asyncio.sleep(0.01)
        self.server.process.terminate()
        status = await asyncio.to_thread(self.server.process.wait, EXIT_SECONDS)
        await hanging_up
        return status

    async def end_while_an_order_waits(self, watch: Watch) -> int:
        """As above; new connections are refused, and the waiting order gets its answer."""
        said: list[str] = []

        async def listen(answer: httpx.Response) -> None:
            said.append(answer.headers["Connection"])

        watch.hand.execute(LOCK)
        async with httpx.AsyncClient(trust_env=False, timeout=60, event_hooks={"response": [listen]}) as client:
            order = asyncio.create_task(self.history.ask(client, self.server.url, self.town.something(REDEEM)))
            await watch.until_transactions(1, at_a_lock=True)
            self.server.process.terminate()
            with contextlib.suppress(httpx.TransportError):
                while not order.done():
                    await client.get(f"{self.server.url}/health")
                    await asyncio.sleep(0.05)
            watch.hand.execute("ROLLBACK")
            assert ((await order).status, said[-1]) == (201, "close")
        return await asyncio.to_thread(self.server.process.wait, EXIT_SECONDS)
