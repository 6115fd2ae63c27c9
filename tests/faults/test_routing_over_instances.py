"""A change of the set-up by one instance is in the next answer of the other, whatever happens to Redis."""

import asyncio
import itertools
import random
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from scripts import programs, services
from server.database import db
from server.domain import stations
from server.domain.working_time import SHANGHAI
from server.models import AreaCode, Station
from tests import factories
from tests.faults.history import seed
from tests.faults.instances import Database, Instance, durable_database, environ_of
from tests.faults.town import NEED
from tests.faults.wire import Trap, Wire, elsewhere
from tests.scale import scaled
from tests.services import chosen_database
from tests.sides import crowd, sign_in

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="several instances share a MariaDB")

ROUNDS, ASKED = scaled(1, full=8), 50
OFFICERS, RESIDENTS = 6, 20
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

    database: Database
    wire: Wire  # between the first instance and MariaDB
    room: int = 0
    area: int = 0
    next_area: int = 0  # 宪桥社区, which has no room
    officers: Iterator[str] = field(default_factory=lambda: itertools.cycle([""]))
    residents: Iterator[str] = field(default_factory=lambda: itertools.cycle([""]))
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _addresses: Iterator[int] = field(default_factory=itertools.count)

    async def settle(self) -> None:
        now = datetime.now(UTC)
        async with db.connected(self.database.url, pool=4):
            city = await factories.city(now)
            for name, code in CODES.items():
                codes = {"code_system": "nbs", "code": code, "valid_from": factories.SINCE}
                await AreaCode.create(area=city.areas[name], **codes)
            self.room = city.stations[ROOM].id
            await factories.worker("汪社工", city.stations[ROOM], now)  # no room opens without its people
            self.area, self.next_area = city.areas[PLACE].id, city.areas["宪桥社区"].id
            officers, residents = await crowd(city, "city", OFFICERS, now), await crowd(city, "x", RESIDENTS, now)
            self.officers = itertools.cycle([await sign_in(one.id, now) for one in officers])
            self.residents = itertools.cycle([await sign_in(one.id, now) for one in residents])

    def number(self) -> int:
        """Return a number that no round has used."""
        return next(self._numbers)

    def address(self) -> dict[str, str]:
        """Return headers of a new address: all calls from one would meet its limit."""
        return {"X-Forwarded-For": f"10.0.{next(self._addresses) // 200}.1"}


@dataclass
class Pair:
    """Two instances. What is changed at one is looked at by the other, and then the other way round."""

    town: Town
    changer: Instance
    other: Instance
    client: httpx.AsyncClient
    before_looking: Callable[[], Awaitable[None]]

    def turned(self) -> "Pair":
        return Pair(self.town, self.other, self.changer, self.client, self.before_looking)

    async def change(self, what: str, body: Any) -> dict[str, Any]:
        """Send `POST /path` by the next officer to one instance."""
        method, path = what.split()
        headers = {"Authorization": f"Bearer {next(self.town.officers)}", "Idempotency-Key": uuid.uuid4().hex}
        answer = await self.client.request(method, f"{self.changer.url}{path}", json=body, headers=headers)
        assert answer.status_code in {200, 201}, answer.text
        changed: dict[str, Any] = answer.json()
        return changed

    async def look(self, path: str, *, token: str | None = None) -> str:
        """Return what the other instance answers."""
        await self.before_looking()
        headers = {"Authorization": f"Bearer {token}"} if token else self.town.address()
        answer = await self.client.get(f"{self.other.url}{path}", headers=headers)
        assert answer.status_code in {200, 404}, answer.text
        return answer.text

    async def appoint(self, station_id: int) -> None:
        """Give the station the social worker without whom it does not open."""
        now = datetime.now(UTC)
        async with db.connected(self.town.database.url, pool=1):
            await factories.worker(f"汪社工{station_id}", await Station.get(id=station_id), now)

    async def route(self, area: int | None = None, category: str = "elder_care") -> str:
        return await self.look(f"/stations?covering={area or self.town.area}&category={category}")

    async def file(self) -> datetime:
        """Have a resident file a need at the other instance. Return when it is to be completed."""
        await self.before_looking()
        headers = {"Authorization": f"Bearer {next(self.town.residents)}", "Idempotency-Key": uuid.uuid4().hex}
        answer = await self.client.post(f"{self.other.url}/needs", json=NEED, headers=headers)
        assert answer.status_code == 201, answer.text
        return datetime.fromisoformat(answer.json()["completion_due_at"])


async def _page(pair: Pair, number: int) -> None:
    path = f"/stations/{pair.town.room}/changes"
    for changes in ({"phone": f"139{number:08}"}, {"name": f"和平社工室{number}号"}):
        await pair.change(f"POST {path}", changes)
        assert next(iter(changes.values())) in await pair.route()


