"""A free health check with 50 seats opens, and thousands book at once at several instances; ours beside its ceiling.

Then it is full: people read and are refused while its row is locked, and some cancel.
"""

import asyncio
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pymysql

from scripts import services
from scripts.benchmarks import full_hall, hall, phones, serving
from scripts.benchmarks.full_hall import Cancelled, Line
from scripts.benchmarks.hall import Hall
from scripts.benchmarks.phones import OK, Phone, Waited, request, waited
from scripts.benchmarks.serving import Instance, copied
from scripts.services import MariaDB
from server.database import db
from server.domain import invariants
from server.settings import Settings

INSTANCES = 3
# Settings of who expects such a rush: nobody is sent away who would be served within a minute.
PATIENT = {"DEADLINE_SECONDS": "60", "WAITING_REQUESTS": "5000"}


@dataclass(frozen=True)
class Rush:
    """Everybody at once: how fast, how much processor time of all instances for one, how long people waited.

    `turned_away` counts answers that the server is busy.
    """

    seconds: float
    server_us: float
    waited: Waited
    turned_away: int


async def _rushed(instances: Sequence[Instance], requests: Sequence[bytes]) -> tuple[Rush, list[Phone]]:
    async with phones.connected([one.port for one in instances], len(requests)) as people:
        before = sum(one.processor_seconds() for one in instances)
        seconds = await phones.rush(people, requests)
        used = sum(one.processor_seconds() for one in instances) - before
    wrong = {one.status for one in people} - set(OK)
    assert not wrong, f"answered {wrong}"
    away = sum(one.turned_away for one in people)
    return Rush(seconds, 1e6 * used / len(requests), waited(people), away), people


@dataclass(frozen=True)
class Seen:
    """One run: ours, what it left, and the ceiling; `invariants_report`: what the check of the whole database says."""

    ours: Rush
    ceiling: Rush
    line: Line
    locked: dict[str, Waited]
    cancelled: Cancelled
    invariants_report: str


def both(server: MariaDB, people: int, folder: Path) -> Seen:
    """Ours and the ceiling, each on rows of its own."""
    made = asyncio.run(hall.opened(server.create_database("hall"), people))
    file = folder / "bookings.pickle"
    with services.valkey(folder / "valkey-of-the-hall") as valkey:
        settings = Settings(database_url=copied(server, "hall", "hall_recorded"), redis_url=valkey.url)
        file.write_bytes(pickle.dumps(asyncio.run(hall.what_is_sent(settings, made))))
    with serving.bare(copied(server, "hall", "hall_ceiling"), file, INSTANCES) as instances:
        requests = [request(f"/{number}") for number in range(people)]
        ceiling, _ = asyncio.run(_rushed(instances, requests))
    url = copied(server, "hall", "hall_ours")
    with services.valkey(folder / "valkey-of-ours") as valkey:
        environ = {"DATABASE_URL": url, "REDIS_URL": valkey.url, "LOG_LEVEL": "WARNING"} | PATIENT
        with serving.ours(environ, INSTANCES) as instances:
            return asyncio.run(_ours(server, instances, made, url, ceiling))


async def _ours(server: MariaDB, instances: Sequence[Instance], made: Hall, url: str, ceiling: Rush) -> Seen:
    ours, people = await _rushed(instances, [made.booking(number) for number in range(len(made.tokens))])
    with pymysql.connect(host=services.HOST, port=server.port, user="root", database="hall_ours") as link:
        line = full_hall.lined_up(link, made, people)
        link.commit()
        locked = await full_hall.while_locked(link, instances, made)
        cancelled = await full_hall.cancelled(link, instances, made, people)
    async with db.connected(url, pool=1):
        invariants_report = str(await invariants.check())
    return Seen(ours, ceiling, line, locked, cancelled, invariants_report)
