"""Redis: it holds only data that may be lost, and its absence costs almost nothing."""

import asyncio
import functools
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import DataError, RedisError, ResponseError

CONNECTIONS = 32
CALL_SECONDS = 0.5
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 5

# A key that lost its expiry gets a new one, otherwise its caller would be refused for ever.
INCREMENT = """
local count = redis.call('INCRBY', KEYS[1], ARGV[2])
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Breaker:
    """A circuit breaker: after some failures in a row it admits no call for seconds, then one probe at a time."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._probe_at: float | None = None
        self._probing = False

    def admits(self) -> bool:
        """Return whether to call now. An admitted call must end in `succeeded`, `failed` or `gave_up`."""
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
        # A server that refuses a command (read-only, full) will refuse it again: no need to try three times.
        self._failures += FAILURES_TO_OPEN if isinstance(error, ResponseError) else 1
        if self._failures < FAILURES_TO_OPEN:
            return
        if self._probe_at is None:
            # Only the name of the error: its text may quote keys.
            logger.warning("Redis gives no answer (%s): going on without it", type(error).__name__)
        # Calls that were running when it opened end here too. They neither shorten nor repeat the wait.
        if self._probe_at is None or self._probing:
            self._probe_at = self._monotonic() + OPEN_SECONDS
        self._probing = False

    def gave_up(self) -> None:
        """Record that the caller left before there was an answer."""
        self._probing = False


class RedisCache:
    """A cache whose content may be lost at any moment. No call raises if Redis is dead, stalled or flushed.

    Such a call takes at most `CALL_SECONDS` and returns None or False. After three in a row no caller waits until a
    probe succeeds. Deleting may fail too, so a value is kept only as long as a stale copy is harmless.
    """

    def __init__(self, url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            # A call as a whole has a limit. With a limit for each step, redis-py may overlook the end of the call.
            timeout=None,
            socket_timeout=None,
            socket_connect_timeout=None,
            # By default redis-py repeats an INCR that timed out, which counts twice.
            retry=Retry(NoBackoff(), 0),
            # The newer protocol and the driver's name would cost round trips on every new connection.
            protocol=2,
            driver_info=None,
            decode_responses=False,
        )
        self._redis: Redis = Redis.from_pool(pool)
        self._breaker = Breaker(monotonic)

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None if there is none or Redis does not answer."""
        return await self._ask(lambda: self._redis.get(key), otherwise=None)

    async def set(self, key: str, value: bytes, seconds: int) -> bool:
        """Store the value for some seconds. Return False if that is not certain."""
        return bool(await self._ask(lambda: self._redis.set(key, value, ex=seconds), otherwise=False))

    async def increment(self, key: str, seconds: int, by: int = 1) -> int | None:
        """Add to a counter that lives some seconds from its first use. Return None if Redis does not answer."""
        run = functools.partial(self._redis.eval, INCREMENT, 1, key, str(seconds), str(by))
        count: int | None = await self._ask(run, otherwise=None)
        return count

    async def is_up(self) -> bool:
        return bool(await self._ask(self._redis.ping, otherwise=False))

    async def close(self) -> None:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await self._redis.aclose()
        except (RedisError, OSError) as error:
            logger.warning("Redis connections did not close cleanly (%s)", type(error).__name__)

    async def _ask(self, call: Callable[[], Awaitable[Any]], *, otherwise: T) -> Any | T:
        if not self._breaker.admits():
            return otherwise
        try:
            async with asyncio.timeout(CALL_SECONDS):
                answer = await call()
        except DataError:
            self._breaker.gave_up()
            raise  # an error of our own code, before anything was sent
        except (RedisError, OSError) as error:
            self._breaker.failed(error)
            return otherwise
        except BaseException:
            self._breaker.gave_up()
            raise
        self._breaker.succeeded()
        return answer
