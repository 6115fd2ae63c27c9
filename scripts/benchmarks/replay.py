"""The ceiling: the statements a piece of work sent, sent again through bare aiomysql, with no ORM and no rules.

They are recorded from the work itself, so the two can never drift apart.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import aiomysql

from server.database import db

# (what, values): a statement with its values, or one of the three that go without a cursor.
Sent = tuple[str, Any]
TURNS = ("begin", "commit", "rollback")

_recorded: ContextVar[list[Sent] | None] = ContextVar("recorded", default=None)


@contextlib.contextmanager
def listening() -> Iterator[None]:
    """While the block runs, whatever is sent inside `recorded()` is written down."""
    kept = {name: getattr(aiomysql.Connection, name) for name in TURNS}
    execute = aiomysql.Cursor.execute

    async def execute_and_tell(self: Any, query: str, args: Any = None) -> Any:
        _tell((query, args))
        return await execute(self, query, args)

    def telling(name: str) -> Callable[[Any], Awaitable[Any]]:
        async def turn_and_tell(self: Any) -> Any:
            _tell((name, None))
            return await kept[name](self)

        return turn_and_tell

    aiomysql.Cursor.execute = execute_and_tell
    for name in TURNS:
        setattr(aiomysql.Connection, name, telling(name))
    try:
        yield
    finally:
        aiomysql.Cursor.execute = execute
        for name, original in kept.items():
            setattr(aiomysql.Connection, name, original)


def _tell(sent: Sent) -> None:
    if (statements := _recorded.get()) is not None:
        statements.append(sent)


async def recorded(work: Callable[[], Awaitable[object]]) -> list[Sent]:
    """Do the work and return what it sent."""
    statements: list[Sent] = []
    token = _recorded.set(statements)
    try:
        await work()
    finally:
        _recorded.reset(token)
    return statements


@contextlib.asynccontextmanager
async def bare_pool(url: str, size: int) -> AsyncIterator[aiomysql.Pool]:
    """Connections as the server's, without the server's code.

    Foreign keys are not looked at: a recorded row may name one that another connection has not sent yet. The ceiling
    is a little higher for it.
    """
    parts = urlsplit(url)
    pool = await aiomysql.create_pool(
        host=parts.hostname,
        port=parts.port,
        user=parts.username,
        password="",
        db=parts.path.lstrip("/"),
        charset="utf8mb4",
        minsize=size,
        maxsize=size,
        autocommit=True,
        cursorclass=aiomysql.DictCursor,
        init_command=f"{db.SESSION}, foreign_key_checks=0".replace("*/, f", "*/ , f"),
    )
    try:
        yield pool
    finally:
        pool.close()
        await pool.wait_closed()


async def replay(pool: aiomysql.Pool, statements: list[Sent]) -> None:
    """Send the statements on one connection, reading what they answer."""
    if not statements:
        return
    async with pool.acquire() as link:
        for query, values in statements:
            if query in TURNS:
                await getattr(link, query)()
                continue
            async with link.cursor() as cursor:
                await cursor.execute(query, values)
                await cursor.fetchall()
