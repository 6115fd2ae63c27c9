"""Tortoise's SQLite client, with transactions that take the write lock at once.

SQLite refuses a transaction that reads first and writes later if another process wrote in between. The server and the
job runner are two processes on one file, so every transaction begins with the write lock and waits for it.
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
