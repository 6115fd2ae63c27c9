"""A change by one instance is at once in the answers of the other, also after kills and a flushed Redis."""

import asyncio
import itertools
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from scripts import programs
from server.database import db
from server.domain import stations
from server.models import AreaCode
from tests import factories
from tests.faults.history import seed
from tests.faults.instances import Database, Instance, durable_database, environ_of
from tests.faults.wire import Trap, Wire, elsewhere
from tests.scale import scaled
from tests.services import chosen_database
from tests.sides import crowd, sign_in

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="several instances share a MariaDB")

ROUNDS, FLUSHES, CACHED = scaled(3, full=24), scaled(8, full=36), 50
OFFICERS = 6
ROOM, PLACE, ABOVE = "和平社工室", "和平社区", "邻玉社工站"
CODES = {
    "四川省": "51",
    "泸州市": "5105",
    "江阳区": "510502",
    "龙马潭区": "510504",
    "邻玉街道": "510502004",
    "蓝田街道": "510502005",
    "小市街道": "510504001",
    "和平社区": "510502004001",
    "团结村": "510502004201",
    "宪桥社区": "510502005001",
    "码头社区": "510504001001",
}


@dataclass
class Town:
    """Officers who change things through one instance or the other, and people who look."""

    url: str
    redis_url: str
    room: int = 0
    area: int = 0
    officers: Iterator[str] = field(default_factory=lambda: itertools.cycle([""]))
    servers: list[Instance] = field(default_factory=list)
    _addresses: Iterator[int] = field(default_factory=itertools.count)

    async def settle(self) -> None:
        now = datetime.now(UTC)
        async with db.connected(self.url, pool=4):
            city = await factories.city(now)
            for name, code in CODES.items():
                codes = {"code_system": "nbs", "code": code, "valid_from": factories.SINCE}
                await AreaCode.create(area=city.areas[name], **codes)
            self.room, self.area = city.stations[ROOM].id, city.areas[PLACE].id
            tokens = [await sign_in(one.id, now) for one in await crowd(city, "city", OFFICERS, now)]
            self.officers = itertools.cycle(tokens)

    async def look(self, client: httpx.AsyncClient, server: Instance, category: str = "elder_care") -> str:
        """Return what a resident of the community reads; each call has an address of its own because of limits."""
        asked = {"covering": self.area, "category": category}
        headers = {"X-Forwarded-For": f"10.0.{next(self._addresses) // 200}.1"}
        answer = await client.get(f"{server.url}/stations", params=asked, headers=headers)
        if answer.status_code == 404:
            return "not found"
        assert answer.status_code == 200, answer.text
        found = answer.json()["responsible"]
        return f"{found['station']['name']} {found['station']['phone']} {found['words']}"

    async def change(self, client: httpx.AsyncClient, server: Instance, what: str, body: Any) -> dict[str, Any]:
        """Send `POST /path` by the next officer."""
        method, path = what.split()
        headers = {"Authorization": f"Bearer {next(self.officers)}", "Idempotency-Key": uuid.uuid4().hex}
        answer = await client.request(method, f"{server.url}{path}", json=body, headers=headers)
        assert answer.status_code in {200, 201}, answer.text
        changed: dict[str, Any] = answer.json()
        return changed

    async def rename(self, client: httpx.AsyncClient, server: Instance, name: str) -> str:
        """Propose a list with a new name of the community. Returns the path that applies it."""
        listed = [f"{code},{name if place == PLACE else place}" for place, code in CODES.items()]
        csv = "\n".join(["code,name", *listed]) + "\n"
        new = {"name": name, "code_system": "nbs", "valid_from": f"{_today()}", "csv": csv}
        return f"/area-editions/{(await self.change(client, server, 'POST /area-editions', new))['id']}/application"


def _today() -> date:
    return stations.today(datetime.now(UTC))


@pytest.fixture(scope="module")
def wire(database: Database) -> Iterator[Wire]:
    """A proxy between the first instance and MariaDB."""
    made = Wire(database.port)
    with elsewhere(made):
        yield made


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with durable_database(tmp_path_factory.mktemp("routing") / "mariadb") as made:
        yield made


