"""Redis: it holds only what may be lost, and its absence costs next to nothing."""

import asyncio
import functools
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import DataError, RedisError, ResponseError

CONNECTIONS = 32
STEP_SECONDS = 0.3
CALL_SECONDS = 0.5
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 5

# A key that has lost its expiry gets a new one: otherwise whoever it counts would be refused for ever.
INCREMENT = """
local count = redis.call('INCRBY', KEYS[1], ARGV[2])
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Breaker:
    """Tells whether a call is worth trying: after failures in a row not for a while, then one at a time."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._probe_at: float | None = None
        self._probing = False

    def admits(self) -> bool:
        """Whether to call now; a yes must be followed by one of `succeeded`, `failed`, `gave_up`."""
        if self._probe_at is None:
            return True
        if self._probing or self._monotonic() < self._probe_at:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        if self._probe_at is not None:
            logger.info("Redis answers again")
        self._failures = 0
        self._probe_at = None
        self._probing = False

    def failed(self, error: Exception) -> None:
        # A server that refuses what it is asked (read-only, full) goes on refusing: no need to ask thrice.
        self._failures += FAILURES_TO_OPEN if isinstance(error, ResponseError) else 1
        if self._failures < FAILURES_TO_OPEN:
            return
        if self._probe_at is None:
            # The name of the error only: its text may quote keys.
            logger.warning("Redis gives no answer (%s): going on without it", type(error).__name__)
        # Calls that were under way when it opened end here too; they neither shorten nor repeat the wait.
        if self._probe_at is None or self._probing:
            self._probe_at = self._monotonic() + OPEN_SECONDS
        self._probing = False

    def gave_up(self) -> None:
        """Learn nothing: the caller went away before there was an answer."""
        self._probing = False


class RedisCache:
    """What may be forgotten at any moment: nothing here raises when Redis is dead, stalled or flushed.

    A call then costs at most `CALL_SECONDS` and answers None or False; after three in a row nobody waits
    any more until a probe succeeds. Deleting may fail as well, so nothing is kept longer than a stale
    copy would be harmless.
    """

    def __init__(self, url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=STEP_SECONDS,
            socket_timeout=STEP_SECONDS,
            socket_connect_timeout=STEP_SECONDS,
            # An INCR that timed out and is sent again, as a client of its own would do, counts twice.
            retry=Retry(NoBackoff(), 0),
            # The newer protocol and the driver's name cost round trips on every new connection.
            protocol=2,
            driver_info=None,
            decode_responses=False,
        )
        self._redis: Redis = Redis.from_pool(pool)
        self._breaker = Breaker(monotonic)

    async def get(self, key: str) -> bytes | None:
        """Give the value, or None when there is none or Redis cannot say."""
        return await self._ask(lambda: self._redis.get(key), otherwise=None)

    async def set(self, key: str, value: bytes, seconds: int) -> bool:
        """Keep the value for so many seconds; False when it was not kept for certain."""
        return bool(await self._ask(lambda: self._redis.set(key, value, ex=seconds), otherwise=False))

    async def delete(self, *keys: str) -> bool:
        """Forget the keys; False when they may still be there."""
        return await self._ask(lambda: self._redis.delete(*keys), otherwise=None) is not None

    async def increment(self, key: str, seconds: int, by: int = 1) -> int | None:
        """Count so many more under a key that lives so many seconds from its first; None: Redis cannot say."""
        count: int | None = await self.evaluate(INCREMENT, [key], seconds, by)
        return count

    async def evaluate(self, script: str, keys: Sequence[str], *values: str | int, insist: bool = False) -> Any:
        """Run a script of ours on the keys, whole or not at all; None: it answered nothing, or Redis cannot say.

        With `insist` it is tried although the last calls had no answer: for what is rare and others wait to learn.
        """
        run = functools.partial(self._redis.eval, script, len(keys), *keys, *values)
        return await self._ask(run, otherwise=None, insist=insist)

    async def is_up(self) -> bool:
        return bool(await self._ask(self._redis.ping, otherwise=False))

    async def close(self) -> None:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await self._redis.aclose()
        except (RedisError, OSError) as error:
            logger.warning("Redis connections did not close cleanly (%s)", type(error).__name__)

    async def _ask(self, call: Callable[[], Awaitable[Any]], *, otherwise: T, insist: bool = False) -> Any | T:
        if not self._breaker.admits() and not insist:
            return otherwise
        try:
            async with asyncio.timeout(CALL_SECONDS):
                answer = await call()
        except DataError:
            self._breaker.gave_up()
            raise  # a mistake in our own code, made before anything was sent
        except (RedisError, OSError) as error:
            self._breaker.failed(error)
            return otherwise
        except BaseException:
            self._breaker.gave_up()
            raise
        self._breaker.succeeded()
        return answer
