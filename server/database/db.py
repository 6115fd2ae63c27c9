"""The database: how it is reached, and the one way to change it.

Every verb of the domain that changes something is `@db.transaction`: its body runs in one transaction, whole or not
at all, and is repeated when the database broke a deadlock by choosing it.
"""

import asyncio
import contextlib
import functools
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar
from urllib.parse import unquote, urlsplit

import pymysql
from pymysql.constants import ER
from tortoise import connections
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionContext
from tortoise.backends.mysql import client as mysql_client
from tortoise.context import TortoiseContext
from tortoise.exceptions import BaseORMException, IntegrityError
from tortoise.transactions import in_transaction  # noqa: TID251 - the one place

from server.errors import Busy, OutcomeUnknown

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("server.database.db")

APPS = {"models": {"models": ["server.models"], "migrations": "server.migrations"}}
ATTEMPTS = 4
ROLLBACK_SECONDS = 2
# The database broke a deadlock (1213), a wait took too long (1205), a row changed under a snapshot (1020),
# or SQLite's one writer was somebody else.
REPEATABLE = {1213, 1205, 1020}
# One statement for MariaDB and MySQL alike: each reads only its own comments.
SESSION = (
    "SET time_zone='+00:00', innodb_lock_wait_timeout=3, group_concat_max_len=1048576"
    " /*M!100000 , tx_isolation='READ-COMMITTED', max_statement_time=10 */"
    " /*!80000 , transaction_isolation='READ-COMMITTED', max_execution_time=10000 */"
)
LOST = (OSError, EOFError, pymysql.err.InterfaceError)
FULL = {3, 1021, 1114}  # no room for a row, a temporary file, or a replica's log
LOST_CODES = FULL | {1040, 1053, 1152, 1184, 1927, 2002, 2003, 2006, 2013, 2014, 2055, 1969, 3024, 1290}

_open: ContextVar[bool] = ContextVar("transaction_open", default=False)


def config(url: str, pool: int) -> dict[str, Any]:
    """Tortoise's configuration for `sqlite:///path` or `mysql://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        connection = {
            "engine": "server.database.sqlite",
            "credentials": {"file_path": file_of(url), "busy_timeout": 5000, "synchronous": "NORMAL"},
        }
    elif parts.scheme == "mysql":
        connection = {"engine": "tortoise.backends.mysql", "credentials": _credentials(parts, pool)}
    else:
        raise ValueError("DATABASE_URL must begin with sqlite:/// or mysql://")
    return {"connections": {"default": connection}, "apps": APPS, "use_tz": True, "timezone": "UTC"}


def file_of(url: str) -> str:
    """The file of a `sqlite:///` address: relative to the working folder, or absolute after a fourth slash."""
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
    """The database for as long as the block runs, seen by every task of this process."""
    # Not `async with`: Sanic starts and stops in different contexts, and leaving in another one is an error.
    with (context := TortoiseContext()):
        await context.init(config=config(url, pool), _enable_global_fallback=True)
    try:
        await _must_be_as_agreed()
        yield context
    finally:
        await context.close_connections()


async def _must_be_as_agreed() -> None:
    # Connecting here, and not in the first transaction: cancelled half way, that one would keep SQLite's lock.
    client = connection()
    await client.execute_query("SELECT 1")
    if dialect() == "sqlite":
        return
    driver = mysql_client.mysql.__name__  # type: ignore[attr-defined]
    assert driver == "aiomysql", "asyncmy is installed and would be taken instead of aiomysql"
    _, rows = await client.execute_query("SELECT @@session.time_zone zone, @@tx_isolation isolation")
    assert (rows[0]["zone"], rows[0]["isolation"]) == ("+00:00", "READ-COMMITTED"), "init_command was not obeyed"


def connection() -> BaseDBAsyncClient:
    """The connection of this task: inside a transaction its own, else the pool's."""
    found: BaseDBAsyncClient = connections.get("default")
    return found


def dialect() -> str:
    """`mysql` or `sqlite`."""
    return connection().capabilities.dialect


async def is_up() -> bool:
    """Whether the database answers."""
    try:
        await connection().execute_query("SELECT 1")
    except Exception:  # noqa: BLE001 - whatever went wrong, it is not up
        return False
    return True


