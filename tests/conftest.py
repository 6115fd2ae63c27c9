"""Fixtures for every test: a clean database, a real Valkey, the fake WeChat, the application, a clock to turn."""

import asyncio
import contextlib
import functools
import re
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomysql
import httpx
import pytest
from redis import Redis
from sanic import Sanic
from tortoise.apps import Apps
from tortoise.backends.mysql.client import MySQLClient
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper

from server.adapters import redis as redis_module
from server.adapters.photo_sanitizer import PhotoSanitizer
from server.app import create_app
from server.database import db, mysql
from server.domain import reference
from server.handlers.http.dispatch import UNDECLARED
from server.models import Person, RoleKind
from server.settings import Settings
from tests import factories
from tests.contract.conforming import conforms
from tests.people import Phone
from tests.services import chosen_database, mariadb, mariadb_url, prepared_sqlite, redis, valkey_url  # noqa: F401
from tests.set_up_reads import where_read
from tests.wechat import FakeWeChat, fake_wechat, fake_wechat_process  # noqa: F401

# In the background a shell ignores Ctrl-C, and child processes would inherit that; the tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Reading the borders of a whole country takes longer than most tests: a test that needs borders brings its own.
NO_BORDERS = Path(__file__).parent / "no_borders.geojson"
# A Tuesday morning at ten in Shanghai.
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


