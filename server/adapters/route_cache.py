"""A cache of routing answers in each process. An answer is not used after the data it depends on has changed."""

import asyncio
import contextlib
import math
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from server.adapters.redis import RedisCache
from server.errors import OutcomeUnknown

KEPT_SECONDS = 30
MOST_KEPT = 2_000
# Seconds that a mark outlives the longest change: longer than any earlier answer is used.
MARK_BEYOND_A_CHANGE_SECONDS = 2 * KEPT_SECONDS
# Changing the areas of a whole country takes minutes.
LONGEST_IMPORT_SECONDS = 600

# The running changes, each with the second (of Redis's clock) until which it counts; and the version.
KEYS = ("routing:changing", "routing:version")
BEGIN = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
local lives = ARGV[2] + 1
if redis.call('TTL', KEYS[1]) < lives then redis.call('EXPIRE', KEYS[1], lives) end
"""
END = """
redis.call('SET', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[1], ARGV[1])
return 1
"""
# The version includes Redis's run id: a Redis that restarts from a snapshot would name an old version.
CURRENT = """
if redis.call('ZCOUNT', KEYS[1], redis.call('TIME')[1], '+inf') > 0 then return false end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
redis.call('SET', KEYS[2], ARGV[1], 'NX')
return redis.call('GET', KEYS[2]) .. run
"""

T = TypeVar("T")
# Redis's version, and how many changes this process has finished.
Version = tuple[bytes, int]


@dataclass(frozen=True)
class Kept:
    answer: Any
    version: Version
    since: float


class RouteCache:
    """Caches routing answers under one version of the data they depend on.

    An answer is used for `KEPT_SECONDS`, and only while Redis names its version and no running change. A change writes
    a mark to Redis before its transaction begins. After its end it writes a new version and removes its own mark. So:

    - Between the commit and the new version the mark exists, and every instance asks the database.
    - A change that is killed there, or does not know whether it was committed, leaves its mark. The mark outlives the
      change and every earlier answer. While it exists, no answer is used or stored.
    - A flushed Redis knows no version. A new one is created, and answers under the old one are never used again.
      A restarted Redis has another run id.
    - Without an answer from Redis the database is asked. A change that cannot reach Redis is made anyway, and reported
      with the next answer from Redis. Until then another instance that reaches Redis may give the old answer, for at
      most `KEPT_SECONDS`; this instance never does.

    A cached answer must be immutable, because all callers share it.
    """

    def __init__(
        self,
        cache: RedisCache,
        *,
        longest_change_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cache = cache
        self._mark_seconds = math.ceil(longest_change_seconds) + MARK_BEYOND_A_CHANGE_SECONDS
        self._monotonic = monotonic
        self._changes = 0
        self._unreported: set[str] = set()  # marks of changes whose end was not reported to Redis
        self._kept: dict[Hashable, Kept] = {}

    async def answer(self, asked: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Return the cached answer, else the answer of `ask`. An error of `ask` is not cached."""
        began = self._monotonic()
        version = await self._current()
        kept = self._kept.get(asked)
        if kept is not None and kept.version == version and began - kept.since < KEPT_SECONDS:
            known: T = kept.answer
            return known
        answer = await ask()
        if version is not None:
            self._keep(asked, Kept(answer, version, began))
        return answer

    @contextlib.asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """Wrap a transaction that changes stations, their categories or coverage, or areas."""
        mark = secrets.token_hex(8)
        await self._cache.evaluate(BEGIN, KEYS, mark, self._mark_seconds, insist=True)
        known = True
        try:
            yield
        except (OutcomeUnknown, asyncio.CancelledError):
            known = False  # it may still be committed
            raise
        finally:
            self._changes += 1
            if known:
                self._unreported.add(mark)
                await self._report(insist=True)

    async def _report(self, *, insist: bool = False) -> None:
        for mark in sorted(self._unreported):
            if not await self._cache.evaluate(END, KEYS, mark, secrets.token_hex(8), insist=insist):
                return  # one failed call is enough: a caller waits
            self._unreported.discard(mark)

    async def _current(self) -> Version | None:
        await self._report()
        version = await self._cache.evaluate(CURRENT, KEYS, secrets.token_hex(8))
        return None if version is None else (version, self._changes)

    def _keep(self, asked: Hashable, kept: Kept) -> None:
        self._kept.pop(asked, None)
        if len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]  # the oldest
        self._kept[asked] = kept


@contextlib.asynccontextmanager
async def changing(redis_url: str) -> AsyncIterator[None]:
    """Do the same as `RouteCache.changing`, for a script without a server."""
    cache = RedisCache(redis_url)
    try:
        async with RouteCache(cache, longest_change_seconds=LONGEST_IMPORT_SECONDS).changing():
            yield
    finally:
        await cache.close()