async def _suspension(pair: Pair, _: int) -> None:
    await pair.change(f"POST /stations/{pair.town.room}/suspension", {"reason": "装修"})
    assert ABOVE in await pair.route()
    await pair.change(f"POST /stations/{pair.town.room}/opening", {})
    assert ROOM in await pair.route()


async def _closing(pair: Pair, number: int) -> None:
    name, area = f"宪桥社工室{number}号", pair.town.next_area
    new = {"level": "community_room", "area_id": area, "name": name, "phone": "0830-2345678", "address": "宪桥路1号"}
    made = (await pair.change("POST /stations", new))["id"]
    path = f"/stations/{made}"
    await pair.appoint(made)
    await pair.change(f"PUT {path}/categories", {"categories": ["elder_care"]})
    await pair.change(f"POST {path}/coverage", {"area_ids": [area]})
    assert f"{name}还在筹建中" in await pair.route(area)
    await pair.change(f"POST {path}/opening", {})
    assert f"由{name}受理" in await pair.route(area)
    await pair.change(f"POST {path}/closing", {"reason": "撤并"})
    assert f"{name}正在撤销" in await pair.route(area)
    assert '"closing"' in await pair.look(path)


async def _coverage(pair: Pair, _: int) -> None:
    areas = {"area_ids": [pair.town.area]}
    await pair.change(f"POST /stations/{pair.town.room}/coverage/ending", areas)
    assert ABOVE in await pair.route()
    await pair.change(f"POST /stations/{pair.town.room}/coverage", areas)
    assert ROOM in await pair.route()


async def _offers(pair: Pair, _: int) -> None:
    await pair.change(f"PUT /stations/{pair.town.room}/categories", {"categories": ["child_welfare"]})
    assert ABOVE in await pair.route()
    await pair.change(f"PUT /stations/{pair.town.room}/categories", {"categories": ["elder_care"]})
    assert ROOM in await pair.route()


async def _category(pair: Pair, number: int) -> None:
    code = f"dancing_{number}"
    assert "not_found" in await pair.route(category=code)
    await pair.change("POST /categories", {"code": code, "name": code, "confidential": False})
    assert "市级服务台" in await pair.route(category=code)
    await pair.change(f"POST /categories/{code}/changes", {"name": f"跳舞{number}"})
    assert f"跳舞{number}" in await pair.look("/categories")


async def _promise(pair: Pair, number: int) -> None:
    days = {"amount": 20 + number % 50, "unit": "working_days"}
    promise = {"urgency": "normal", "response": {"amount": 1, "unit": "working_days"}, "source": "测试"}
    before = await pair.file()
    await pair.change("PUT /categories/elder_care/promises", {"promises": [promise | {"completion": days}]})
    assert f"{days['amount']}个工作日内办结" in await pair.look("/categories")
    assert await pair.file() > before
    default = promise | {"completion": {"amount": 5, "unit": "working_days"}}
    await pair.change("PUT /categories/elder_care/promises", {"promises": [default]})


async def _policy(pair: Pair, number: int) -> None:
    await pair.change("PUT /policies/pickup_days", {"value": 2 + number % 10, "source": f"测试{number}"})
    assert f"测试{number}" in await pair.look("/policies", token=next(pair.town.officers))


async def _calendar(pair: Pair, _: int) -> None:
    due = await pair.file()
    await pair.change(f"PUT /calendar/{due.astimezone(SHANGHAI).date()}", {"working": False})
    assert await pair.file() > due


async def _edition(pair: Pair, number: int) -> None:
    name = f"和平{number}社区"
    listed = [f"{code},{name if place == PLACE else place}" for place, code in CODES.items()]
    csv = "\n".join(["code,name", *listed]) + "\n"
    new = {"name": name, "code_system": "nbs", "valid_from": f"{_today()}", "csv": csv}
    proposed = await pair.change("POST /area-editions", new)
    assert name not in await pair.route()
    await pair.change(f"POST /area-editions/{proposed['id']}/application", {})
    assert name in await pair.route()


KINDS = [_page, _suspension, _closing, _coverage, _offers, _category, _promise, _policy, _calendar, _edition]


def _today() -> date:
    return stations.today(datetime.now(UTC))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with durable_database(tmp_path_factory.mktemp("routing") / "mariadb") as database:
        made = Town(database, Wire(database.port))
        asyncio.run(made.settle())
        with elsewhere(made.wire):
            yield made


@dataclass
class Arrangement:
    """Two instances on one MariaDB, each with a Redis."""

    town: Town
    servers: list[Instance]
    redis_urls: list[str]
    lies: bool = False
    _lying: asyncio.Lock = field(default_factory=asyncio.Lock)

    def run(self, test: Callable[[Pair], Awaitable[None]]) -> None:
        """Run the test with the first instance as the one that changes."""

        async def connected() -> None:
            async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
                await test(Pair(self.town, *self.servers, client, self._lie if self.lies else _nothing))

        asyncio.run(connected())

    async def _lie(self) -> None:
        async with self._lying, Redis.from_url(self.redis_urls[0]) as redis:
            await lie(redis, random.Random(self.town.number()))