# Files whose tests take long and share what one of them makes.
LONG_FILES = {"test_scripts.py", "test_schemathesis.py", "test_indexes.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files: at the end two workers would divide them, and both make what they share."""
    items.sort(key=lambda item: item.path.name not in LONG_FILES)


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


CLOCK = FakeClock()


@pytest.fixture(scope="session", autouse=True)
def _models_prepared_once() -> Iterator[None]:
    """Prepare the models once for each kind of database; Tortoise would do it for every connection."""
    prepare, prepared_for = Apps._build_initial_querysets, set()

    def once(self: Apps) -> None:
        kind = type(self._connections.get("default"))
        if prepared_for != {kind}:
            prepare(self)
            prepared_for.clear()
            prepared_for.add(kind)

    Apps._build_initial_querysets = once
    yield
    Apps._build_initial_querysets = prepare


class KeptPool(aiomysql.Pool):
    """A pool that stays open from test to test: opening connections takes longer than many a test."""

    def close(self) -> None:
        if self.size > self.freesize:  # a connection is lost or still in use: other tests must not get this pool
            super().close()

    async def wait_closed(self) -> None:
        if self._closing:
            await super().wait_closed()

    async def end(self) -> None:
        super().close()
        await super().wait_closed()


@pytest.fixture(scope="session", autouse=True)
async def _one_pool(_models_prepared_once: None) -> AsyncIterator[None]:
    """Keep one pool of each size for the session on MariaDB. Tests with a loop of their own open their own."""
    create, loop, kept = aiomysql.create_pool, asyncio.get_running_loop(), {}

    async def kept_pool(**settings: Any) -> aiomysql.Pool:
        if asyncio.get_running_loop() is not loop:
            return await create(**settings)
        key = tuple(sorted(settings.items()))
        if key not in kept or kept[key]._closing:
            sizes = {name: settings[name] for name in ("minsize", "maxsize", "pool_recycle")}
            rest = {name: value for name, value in settings.items() if name not in sizes}
            kept[key] = KeptPool(echo=False, loop=loop, **sizes, **rest)
        return kept[key]

    aiomysql.create_pool = kept_pool
    yield
    aiomysql.create_pool = create
    for pool in kept.values():
        await pool.end()


@pytest.fixture(scope="session", autouse=True)
def _patience() -> Iterator[None]:
    """Give Redis and photo drawing generous timeouts, except in tests about waiting: a busy machine is late."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redis_module, "CALL_SECONDS", 60)
        patch.setitem(PhotoSanitizer.__init__.__kwdefaults__, "wall_seconds", 600)
        yield


@pytest.fixture
def clock() -> FakeClock:
    """Return the clock, set to its beginning. It is the same for every test, so that one application can know it."""
    CLOCK.set(NOW)
    return CLOCK


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    """Return the address of a migrated, empty database of this session."""
    if chosen_database() == "mariadb":
        url: str = request.getfixturevalue("mariadb").url
        return f"{url}stations"
    template = tmp_path_factory.mktemp("sqlite") / "template.db"
    prepared_sqlite(template)
    return f"sqlite:///{template}"


@pytest.fixture
def database_url(empty_database: str) -> str:
    """Return an empty database for one test, at the same address for each."""
    if not empty_database.startswith("sqlite"):
        return empty_database
    template = Path(empty_database.removeprefix("sqlite:///"))
    for left in template.parent.glob("test.*"):
        left.unlink()
    return f"sqlite:///{shutil.copy(template, template.with_name('test.db'))}"


@pytest.fixture
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty folder for one test's photos, at the same address for each."""
    folder = tmp_path_factory.getbasetemp() / "photos"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


# What is read from these tables is kept in memory.
SET_UP = re.compile(
    r"(INSERT INTO|UPDATE|DELETE FROM) [`\"]?(area|area_successor|station|station_category|coverage|category"
    r"|service_promise|policy|calendar_day)[`\" ]"
)


READ_FROM_TABLES: list[str] = []
# An edition adds areas before it announces its change: nobody sees them before COMMIT.
NEW_AREA = "INSERT INTO area ("


@pytest.fixture(scope="session", autouse=True)
def _uses_of_the_set_up_are_noticed() -> Iterator[None]:
    """Check that each verb announces a change of the set-up before it writes, and that nothing reads its tables.

    When a test writes directly, without a transaction, the process forgets the set-up in memory.
    """

    def noticing(method: Callable[..., Any]) -> Callable[..., Any]:
        async def noticed(self: Any, query: str, *values: Any) -> Any:
            if SET_UP.match(query):
                if not db.in_transaction():
                    reference.forget()
                elif not query.startswith(NEW_AREA):
                    assert reference.changes_here(), f"reference.begin_change() comes before: {query}"
            elif (place := where_read(query)) is not None:
                READ_FROM_TABLES.append(place)
            return await method(self, query, *values)

        return noticed

    with pytest.MonkeyPatch.context() as patch:
        for client in (MySQLClient, mysql._Transaction, SqliteClient, SqliteTransactionWrapper):
            for name in {"execute_insert", "execute_many", "execute_query"} & vars(client).keys():
                patch.setattr(client, name, noticing(getattr(client, name)))
        yield


_USED_TABLES: dict[str, str] = {}


async def _empty(url: str) -> None:
    reference.forget()
    if url.startswith("sqlite"):
        return
    if url not in _USED_TABLES:
        _USED_TABLES[url] = await _question_for_used_tables()
    used = [row["name"] for row in await _rows(_USED_TABLES[url])]
    if used:
        async with db.connection().acquire_connection() as link, link.cursor() as cursor:
            deletes = [f"DELETE FROM `{name}`" for name in used]
            for statement in ["SET foreign_key_checks=0", *deletes, "SET foreign_key_checks=1"]:
                await cursor.execute(statement)


async def _question_for_used_tables() -> str:
    """Return one query for the tables that have rows, instead of a hundred deletions of nothing."""
    tables = await _rows(
        "SELECT table_name name FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_name <> 'tortoise_migrations'"
    )
    return " UNION ALL ".join(
        f"SELECT '{row['name']}' name FROM DUAL WHERE EXISTS (SELECT 1 FROM `{row['name']}`)" for row in tables
    )


async def _rows(statement: str) -> list[dict]:
    return (await db.connection().execute_query(statement))[1]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """Connect the database without the application, for tests of the domain."""
    async with db.connected(database_url, pool=20):
        await _empty(database_url)
        yield database_url


@pytest.fixture
def settings(database_url: str, valkey_url: str, fake_wechat: FakeWeChat, photo_folder: Path) -> Settings:  # noqa: F811
    with Redis.from_url(valkey_url) as valkey:
        valkey.flushall()  # requests of an earlier test must not count against limits
    return Settings(
        database_url=database_url,
        database_pool=10,
        deadline_seconds=60,  # a slow machine still serves a crowd instead of refusing it
        redis_url=valkey_url,
        wechat_base_url=fake_wechat.url,
        wechat_app_id=fake_wechat.app_id,
        wechat_app_secret=fake_wechat.app_secret,
        alarm_url=f"{fake_wechat.url}/alarms",
        photo_store=str(photo_folder),
        county_polygons=str(NO_BORDERS),
    )


@functools.cache
def _built(settings: Settings) -> Sanic:
    """Return the application with these settings. Laying out its routes takes long, so each is built once."""
    Sanic._app_registry.clear()
    app = create_app(settings, CLOCK)
    app.config.TOUCHUP = False  # it rewrites Sanic's classes, which only works once a process
    app.asgi = True
    return app


@contextlib.asynccontextmanager
async def _started(app: Sanic) -> AsyncIterator[None]:
    """Start and stop Sanic as under an ASGI server. Its routes are laid out once."""
    if not app.state.is_started:
        await app._startup()
    for moment in ("before", "after"):
        await app._server_event("init", moment)
    try:
        yield
    finally:
        for moment in ("before", "after"):
            await app._server_event("shutdown", moment)


@pytest.fixture
async def app(settings: Settings, clock: FakeClock) -> AsyncIterator[Sanic]:
    """Return the started application with its database."""
    app = _built(settings)
    async with _started(app):
        await _empty(settings.database_url)
        yield app
    assert not UNDECLARED, "refusals that no declaration mentions"


@pytest.fixture
async def client(app: Sanic) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client that is not signed in."""
    transport = httpx.ASGITransport(app)
    hooks = {"response": [conforms]}
    async with httpx.AsyncClient(transport=transport, base_url="http://stations.test", event_hooks=hooks) as client:
        yield client


@pytest.fixture
def phone_of(client: httpx.AsyncClient):
    """Sign a person in: `await phone_of("wangnainai")` gives their Phone."""

    async def sign_in(nickname: str) -> Phone:
        return await Phone.sign_in(client, nickname)

    return sign_in


@pytest.fixture
async def town(app: Sanic, clock: FakeClock) -> factories.City:
    """Return the small city behind the application."""
    return await factories.city(clock.now())


@pytest.fixture
def phone_of_staff(phone_of, town: factories.City, clock: FakeClock):
    """Return a staff member's phone, signed in through WeChat; without a station, a city officer's."""

    async def sign_in(name: str, station: str | None = None, *, head: bool = False) -> Phone:
        phone = await phone_of(f"staff-{name.encode().hex()}")
        person = await Person.get(id=phone.person_id)
        await Person.filter(id=person.id).update(name=name)
        kind = RoleKind.STATION_HEAD if head else RoleKind.SOCIAL_WORKER
        where = {"station": town.stations[station]} if station else {}
        await factories.role(person, kind if station else RoleKind.CITY_OFFICER, clock.now(), **where)
        return phone

    return sign_in


@pytest.fixture(autouse=True)
def _nothing_undeclared() -> Iterator[None]:
    UNDECLARED.clear()
    READ_FROM_TABLES.clear()
    yield
    assert READ_FROM_TABLES == [], "the set-up is in memory"


@pytest.fixture
async def city(database: str, clock: FakeClock) -> factories.City:
    """Return the small city, without the application."""
    return await factories.city(clock.now())
