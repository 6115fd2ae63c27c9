"""An order end to end, through HTTP: placed on the phone, handed over at the counter; ours beside its ceiling."""

import asyncio
import os
import pickle
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from scripts import programs, services
from scripts.benchmarks.measuring import Measured, measure
from scripts.benchmarks.replay import Sent, listening, recorded
from scripts.services import MariaDB
from server import db, schema
from server.app import create_app
from server.domain import categories, ledger
from server.domain.ledger import POINTS, Move, keys
from server.handlers.http.who import token_hash
from server.models import (
    Area,
    AreaLevel,
    Good,
    Person,
    Role,
    RoleKind,
    Session,
    Station,
    StationLevel,
    StationStatus,
    TransferKind,
)
from server.outside.clock import SystemClock
from server.settings import Settings

HANDS, PEOPLE, WORKERS, WARM = 8, 64, 32, 40
TICKS = os.sysconf("SC_CLK_TCK")

Send = Callable[[str, str, str, dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass
class Shop:
    """One station with rice, residents with points, and workers."""

    station_id: int
    good_id: int
    residents: list[str]
    workers: list[str]

    async def order(self, send: Send, number: int) -> None:
        rice = {"station_id": self.station_id, "lines": [{"good_id": self.good_id, "pieces": 1}]}
        placed = await send("/supermarket/orders", self.residents[number % PEOPLE], f"order-number-{number}", rice)
        fetch = {"station_id": self.station_id, "code": placed["pickup_code"]}
        await send("/station/orders/hand-over", self.workers[number % WORKERS], f"handed-number-{number}", fetch)


async def opened(url: str, now: datetime) -> Shop:
    """Fill a database with the shop."""
    await schema.migrate(url)
    async with db.connected(url, pool=2):
        await categories.seed(now)
        since = date(2021, 1, 1)
        city = await Area.create(name="泸州市", level=AreaLevel.CITY, ancestry="/", valid_from=since)
        station = await Station.create(
            name="邻玉社工站", level=StationLevel.TOWN, area=city, status=StationStatus.OPEN, phone="0830-2000000"
        )
        good = await Good.create(station=station, name="大米5公斤", points_price=50, created_at=now)
        shelf = Move("stock", TransferKind.DONATED, 10**6, keys.donors(good.id), keys.shelf(good.id))
        await ledger.post(shelf, now=now)
        residents = [await _signed_in(f"居民{number}", now) for number in range(PEOPLE)]
        for person, _ in residents:
            source, target = keys.issuing(station.id, POINTS), keys.person(person.id, POINTS)
            await ledger.post(Move(f"given:{person.id}", TransferKind.POINTS_DEED, 10**6, source, target), now=now)
        workers = [await _signed_in(f"社工{number}", now) for number in range(WORKERS)]
        for person, _ in workers:
            scope = f"station:{station.id}"
            await Role.create(person=person, kind=RoleKind.SOCIAL_WORKER, scope=scope, station=station, granted_at=now)
        return Shop(station.id, good.id, [token for _, token in residents], [token for _, token in workers])


async def _signed_in(name: str, now: datetime) -> tuple[Person, str]:
    person, token = await Person.create(name=name, created_at=now), secrets.token_urlsafe(32)
    session = Session(person=person, token_hash=token_hash(token), device="微信", created_at=now, last_used_at=now)
    session.expires_at = now + timedelta(days=30)
    await session.save()
    return person, token


def copied(server: MariaDB, source: str, target: str) -> str:
    """A database with the same rows in tables of its own."""
    url = server.create_database(target)
    asyncio.run(schema.migrate(url))
    import pymysql

    with pymysql.connect(host="127.0.0.1", port=server.port, user="root", database=target) as link:
        cursor = link.cursor()
        cursor.execute("SET foreign_key_checks=0")
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [source])
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM `{table}`")  # noqa: S608 - a table of ours
            cursor.execute(f"INSERT INTO `{table}` SELECT * FROM `{source}`.`{table}`")  # noqa: S608
        link.commit()
    return url


def _sender(client: httpx.AsyncClient, base: str) -> Send:
    async def send(path: str, token: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        answer = await client.post(f"{base}/api/v1{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return send


async def _recorded(settings: Settings, shop: Shop, count: int) -> list[list[Sent]]:
    """What each order's requests sent to the database, in one process with us."""
    pieces: list[list[Sent]] = []
    app = create_app(settings, SystemClock())
    app.config.TOUCHUP = False
    async with _started(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ours") as client:
        send = _sender(client, "")

        async def one(number: int) -> None:
            pieces.append(await recorded(lambda: shop.order(send, number)))

        with listening():
            for number in range(count):
                await one(number)
    return pieces


@asynccontextmanager
async def _started(app: Any) -> AsyncIterator[None]:
    to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    from_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    await to_app.put({"type": "lifespan.startup"})
    async with asyncio.TaskGroup() as group:
        group.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, to_app.get, from_app.put))
        assert (await from_app.get())["type"] == "lifespan.startup.complete"
        yield
        await to_app.put({"type": "lifespan.shutdown"})


@dataclass(frozen=True)
class Served:
    """Orders as their client saw them, and microseconds of the server's processor time for one."""

    seen: Measured
    server_us: float


async def _measured(pid: int, orders: Sequence[Callable[[], Awaitable[object]]]) -> Served:
    await measure(orders[:WARM], hands=HANDS)
    before = _processor_seconds(pid)
    seen = await measure(orders[WARM:], hands=HANDS)
    return Served(seen, 1e6 * (_processor_seconds(pid) - before) / (len(orders) - WARM))


def _processor_seconds(pid: int) -> float:
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / TICKS


def _start(command: Sequence[str | Path], environ: dict[str, str], ready: str) -> subprocess.Popen[bytes]:
    process = programs.start(command, environ=environ)
    while True:
        assert process.poll() is None, "the server ended"
        try:
            if httpx.get(ready, trust_env=False).is_success:
                return process
        except httpx.TransportError:
            time.sleep(0.1)


def both(server: MariaDB, count: int, folder: Path) -> tuple[Served, Served]:
    """Ours and the ceiling, each on rows of its own."""
    now, total = SystemClock().now(), WARM + count
    shop = asyncio.run(opened(server.create_database("shop"), now))
    with services.valkey(folder / "valkey") as valkey:
        settings = Settings(database_url=copied(server, "shop", "recorded"), redis_url=valkey.url)
        pieces = asyncio.run(_recorded(settings, shop, total))
        environ = {"DATABASE_URL": copied(server, "shop", "ours"), "REDIS_URL": valkey.url, "LOG_LEVEL": "WARNING"}
        with services.valkey(folder / "valkey2") as other:  # nobody asked too often yet
            ours = _ours(shop, total, environ | {"REDIS_URL": other.url})
    file = folder / "recorded.pickle"
    file.write_bytes(pickle.dumps(pieces))
    return ours, _ceiling(total, copied(server, "shop", "ceiling"), file)


def _ours(shop: Shop, total: int, environ: dict[str, str]) -> Served:
    port = services.free_port()
    base = f"http://127.0.0.1:{port}"
    process = _start([sys.executable, "-m", "server.app"], environ | {"PORT": str(port)}, f"{base}/api/v1/ready")

    async def all_of_them() -> Served:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            send = _sender(client, base)
            return await _measured(process.pid, [partial(shop.order, send, number) for number in range(total)])

    try:
        return asyncio.run(all_of_them())
    finally:
        programs.stop(process)


def _ceiling(total: int, url: str, file: Path) -> Served:
    port = services.free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "scripts.benchmarks.bare_server", str(port), url, str(file)]
    process = _start(command, {}, f"{base}/")

    async def all_of_them() -> Served:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:

            async def one(number: int) -> None:
                assert (await client.post(f"{base}/{number}")).is_success

            return await _measured(process.pid, [partial(one, number) for number in range(total)])

    try:
        return asyncio.run(all_of_them())
    finally:
        programs.stop(process)