async def _nothing() -> None:
    pass


async def lie(redis: Redis, chance: random.Random) -> None:
    """Write garbage, a wrong type or another key's value under every key, and the keys of earlier versions."""
    old = [b"routing:version", b"routing:changing", b"session:0123", b"wechat:access_token"]
    keys = [*await redis.keys("*"), *old]
    values = [await redis.get(key) for key in keys if await redis.type(key) == b"string"]
    for key in keys:
        await redis.delete(key)
        if chance.random() < 0.3:
            await redis.rpush(key, b"\x00" * 9, b"1")
        else:
            await redis.set(key, chance.choice([*values, chance.randbytes(40), b"", b"{}", b"\xff\xfe"]), ex=600)


REDIS = ["one Redis", "a Redis each", "Redis dead", "Redis full of lies"]
with_one_redis = pytest.mark.parametrize("arrangement", REDIS[:1], indirect=True)


@pytest.fixture(scope="module", params=REDIS)
def arrangement(
    request: pytest.FixtureRequest,
    town: Town,
    valkey_url: str,
    fake_wechat_process: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Arrangement]:
    """Start two instances, as behind a proxy that passes the client's address on."""
    folder = tmp_path_factory.mktemp("instances")
    with ExitStack() as running:
        redis_urls = _redis_urls(request.param, valkey_url, folder, running)
        made = Arrangement(town, [], redis_urls, lies=request.param == "Redis full of lies")
        for port, redis_url in zip((town.wire.port, town.database.port), redis_urls, strict=True):
            environ = environ_of(town.database, redis_url, fake_wechat_process, port=port) | {"PROXIES": "1"}
            server = Instance(environ, folder / f"instance-{port}.log")
            server.begin()
            running.callback(lambda server=server: programs.stop(server.process))
            made.servers.append(server)
        for server in made.servers:
            server.wait_until_ready()
        yield made


def _redis_urls(which: str, valkey_url: str, folder: Path, running: ExitStack) -> list[str]:
    """Return the addresses of both instances' Redis. With one each, a row is all that the instances share."""
    if which == "a Redis each":
        return [valkey_url, running.enter_context(services.valkey(folder)).url]
    if which == "Redis dead":
        return [f"redis://127.0.0.1:{services.free_port()}/0"] * 2
    return [valkey_url] * 2


def test_every_kind_of_change_is_in_the_next_answer_of_the_other_instance(arrangement: Arrangement):
    async def run(pair: Pair) -> None:
        for _ in range(ROUNDS):
            for verify_kind in KINDS:
                await verify_kind(pair, arrangement.town.number())
                pair = pair.turned()

    arrangement.run(run)


@with_one_redis
def test_repeated_question_reads_only_the_number(arrangement: Arrangement):
    def questions() -> int:
        return int(arrangement.town.database.ask("SHOW GLOBAL STATUS LIKE 'Questions'")[1])

    async def run(pair: Pair) -> None:
        await pair.route()
        asking = -questions() + questions()
        before = questions()
        for _ in range(ASKED):
            await pair.route()
        # The instances look for late alarms meanwhile, with a few questions of their own.
        assert ASKED <= questions() - before - asking < ASKED * 2

    arrangement.run(run)


def test_change_while_others_look_is_in_every_answer_after_it(arrangement: Arrangement):
    chance = seed()

    async def later(step: Awaitable[object]) -> None:
        await asyncio.sleep(chance.uniform(0, 0.03))
        await step

    async def run(pair: Pair) -> None:
        for _ in range(ROUNDS * 4):
            phone = f"138{arrangement.town.number():08}"
            changing = pair.change(f"POST /stations/{arrangement.town.room}/changes", {"phone": phone})
            await asyncio.gather(changing, *(later(pair.route()) for _ in range(4)))
            for one in (pair, pair.turned()):
                assert phone in await one.route()

    arrangement.run(run)


@with_one_redis
def test_kill_after_the_commit_still_changes_the_route_everywhere(arrangement: Arrangement):
    async def run(pair: Pair) -> None:
        killed, path = pair.changer, f"/stations/{arrangement.town.room}"
        assert ROOM in await pair.route()
        trap = arrangement.town.wire.set(Trap("COMMIT", killed.kill, after=True))
        with pytest.raises(httpx.TransportError):
            await pair.change(f"POST {path}/suspension", {"reason": "装修"})

        assert trap.sprung.is_set()
        assert ABOVE in await pair.route()
        killed.start()
        assert ABOVE in await pair.turned().route()
        await pair.turned().change(f"POST {path}/opening", {})
        assert ROOM in await pair.turned().route()

    arrangement.run(run)