@pytest.fixture(scope="module")
def town(
    database: Database, wire: Wire, valkey_url: str, fake_wechat_process: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """Two instances, as behind a proxy that passes the client's address on."""
    made, folder = Town(database.url, valkey_url), tmp_path_factory.mktemp("instances")
    asyncio.run(made.settle())
    with ExitStack() as running:
        for port in (wire.port, database.port):
            environ = environ_of(database, valkey_url, fake_wechat_process, port=port) | {"PROXIES": "1"}
            server = Instance(environ, folder / f"instance-{port}.log")
            server.start()
            running.callback(lambda server=server: programs.stop(server.process))
            made.servers.append(server)
        yield made


def _as_one(town: Town, run: Callable[[httpx.AsyncClient, Redis], Awaitable[None]]) -> None:
    async def connected() -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client, Redis.from_url(town.redis_url) as redis:
            await redis.flushall()
            await run(client, redis)

    asyncio.run(connected())


def test_every_instance_answers_the_new_route_at_once(town: Town):
    async def run(client: httpx.AsyncClient, _: Redis) -> None:
        turns = itertools.cycle(town.servers)
        for number in range(ROUNDS):
            for what, body, expected in _changes(town.room, town.area, number):
                before = [await town.look(client, one) for one in town.servers]
                await town.change(client, next(turns), what, body)
                for server in reversed(town.servers):
                    assert expected in await town.look(client, server), (what, number, before)
            await _rename(town, client, next(turns), f"和平{number}社区")
            await _add_category(town, client, next(turns), f"dancing_{number}")

    _as_one(town, run)


def _changes(room: int, area: int, number: int) -> list[tuple[str, Any, str]]:
    """Changes by an officer and what is read after each; the next one undoes it."""
    path, phone = f"/stations/{room}", f"139{number:08}"
    areas = {"area_ids": [area]}
    return [
        (f"POST {path}/changes", {"phone": phone}, phone),
        (f"POST {path}/changes", {"name": f"和平社工室{number}号"}, f"和平社工室{number}号"),
        (f"POST {path}/suspension", {"reason": "装修"}, ABOVE),
        (f"POST {path}/opening", {}, ROOM),
        (f"POST {path}/coverage/ending", areas, ABOVE),
        (f"POST {path}/coverage", areas, ROOM),
        (f"PUT {path}/categories", {"categories": ["child_welfare"]}, ABOVE),
        (f"PUT {path}/categories", {"categories": ["elder_care"]}, ROOM),
    ]


async def _rename(town: Town, client: httpx.AsyncClient, server: Instance, name: str) -> None:
    path = await town.rename(client, server, name)
    for one in town.servers:
        assert name not in await town.look(client, one)
    await town.change(client, server, f"POST {path}", {})
    for one in town.servers:
        assert name in await town.look(client, one)


async def _add_category(town: Town, client: httpx.AsyncClient, server: Instance, code: str) -> None:
    assert await town.look(client, server, code) == "not found"
    await town.change(client, server, "POST /categories", {"code": code, "name": code, "confidential": False})
    for one in town.servers:
        assert "市级服务台" in await town.look(client, one, code)


def test_repeated_question_sends_nothing_to_the_database(town: Town, database: Database):
    def questions() -> int:
        return int(database.ask("SHOW GLOBAL STATUS LIKE 'Questions'")[1])

    async def run(client: httpx.AsyncClient, _: Redis) -> None:
        asking = -questions() + questions()
        counted = [questions()]
        for times in (1, CACHED):
            for _ in range(times):
                await town.look(client, town.servers[1])
            counted.append(questions())

        first, again = (after - before - asking for before, after in itertools.pairwise(counted))
        assert (first, again) == (2, 0)

    _as_one(town, run)


def test_flushed_redis_revives_no_old_route(town: Town):
    chance = seed()

    async def run(client: httpx.AsyncClient, redis: Redis) -> None:
        changer, other = town.servers

        async def later(step: Callable[[], Awaitable[object]]) -> None:
            await asyncio.sleep(chance.uniform(0, 0.03))
            await step()

        for number in range(FLUSHES):
            phone = f"138{number:08}"
            await town.look(client, other)
            await asyncio.gather(
                town.change(client, changer, f"POST /stations/{town.room}/changes", {"phone": phone}),
                later(redis.flushall),
                *(later(lambda: town.look(client, other)) for _ in range(4)),
            )
            assert phone in await town.look(client, other), number

    _as_one(town, run)


def test_kill_after_the_commit_still_changes_the_route_everywhere(town: Town, wire: Wire):
    async def run(client: httpx.AsyncClient, redis: Redis) -> None:
        killed, other = town.servers
        path = f"/stations/{town.room}"
        assert ROOM in await town.look(client, other)
        trap = wire.set(Trap("COMMIT", killed.kill, after=True))
        with pytest.raises(httpx.TransportError):
            await town.change(client, killed, f"POST {path}/suspension", {"reason": "装修"})

        assert trap.sprung.is_set()
        for _ in range(2):
            assert ABOVE in await town.look(client, other)
        assert await redis.zcard("routing:changing") == 1, "nobody is left to take the mark back"
        await town.change(client, other, f"POST {path}/opening", {})
        assert ROOM in await town.look(client, other)
        killed.start()

    _as_one(town, run)
