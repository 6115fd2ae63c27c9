"""An order end to end, through HTTP: placed on the phone, handed over at the counter; ours beside its ceiling."""

import asyncio
import pickle
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from scripts import services
from scripts.benchmarks import serving
from scripts.benchmarks.measuring import Measured, measure
from scripts.benchmarks.replay import Sent, listening, recorded
from scripts.benchmarks.serving import Instance, copied, signed_in, started
from scripts.services import MariaDB
from server import db, schema
from server.app import create_app
from server.domain import categories, ledger
from server.domain.ledger import POINTS, Move, keys
from server.models import (
    Area,
    AreaLevel,
    Good,
    Role,
    RoleKind,
    Station,
    StationLevel,
    StationStatus,
    TransferKind,
)
from server.outside.clock import SystemClock
from server.settings import Settings

HANDS, PEOPLE, WORKERS, WARM = 8, 64, 32, 40

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
        residents = await signed_in([f"居民{number}" for number in range(PEOPLE)], now)
        for person, _ in residents:
            source, target = keys.issuing(station.id, POINTS), keys.person(person.id, POINTS)
            await ledger.post(Move(f"given:{person.id}", TransferKind.POINTS_DEED, 10**6, source, target), now=now)
        workers = await signed_in([f"社工{number}" for number in range(WORKERS)], now)
        for person, _ in workers:
            scope = f"station:{station.id}"
            await Role.create(
                person_id=person.id, kind=RoleKind.SOCIAL_WORKER, scope=scope, station=station, granted_at=now
            )
        return Shop(station.id, good.id, [token for _, token in residents], [token for _, token in workers])


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
    async with started(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ours") as client:
        send = _sender(client, "")

        async def one(number: int) -> None:
            pieces.append(await recorded(lambda: shop.order(send, number)))

        with listening():
            for number in range(count):
                await one(number)
    return pieces


@dataclass(frozen=True)
class Served:
    """Orders as their client saw them, and microseconds of the server's processor time for one."""

    seen: Measured
    server_us: float


async def _measured(server: Instance, orders: Sequence[Callable[[], Awaitable[object]]]) -> Served:
    await measure(orders[:WARM], hands=HANDS)
    before = server.processor_seconds()
    seen = await measure(orders[WARM:], hands=HANDS)
    return Served(seen, 1e6 * (server.processor_seconds() - before) / (len(orders) - WARM))


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
    async def all_of_them(instance: Instance) -> Served:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            send = _sender(client, instance.base)
            return await _measured(instance, [partial(shop.order, send, number) for number in range(total)])

    with serving.ours(environ) as [instance]:
        return asyncio.run(all_of_them(instance))


def _ceiling(total: int, url: str, file: Path) -> Served:
    async def all_of_them(instance: Instance) -> Served:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:

            async def one(number: int) -> None:
                assert (await client.post(f"{instance.base}/{number}")).is_success

            return await _measured(instance, [partial(one, number) for number in range(total)])

    with serving.bare(url, file) as [instance]:
        return asyncio.run(all_of_them(instance))
