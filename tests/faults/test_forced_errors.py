"""The database undoes a statement in the middle of a verb: the whole verb is done a moment later, or not at all."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pymysql
import pytest

from tests.faults.history import Answer, History
from tests.faults.instances import Database, durable_database, environ_of, instances
from tests.faults.town import ACTIVITIES, BOOK, REDEEM, SUBMIT, Town, Wanted, settle
from tests.faults.wire import Trap, Wire, elsewhere, refusal
from tests.scale import FULL
from tests.services import chosen_database

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="it sits on the wire to a MariaDB")

# A deadlock, a lock waited for too long, a row that changed under a snapshot.
CODES = {1213: "40001", 1205: "HY000", 1020: "HY000"}
# At each so many steps a verb is refused for good before it is refused once.
FOR_GOOD_EVERY = 4
PEOPLE, SEATS = 16, 8
# At night nobody is offered a seat; here it has its last minute only.
NO_NIGHT = (
    "INSERT INTO policy (name, scope, value, source)"
    " VALUES ('quiet_hours_begin', 'city', 1439, 'test'), ('quiet_hours_end', 'city', 0, 'test')"
)
# One statement waits three seconds for a lock; a verb is done again until this.
DEADLINE_SECONDS = 10


class Codes:
    """The next error code for a kind of statement, and the codes each kind has had."""

    def __init__(self) -> None:
        self.had: dict[str, set[int]] = defaultdict(set)
        self._next: dict[str, Iterator[int]] = defaultdict(lambda: itertools.cycle(CODES))

    def next(self, kind: str) -> int:
        code = next(self._next[kind])
        self.had[kind].add(code)
        return code


class Step(Trap):
    """The statement with that number in a transaction is refused, in so many transactions."""

    def __init__(self, number: int, codes: Codes, *, times: int = 1) -> None:
        super().__init__("", self._refuse, times=times)
        self._number, self._codes = number, codes
        self._inside, self._passed = False, 0
        self._refused = self.went_on = False

    def meets(self, statement: bytes) -> bool:
        words = statement.decode(errors="replace").split()
        self.went_on |= self._refused and words[0] != "ROLLBACK"
        self._refused = False
        # COMMIT is not refused: a MariaDB that refuses it has undone everything, and this one would not have.
        if words[0] in {"BEGIN", "COMMIT", "ROLLBACK"}:
            self._inside, self._passed = words[0] == "BEGIN", 0
            return False
        self._passed += self._inside
        if not self._inside or self._passed != self._number or self.times == 0:
            return False
        self._kind = f"{words[0]} FOR UPDATE" if words[-2:] == ["FOR", "UPDATE"] else words[0]
        self.times -= 1
        self._refused = True
        return True

    def _refuse(self) -> bytes | None:
        code = self._codes.next(self._kind)
        return refusal(code, CODES[code])()


@dataclass
class Scene:
    """A town behind one instance, with a proxy on the way to its database."""

    town: Town
    history: History
    database: Database
    wire: Wire
    url: str
    client: httpx.AsyncClient
    codes: Codes

    async def ask(self, wanted: Wanted) -> Answer:
        return await self.history.ask(self.client, self.url, wanted)

    async def done(self, wanted: Wanted) -> Any:
        """Return the result of a request that must be done at once."""
        told = await self.ask(wanted)
        assert told.status is not None
        assert told.status < 300, told
        return told.body

    async def at_every_step(self, something: Callable[[], Awaitable[Wanted]]) -> int:
        """Have each statement of its transaction refused in turn, until there are no more. Returns how many there were."""
        for number in itertools.count(1):
            wanted = await something()
            if number % FOR_GOOD_EVERY == 0:
                await self._refused_for_good(wanted, number)
            with self._trapped(Step(number, self.codes)) as step:
                await self.done(wanted)
            if not step.sprung.is_set():
                return number - 1
        raise AssertionError

    async def _refused_for_good(self, wanted: Wanted, number: int) -> None:
        before = _state(self.database)
        with self._trapped(Step(number, self.codes, times=10**6)) as step:
            told = await self.ask(wanted)
        if step.sprung.is_set():
            assert (told.status, told.body.get("code")) == (503, "busy"), told
            assert _state(self.database) == before, "something of it is there"

    @contextmanager
    def _trapped(self, step: Step) -> Iterator[Step]:
        self.wire.set(step)
        yield step
        self.wire.traps.clear()
        assert not step.went_on, "what was refused was swallowed"


def _state(database: Database) -> dict[str, int]:
    """Return a checksum over all rows of each table, without the sessions' last use."""
    with _link(database) as link, link.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        tables = [f"`{table}`" for (table,) in cursor.fetchall() if table != "session"]
        cursor.execute(f"CHECKSUM TABLE {', '.join(tables)}")
        return dict(cursor.fetchall())


def _link(database: Database) -> Any:
    return pymysql.connect(host="127.0.0.1", port=database.port, user="root", database="stations")


@contextmanager
def _scene(folder: Path, valkey_url: str, fake: Any, **settings: str) -> Iterator[Callable[..., None]]:
    """A function that plays out what is to happen; in the end the history must agree."""
    history = History()
    with durable_database(folder / "mariadb") as database, elsewhere(wire := Wire(database.port)):
        town = asyncio.run(settle(database.url, people=PEOPLE))
        database.ask(NO_NIGHT)
        environ = environ_of(database, valkey_url, fake, port=wire.port) | settings

        async def play(act: Callable[[Scene], Awaitable[None]]) -> None:
            async with httpx.AsyncClient(trust_env=False, timeout=120) as client:
                await act(Scene(town, history, database, wire, server.url, client, Codes()))
            await history.repeat_all([server.url])

        with instances(1, environ, folder) as [server]:
            yield lambda act: asyncio.run(play(act))
        asyncio.run(history.must_agree_with(database.url))


