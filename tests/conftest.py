"""What every test may ask for: a clean database, a real Valkey, the fake WeChat, the application, a clock to turn."""

import asyncio
import contextlib
import shutil
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from redis import Redis
from sanic import Sanic

from server import db
from server.app import create_app
from server.handlers.http.endpoint import UNDECLARED
from server.models import Person, RoleKind
from server.settings import Settings
from tests import make
from tests.contract.conforming import conforms
from tests.people import Phone
from tests.services import chosen_database, mariadb, mariadb_url, prepared_sqlite, valkey_url  # noqa: F401
from tests.wechat import FakeWeChat, fake_wechat, fake_wechat_process  # noqa: F401

# In the background a shell has us ignore Ctrl-C, and all we start would inherit that: the tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A Tuesday morning at ten in Shanghai.
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until a test turns it."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def forward(self, **span: float) -> datetime:
        self._now += timedelta(**span)
        return self._now

    def set(self, moment: datetime) -> None:
        self._now = moment


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty database of this session."""
    if chosen_database() == "mariadb":
        url: str = request.getfixturevalue("mariadb").url
        return f"{url}stations"
    template = tmp_path_factory.mktemp("sqlite") / "template.db"
    prepared_sqlite(template)
    return f"sqlite:///{template}"


@pytest.fixture
def database_url(empty_database: str, tmp_path: Path) -> str:
    """An empty database for one test."""
    if not empty_database.startswith("sqlite"):
        return empty_database
    copy = tmp_path / "test.db"
    shutil.copy(empty_database.removeprefix("sqlite:///"), copy)
    return f"sqlite:///{copy}"


async def _empty(url: str) -> None:
    if url.startswith("sqlite"):
        return
    tables = [row["name"] for row in await _rows("SELECT table_name name FROM information_schema.tables"
              " WHERE table_schema = DATABASE() AND table_name <> 'tortoise_migrations'")]  # fmt: skip
    # One question instead of a hundred deletions of nothing.
    some = " UNION ALL ".join(
        f"SELECT '{name}' name FROM DUAL WHERE EXISTS (SELECT 1 FROM `{name}`)" for name in tables
    )
    used = [row["name"] for row in await _rows(some)]
    if used:
        async with db.connection().acquire_connection() as link, link.cursor() as cursor:
            deletes = [f"DELETE FROM `{name}`" for name in used]
            for statement in ["SET foreign_key_checks=0", *deletes, "SET foreign_key_checks=1"]:
                await cursor.execute(statement)


async def _rows(statement: str) -> list[dict]:
    return (await db.connection().execute_query(statement))[1]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """The database connected, without the application: for tests of the domain."""
    async with db.connected(database_url, pool=20):
        await _empty(database_url)
        yield database_url


@pytest.fixture
def settings(database_url: str, valkey_url: str, fake_wechat: FakeWeChat, tmp_path: Path) -> Settings:  # noqa: F811
    with Redis.from_url(valkey_url) as redis:
        redis.flushall()  # nobody is held up by how often an earlier test asked
    return Settings(
        database_url=database_url,
        database_pool=10,
        redis_url=valkey_url,
        wechat_base_url=fake_wechat.url,
        wechat_app_id=fake_wechat.app_id,
        wechat_app_secret=fake_wechat.app_secret,
        alarm_url=f"{fake_wechat.url}/alarms",
        photo_store=str(tmp_path / "photos"),
    )


@contextlib.asynccontextmanager
async def _lifespan(app: Sanic) -> AsyncIterator[None]:
    """Sanic started and stopped as an ASGI server does it."""
    to_app: asyncio.Queue[dict] = asyncio.Queue()
    from_app: asyncio.Queue[dict] = asyncio.Queue()
    await to_app.put({"type": "lifespan.startup"})
    running = asyncio.ensure_future(app({"type": "lifespan", "asgi": {"version": "3.0"}}, to_app.get, from_app.put))
    answer = asyncio.ensure_future(from_app.get())
    await asyncio.wait({running, answer}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        answer.cancel()
        running.result()
    assert answer.result()["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        await running


@pytest.fixture
async def app(settings: Settings, clock: FakeClock) -> AsyncIterator[Sanic]:
    """The application with its database, started."""
    Sanic._app_registry.clear()
    app = create_app(settings, clock)
    app.config.TOUCHUP = False  # it rewrites Sanic's classes, which only works once a process
    async with _lifespan(app):
        await _empty(settings.database_url)
        yield app
    assert not UNDECLARED, "refusals that no declaration mentions"


@pytest.fixture
async def client(app: Sanic) -> AsyncIterator[httpx.AsyncClient]:
    """A client nobody signed in with."""
    transport = httpx.ASGITransport(app)
    hooks = {"response": [conforms]}
    async with httpx.AsyncClient(transport=transport, base_url="http://stations.test", event_hooks=hooks) as client:
        yield client


@pytest.fixture
def phone_of(client: httpx.AsyncClient):
    """Sign somebody in: `await phone_of("wangnainai")` gives their Phone."""

    async def sign_in(nickname: str) -> Phone:
        return await Phone.sign_in(client, nickname)

    return sign_in


@pytest.fixture
async def town(app: Sanic, clock: FakeClock) -> make.City:
    """The small city behind the application."""
    return await make.city(clock.now())


@pytest.fixture
def phone_of_staff(phone_of, town: make.City, clock: FakeClock):
    """A staff member's phone: signed in through WeChat; with the name of no station, a city officer's."""

    async def sign_in(name: str, station: str | None = None, *, head: bool = False) -> Phone:
        phone = await phone_of(f"staff-{name.encode().hex()}")
        person = await Person.get(id=phone.person_id)
        await Person.filter(id=person.id).update(name=name)
        kind = RoleKind.STATION_HEAD if head else RoleKind.SOCIAL_WORKER
        where = {"station": town.stations[station]} if station else {}
        await make.role(person, kind if station else RoleKind.CITY_OFFICER, clock.now(), **where)
        return phone

    return sign_in


@pytest.fixture(autouse=True)
def _nothing_undeclared() -> None:
    UNDECLARED.clear()


@pytest.fixture
async def city(database: str, clock: FakeClock) -> make.City:
    """The small city, without the application."""
    return await make.city(clock.now())
