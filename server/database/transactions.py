"""Transactions: the only way to change the database.

Every verb of the domain that changes something is `@db.transaction`: its body runs in one transaction, completely or
not at all, and is repeated if the database broke a deadlock by rolling it back.
"""

import asyncio
import functools
import logging
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from tortoise import connections
from tortoise.backends.base.client import TransactionContext
from tortoise.transactions import in_transaction as tortoise_transaction  # noqa: TID251 - the only place that opens transactions

from server.database.connection import connection
from server.database.errors import code, repeatable
from server.errors import Busy, OutcomeUnknown

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("server.database")

ATTEMPTS = 4
ROLLBACK_SECONDS = 2

_open: ContextVar[bool] = ContextVar("transaction_open", default=False)


def transaction(verb: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Make the verb one transaction, repeated as a whole if the database rolled it back.

    A verb that is called inside another verb's transaction joins it: the outermost one commits and repeats.
    Raises `Busy` if nothing was done, `OutcomeUnknown` if the connection was lost while committing.
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
                log.info("%s is repeated after %s", verb.__name__, code(error) or "a lock")
            await asyncio.sleep(random.uniform(0.005, 0.03) * attempt)  # noqa: S311 - a jitter, not a secret
        raise Busy

    return whole


def require_transaction() -> None:
    """Fail outside of a transaction: for steps of a verb that are safe only inside it."""
    assert _open.get(), "this step belongs inside a transaction"


def in_transaction() -> bool:
    """Return whether this task has an open transaction."""
    return _open.get()


async def _attempt(verb: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
    pool, context = connection(), tortoise_transaction()
    try:
        await _begin(context)
        token = _open.set(True)
        try:
            result = await verb(*args, **kwargs)
        except BaseException as error:
            await _roll_back(context, error)
            raise
        finally:
            _open.reset(token)
        await _commit(context)
    finally:
        if connection() is not pool:  # if releasing it was interrupted, this task would keep another task's connection
            connections.reset(context.token)  # type: ignore[attr-defined]  # both of our context classes have a token
    return result


async def _begin(context: TransactionContext) -> None:
    try:
        await context.__aenter__()
    except BaseException as error:
        # If BEGIN is cancelled, Tortoise would keep the connection for ever.
        if hasattr(context, "token"):
            await _roll_back(context, error)
        raise


async def _roll_back(context: TransactionContext, error: BaseException) -> None:
    try:
        async with asyncio.timeout(ROLLBACK_SECONDS):
            await context.__aexit__(type(error), error, error.__traceback__)
    except Exception as second:  # noqa: BLE001 - the first error is raised; the connection is given up
        log.info("rollback failed: %s", type(second).__name__)


async def _commit(context: TransactionContext) -> None:
    try:
        await context.__aexit__(None, None, None)
    except Exception as error:
        if repeatable(error):
            raise
        raise OutcomeUnknown from error
