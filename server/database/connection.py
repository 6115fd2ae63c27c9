"""The connection to the database: MariaDB/MySQL through aiomysql, or SQLite."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote, urlsplit

from tortoise import connections
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.mysql import client as mysql_client
from tortoise.context import TortoiseContext

APPS = {"models": {"models": ["server.models"], "migrations": "server.migrations"}}
# A process that is frozen inside a transaction would keep its locks. MariaDB rolls it back after this time. Who waits
# for the locks is served within the deadline of a request: after one lock wait timeout, at the second try.
IDLE_TRANSACTION_SECONDS = 5
# One statement for MariaDB and MySQL: each reads only its own comments.
SESSION = (
    "SET time_zone='+00:00', innodb_lock_wait_timeout=3, group_concat_max_len=1048576"
    " /*M!100000 , tx_isolation='READ-COMMITTED', max_statement_time=10"
    f", idle_transaction_timeout={IDLE_TRANSACTION_SECONDS} */"
    " /*!80000 , transaction_isolation='READ-COMMITTED', max_execution_time=10000 */"
)


def config(url: str, pool: int) -> dict[str, Any]:
    """Return Tortoise's configuration for `sqlite:///path` or `mysql://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        connection = {
            "engine": "server.database.sqlite",
            "credentials": {"file_path": sqlite_file(url), "busy_timeout": 5000, "synchronous": "NORMAL"},
        }
    elif parts.scheme == "mysql":
        connection = {"engine": "server.database.mysql", "credentials": _credentials(parts, pool)}
    else:
        raise ValueError("DATABASE_URL must begin with sqlite:/// or mysql://")
    return {"connections": {"default": connection}, "apps": APPS, "use_tz": True, "timezone": "UTC"}


def sqlite_file(url: str) -> str:
    """Return the file of a `sqlite:///` URL: relative to the working folder, or absolute after a fourth slash."""
    return url.removeprefix("sqlite:///")


def _credentials(parts: Any, pool: int) -> dict[str, Any]:
    return {
        "host": parts.hostname,
        "port": parts.port or 3306,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "database": parts.path.lstrip("/"),
        "minsize": 1,
        "maxsize": pool,
        "pool_recycle": 1800,
        "connect_timeout": 3,
        "charset": "utf8mb4",
        "init_command": SESSION,
    }


@contextlib.asynccontextmanager
async def connected(url: str, pool: int) -> AsyncIterator[TortoiseContext]:
    """Connect the database for as long as the block runs, for every task of this process."""
    # Not `async with`: Sanic starts and stops in different contexts, and leaving in another context is an error.
    with (context := TortoiseContext()):
        await context.init(config=config(url, pool), _enable_global_fallback=True)
    try:
        await _check_session()
        yield context
    finally:
        await context.close_connections()


async def _check_session() -> None:
    # Connect here and not in the first transaction: if that one were cancelled half way, it would keep SQLite's lock.
    client = connection()
    await client.execute_query("SELECT 1")
    if dialect() == "sqlite":
        return
    driver = mysql_client.mysql.__name__  # type: ignore[attr-defined]
    assert driver == "aiomysql", "asyncmy is installed, and Tortoise would use it instead of aiomysql"
    _, rows = await client.execute_query("SELECT @@session.time_zone zone, @@tx_isolation isolation")
    assert (rows[0]["zone"], rows[0]["isolation"]) == ("+00:00", "READ-COMMITTED"), "init_command had no effect"


def connection() -> BaseDBAsyncClient:
    """Return the connection of this task: its own inside a transaction, else the pool's."""
    found: BaseDBAsyncClient = connections.get("default")
    return found


def dialect() -> str:
    """Return `mysql` or `sqlite`."""
    return connection().capabilities.dialect


async def is_up() -> bool:
    """Return whether the database answers."""
    try:
        await connection().execute_query("SELECT 1")
    except Exception:  # noqa: BLE001 - after any error the database is not up
        return False
    return True
