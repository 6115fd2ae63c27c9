"""The application as a process of its own, with a city in its database and people signed in."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts import programs, services
from server.database import db
from server.models import Need, Notice
from tests.contract import time_bank
from tests.scale import scaled
from tests.services import chosen_database, migrated_database, prepared_sqlite
from tests.sides import Side, crowd, sign_in, two_sides
from tests.wechat import FakeWeChat

START_SECONDS = 300
# A person may ask 300 times a minute: so many of them are never held up by that.
CROWD = {
    "resident": scaled(48, full=120),
    "worker": scaled(20, full=60),
    "head": scaled(5, full=30),
    "county": scaled(10, full=60),
    "city": scaled(10, full=60),
}
# What becomes of the residents' needs, in turns.
STATES = ("submitted", "submitted", "accepted", "assigned", "started", "resolved", "declined", "referred")


@dataclass
class Served:
    """Where it listens, who and what is in its database, and what it logged."""

    port: int
    world: dict[str, Any]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
def served(
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
    valkey_url: str,
    fake_wechat_process: FakeWeChat,
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    if chosen_database() == "mariadb":
        url = migrated_database(request.getfixturevalue("mariadb"), "served")
    else:
        url = f"sqlite:///{folder}/served.db"
        prepared_sqlite(folder / "served.db")
    world = asyncio.run(_settle(url))
    environ = _environ(url, valkey_url, fake_wechat_process, folder)
    with _running(environ, folder / "server.log") as port:
        yield Served(port, world, folder / "server.log")


async def _settle(url: str) -> dict[str, Any]:
    """The database filled: tokens by kind of person, ids by what they are called, and whose thing is whose."""
    now = datetime.now(UTC)
    async with db.connected(url, pool=5):
        side, _ = await two_sides(now)
        people = {kind: await crowd(side.city, kind, count, now) for kind, count in CROWD.items()}
        tokens = {kind: [await sign_in(one.id, now) for one in found] for kind, found in people.items()}
        for kind in ("worker", "head"):
            tokens[kind].append(side.tokens[kind])
        residents = [one.id for one in people["resident"]]
        needs = [await getattr(side, state)(by) for state, by in zip(cycle(STATES), residents, strict=False)]
        owners = {str(need.id): token for need, token in zip(needs, tokens["resident"], strict=True)}
        extension, appeal = await side.extension(residents[0]), await side.appeal(residents[1])
        ids = _ids(side, needs) | {"extension_id": [extension.id], "appeal_id": [appeal.id]}
        ids |= await time_bank.settle(side, people["resident"][-6:])
        notices = await Notice.filter(person_id__in=residents)
        return {"tokens": tokens, "owners": owners, "ids": ids | {"notification_id": [one.id for one in notices]}}


def _ids(side: Side, needs: list[Need]) -> dict[str, list[Any]]:
    stations = [station.id for station in side.city.stations.values()]
    areas = [area.id for area in side.city.areas.values()]
    workers = [scope.person_id for scope in side.city.staff.values()]
    return {
        "need_id": [need.id for need in needs],
        "target_need_id": [need.id for need in needs],
        "code": [need.slip_code for need in needs],
        "station_id": stations,
        "station": stations,
        "area_id": areas,
        "area": areas,
        "parent": areas,
        "worker_id": workers,
        "person_id": [need.person_id for need in needs],
        "category": ["elder_care", "not_sure", "mental_health"],
    }


def _environ(url: str, valkey_url: str, fake: FakeWeChat, folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "REDIS_URL": valkey_url,
        "WECHAT_BASE_URL": fake.url,
        "WECHAT_APP_ID": fake.app_id,
        "WECHAT_APP_SECRET": fake.app_secret,
        "ALARM_URL": f"{fake.url}/alarms",
        "PHOTO_STORE": str(folder / "photos"),
        # Each request may say where it comes from, so that no address asks too often.
        "PROXIES": "1",
        "LOG_LEVEL": "WARNING",
    }


@contextmanager
def _running(environ: dict[str, str], log: Path) -> Iterator[int]:
    port = services.free_port()
    process = programs.start([sys.executable, "-m", "server"], environ={**environ, "PORT": str(port)}, log=log)
    try:
        _wait(f"http://127.0.0.1:{port}/api/v1/ready", process, log)
        yield port
    finally:
        programs.stop(process)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 20):
        assert process.poll() is None, log.read_text()
        try:
            assert httpx.get(url, trust_env=False).status_code == 200
        except httpx.ConnectError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the server does not answer: {log.read_text()}")


def write_world(served: Served, path: Path) -> Path:
    """Return the facts about the city that another process needs."""
    path.write_text(json.dumps(served.world), encoding="utf-8")
    return path
