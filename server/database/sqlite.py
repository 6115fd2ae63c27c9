"""Tortoise's SQLite client, with transactions that take the writer's place at once.

A transaction that reads first and writes later is refused when another process wrote in between; the server and the
worker are two processes on one file, so every transaction begins as a writer and waits its turn.
"""

from tortoise.backends.base.client import TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper


class _Writer(SqliteTransactionWrapper):
    async def begin(self) -> None:
        await self._connection.execute("BEGIN IMMEDIATE")
        self._finalized = False


class Client(SqliteClient):
    def _in_transaction(self) -> TransactionContext:
        return SqliteTransactionContext(_Writer(self), self._lock)


client_class = Client