def test_verb_failing_at_any_statement_is_done_once_or_not_at_all(
    tmp_path: Path, valkey_url: str, fake_wechat_process: Any
):
    with _scene(tmp_path, valkey_url, fake_wechat_process) as run_and_verify:
        run_and_verify(_every_verb)


async def _every_verb(scene: Scene) -> None:
    town, steps = scene.town, {}
    for kind in (SUBMIT, BOOK, REDEEM) if FULL else (REDEEM,):
        steps[kind] = await scene.at_every_step(lambda kind=kind: _at_once(town.something(kind)))
    worker = (await scene.client.get(f"{scene.url}/me", headers=_signed_in(town.workers[0]))).json()["id"]

    async def hand_over() -> Wanted:
        return town.hand_over(await scene.done(town.something(REDEEM)))

    async def accept() -> Wanted:
        need = await scene.done(town.something(SUBMIT))
        return _by_worker(town, f"/station/needs/{need['id']}/acceptance", {})

    async def assign() -> Wanted:
        need = await scene.done(await accept())
        return _by_worker(town, f"/station/needs/{need['id']}/assignment", {"worker_id": worker})

    for verb in (hand_over, accept, assign) if FULL else (hand_over,):
        steps[verb.__name__] = await scene.at_every_step(verb)
    steps["cancel"] = await _cancellations(scene)
    assert min(steps.values()) > 5, steps  # else the traps met nothing
    assert {kind: had for kind, had in scene.codes.had.items() if had != set(CODES)} == {}
    assert {"SELECT", "SELECT FOR UPDATE", "INSERT", "UPDATE"} <= set(scene.codes.had)


async def _at_once(wanted: Wanted) -> Wanted:
    return wanted


def _signed_in(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _by_worker(town: Town, path: str, body: dict[str, Any]) -> Wanted:
    return Wanted("triage", town.workers[0], path, f"key-of{path.replace('/', '-')}", body)


async def _cancellations(scene: Scene) -> int:
    """Cancel bookings of halls with a waiting list: each seat is offered to exactly one person."""
    booked, offers = _booked(scene), "SELECT COUNT(*) FROM seat_offer"

    async def cancel() -> Wanted:
        token, booking = await anext(booked)
        path = f"/bookings/{booking['id']}/cancellation"
        return Wanted("cancellation", token, path, f"key-of{path.replace('/', '-')}", {})

    steps = await scene.at_every_step(cancel)
    cancelled = len(scene.history.answers("cancellation"))
    assert scene.database.ask(offers) == (cancelled,)
    return steps


async def _booked(scene: Scene) -> AsyncIterator[tuple[str, Any]]:
    """Book one hall after the other for everybody; returns the people with seats."""
    for activity_id in reversed(scene.town.activity_ids[ACTIVITIES // 2 :]):
        scene.database.ask(f"UPDATE activity SET seats = {SEATS} WHERE id = {activity_id}")
        path = f"/activities/{activity_id}/bookings"
        mine = [Wanted(BOOK, token, path, f"hall-{activity_id}", {}) for token in scene.town.residents]
        made = [(one.token, await scene.done(one)) for one in mine]
        for one in made[:SEATS]:
            yield one


def test_deadlock_or_lock_wait_is_served_or_refused_in_time(tmp_path: Path, valkey_url: str, fake_wechat_process: Any):
    with _scene(tmp_path, valkey_url, fake_wechat_process, DEADLINE_SECONDS=str(DEADLINE_SECONDS)) as run_and_verify:
        run_and_verify(_held_up)


async def _held_up(scene: Scene) -> None:
    await _deadlock(scene)
    await _long_wait(scene)


async def _deadlock(scene: Scene) -> None:
    """A request that holds an account wants the good that an order holds, and the order wants the account."""
    before = scene.database.ask("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")
    with _link(scene.database) as other, other.cursor() as cursor:
        cursor.execute("CREATE TABLE work_of_another (number INT)")
        cursor.execute("INSERT INTO work_of_another SELECT seq FROM seq_1_to_1000")
        cursor.execute("SELECT id FROM account WHERE unit = 'points' FOR UPDATE")
        order = asyncio.create_task(scene.done(scene.town.something(REDEEM)))
        await _somebody_waits(scene.database)
        await asyncio.to_thread(cursor.execute, "SELECT id FROM good FOR UPDATE")
        other.rollback()
        await order
        cursor.execute("DROP TABLE work_of_another")
    assert scene.database.ask("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'") != before


async def _somebody_waits(database: Database) -> None:
    waiting = "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
    async with asyncio.timeout(120):
        while database.ask(waiting) == (0,):  # noqa: ASYNC110 - MariaDB tells only who asks
            await asyncio.sleep(0.2)  # it refreshes no more often than this


async def _long_wait(scene: Scene) -> None:
    """Lock one row longer than a statement waits for it, and another until the waiting request is answered."""
    booking, order = scene.town.something(BOOK), scene.town.something(REDEEM)
    async with _held(scene.database, "activity") as activities, _held(scene.database, "good") as goods:
        asked = asyncio.create_task(scene.ask(booking))
        told = asyncio.create_task(scene.ask(order))
        # A statement waits for three seconds, and the verb is done again until its deadline.
        await asyncio.sleep(4)
        assert not asked.done()
        activities.rollback()
        assert (await asked).status == 201
        late = await told
        goods.rollback()
    assert (late.status, late.body["code"]) in {(503, "outcome_unknown"), (503, "busy")}


@asynccontextmanager
async def _held(database: Database, table: str) -> AsyncIterator[Any]:
    with _link(database) as other, other.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} FOR UPDATE")
        yield other
