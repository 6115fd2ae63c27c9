"""Tortoise's client for MariaDB and MySQL, with transactions whose BEGIN travels with their first statement.

aiomysql connects with MULTI_STATEMENTS, so `BEGIN; INSERT …` is one round trip with two results. A transaction that
sends nothing sends no BEGIN either.
"""

from typing import Any

import aiomysql
from tortoise.backends.base.client import TransactionContext, TransactionContextPooled
from tortoise.backends.mysql.client import MySQLClient, TransactionWrapper, translate_exceptions


class _Transaction(TransactionWrapper):
    _begun = False

    async def begin(self) -> None:
        self._begun = self._finalized = False

    async def commit(self) -> None:
        if self._begun:
            await super().commit()
        self._finalized = True

    async def rollback(self) -> None:
        if self._begun:
            await super().rollback()
        self._finalized = True

    @translate_exceptions
    async def execute_insert(self, query: str, values: list[Any]) -> int:
        cursor = await self._sent(query, values)
        return int(cursor.lastrowid)

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, list[dict[str, Any]]]:
        cursor = await self._sent(query, values)
        rows = await cursor.fetchall()
        names = [column[0] for column in cursor.description or ()]
        return cursor.rowcount, [dict(zip(names, row, strict=True)) for row in rows]

    @translate_exceptions
    async def execute_many(self, query: str, values: list[Any]) -> None:
        await self._sent_begin()
        await super().execute_many(query, values)

    async def _sent(self, query: str, values: list[Any] | None) -> aiomysql.Cursor:
        """Send the statement, the first one together with BEGIN. Return the cursor at the last result."""
        self.log.debug("%s: %s", query, values)
        async with self.acquire_connection() as connection:
            cursor = await connection.cursor()
            if self._begun:
                await cursor.execute(query, values)
            else:
                # The server begins before it reads the statement: if that fails, the transaction is still open.
                self._begun = True
                await cursor.execute(f"BEGIN; {query}", values)
            # Of several statements the last one's result counts; the error of any is raised here.
            while await cursor.nextset():
                pass
            return cursor

    async def _sent_begin(self) -> None:
        if not self._begun:
            self._begun = True
            await self._connection.begin()


class Client(MySQLClient):
    def _in_transaction(self) -> TransactionContext:
        return TransactionContextPooled(_Transaction(self), self._pool_init_lock)


client_class = Client