def transaction(verb: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Make the verb one transaction, repeated as a whole when the database asks for it.

    Called while another verb's transaction is open, it joins it: the outermost one commits and repeats.
    Raises Busy when nothing was done, OutcomeUnknown when the link died while committing.
    """

    @functools.wraps(verb)
    async def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        if _open.get():
            return await verb(*args, **kwargs)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await _attempt(verb, *args, **kwargs)
            except Exception as error:
                if not repeatable(error):
                    raise
                log.info("%s met %s", verb.__name__, _code(error) or "a lock")
            await asyncio.sleep(random.uniform(0.005, 0.03) * attempt)  # noqa: S311 - a jitter, not a secret
        raise Busy

    return whole


def must_be_in_transaction() -> None:
    """For steps of a verb that make sense only inside it."""
    assert _open.get(), "this step belongs inside a transaction"


def repeatable(error: BaseException) -> bool:
    """Whether the database undid the transaction and a repetition may succeed."""
    return _code(error) in REPEATABLE or "database is locked" in str(error)


def lost(error: BaseException) -> bool:
    """Whether the database could not be reached, or not in time, or has no room."""
    # What aiomysql says of a connection that was closed while it was being made, and SQLite of a full disk.
    said = any(words in str(error) for words in ("socket instance", "database or disk is full"))
    return said or isinstance(error, LOST) or isinstance(error.__cause__, LOST) or _code(error) in LOST_CODES


def duplicate(error: IntegrityError) -> bool:
    """Whether a unique key refused the row (and not a check or a foreign key)."""
    return _code(error) == ER.DUP_ENTRY or "UNIQUE constraint" in str(error)


def _code(error: BaseException) -> int | None:
    inner = error.args[0] if isinstance(error, BaseORMException) and error.args else error
    code = inner.args[0] if isinstance(inner, pymysql.err.Error) and inner.args else None
    return code if isinstance(code, int) else None


async def _attempt(verb: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
    pool, context = connection(), in_transaction()
    try:
        await _begin(context)
        token = _open.set(True)
        try:
            result = await verb(*args, **kwargs)
        except BaseException as error:
            await _undo(context, error)
            raise
        finally:
            _open.reset(token)
        await _commit(context)
    finally:
        if connection() is not pool:  # interrupted in giving it back, Tortoise left this task with another's connection
            connections.reset(context.token)  # type: ignore[attr-defined]  # every kind of ours has one
    return result


async def _begin(context: TransactionContext) -> None:
    try:
        await context.__aenter__()
    except BaseException as error:
        # Cancelled inside BEGIN, Tortoise would keep the connection for ever.
        if hasattr(context, "token"):
            await _undo(context, error)
        raise


async def _undo(context: TransactionContext, error: BaseException) -> None:
    try:
        async with asyncio.timeout(ROLLBACK_SECONDS):
            await context.__aexit__(type(error), error, error.__traceback__)
    except Exception as trouble:  # noqa: BLE001 - the first error is the one to tell; the link is given up
        log.info("rollback met %s", type(trouble).__name__)


async def _commit(context: TransactionContext) -> None:
    try:
        await context.__aexit__(None, None, None)
    except Exception as error:
        if repeatable(error):
            raise
        raise OutcomeUnknown from error


async def execute(statement: str, values: Iterable[Any] = ()) -> tuple[int, Sequence[dict[str, Any]]]:
    """Send a statement with `?` for each value; returns how many rows it changed, and those it found."""
    count, rows = await connection().execute_query(_spelled(statement), [as_stored(value) for value in values])
    return count, rows


async def insert_new(table: str, **values: Any) -> int | None:
    """Insert a row and return its new id; None where a unique key of it is taken, which undoes this statement alone."""
    statement = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks(values)})"  # noqa: S608 - a name of ours
    try:
        made: int = await connection().execute_insert(_spelled(statement), [as_stored(one) for one in values.values()])
    except IntegrityError as error:
        if not duplicate(error):
            raise
        return None
    return made


async def insert_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Insert several rows by one statement; returns how many."""
    if not rows:
        return 0
    one = f"({marks(columns)})"
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * len(rows))}"  # noqa: S608
    return (await execute(statement, [value for row in rows for value in row]))[0]


def marks(values: Collection[Any]) -> str:
    """As many `?` as there are values."""
    return ", ".join("?" * len(values))


def for_update() -> str:
    """What makes a SELECT lock its rows; on SQLite the transaction did so already."""
    return "" if dialect() == "sqlite" else " FOR UPDATE"


def _spelled(statement: str) -> str:
    return statement if dialect() == "sqlite" else statement.replace("?", "%s")


async def insert_or_nothing(table: str, **values: Any) -> bool:
    """Insert a row unless its unique key is taken; whether it was inserted. Waits for one who is inserting the same."""
    names = ", ".join(values)
    first, row = next(iter(values)), f"{table} ({names}) VALUES ({marks(values)})"
    if dialect() == "sqlite":
        statement = f"INSERT OR IGNORE INTO {row}"
    else:
        # INSERT IGNORE would swallow more than duplicates, and warn of each.
        statement = f"INSERT INTO {row} ON DUPLICATE KEY UPDATE {first} = {table}.{first}"
    count, _ = await execute(statement, values.values())
    return bool(count)


async def share(table: str, ids: Iterable[int]) -> None:
    """Keep these rows from being changed until the transaction ends, together with others who only read them."""
    must_be_in_transaction()
    if dialect() == "sqlite":  # a transaction is the only writer there
        return
    wanted = sorted(set(ids))
    found = f"SELECT id FROM {table} WHERE id IN ({marks(wanted)}) ORDER BY id"  # noqa: S608 - a name of ours
    await execute(f"{found} LOCK IN SHARE MODE", wanted)


def as_stored(value: Any) -> Any:
    """A moment as the database has it, without an offset; anything else as it is."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
