"""Round trips to MariaDB: each command that the driver sends and whose answer it waits for, BEGIN and COMMIT included."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

import aiomysql

_trips: ContextVar[list[str] | None] = ContextVar("trips", default=None)


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """Return a list that receives every command sent by this task and the tasks it starts."""
    execute, sent = aiomysql.Connection._execute_command, []

    async def noted(self: aiomysql.Connection, command: int, sql: str | bytes) -> None:
        if (trips := _trips.get()) is not None:
            trips.append(sql.decode() if isinstance(sql, bytes) else sql)
        await execute(self, command, sql)

    aiomysql.Connection._execute_command = noted
    token = _trips.set(sent)
    try:
        yield sent
    finally:
        _trips.reset(token)
        aiomysql.Connection._execute_command = execute
