"""Answers about routes, kept for a moment in each process; none is used once what it depends on has changed."""

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
# How long a mark stands beyond the longest a change may take: longer than any answer from before it is used.
MARK_BEYOND_A_CHANGE_SECONDS = 2 * KEPT_SECONDS
# The areas of a whole country are changed in minutes.
LONGEST_CHORE_SECONDS = 600

# The changes under way, each with the second (of Redis's own clock) until which it counts; and the version.
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
# With the name of this run: restarted from what it once saved, Redis would name a version of before.
CURRENT = """
if redis.call('ZCOUNT', KEYS[1], redis.call('TIME')[1], '+inf') > 0 then return false end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
redis.call('SET', KEYS[2], ARGV[1], 'NX')
return redis.call('GET', KEYS[2]) .. run
"""

T = TypeVar("T")
# Redis's word, and how many changes this process itself has seen the end of.
Version = tuple[bytes, int]


@dataclass(frozen=True)
class Kept:
    answer: Any
    version: Version
    since: float


class RouteCache:
    """Keeps answers about routes, of one version of all they depend on.

    An answer is used for `KEPT_SECONDS` from when it was asked for, and only while Redis names the version it was
    asked under and no change under way. A change marks itself in Redis before its transaction begins, and after its
    end gives out a version never seen before and takes back its own mark, nobody else's. So:

    - Between the commit and the new version the mark stands, and everybody asks the database.
    - Killed there, or not knowing whether it was committed, the change leaves its mark. That outlives the change and
      every answer from before it, and while it stands none is used and none is kept.
    - Flushed, Redis knows no version: a new one is made up, and answers under the old one are never used again.
      Restarted, it is another run.
    - Without an answer from Redis the database is asked. A change that cannot reach Redis is made all the same, and
      told with the first answer this process has from it: an instance that does reach it may until then give the old
      answer, for at most `KEPT_SECONDS`. Its own never does.

    What is kept must be frozen: everybody gets the same.
    """

    def __init__(
        self,
        memory: RedisCache,
        *,
        longest_change_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._memory = memory
        self._mark_seconds = math.ceil(longest_change_seconds) + MARK_BEYOND_A_CHANGE_SECONDS
        self._monotonic = monotonic
        self._changes = 0
        self._untold: set[str] = set()  # marks of changes whose end Redis has not heard of
        self._kept: dict[Hashable, Kept] = {}

    async def answer(self, asked: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer that is kept, else what `ask` gives; what it raises is not kept."""
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
        """Put this around a transaction that changes stations, what they offer or cover, categories or areas."""
        mark = secrets.token_hex(8)
        await self._memory.evaluate(BEGIN, KEYS, mark, self._mark_seconds, insist=True)
        known = True
        try:
            yield
        except (OutcomeUnknown, asyncio.CancelledError):
            known = False  # it may still be committed, a moment after we said so
            raise
        finally:
            self._changes += 1
            if known:
                self._untold.add(mark)
                await self._tell(insist=True)

    async def _tell(self, *, insist: bool = False) -> None:
        for mark in sorted(self._untold):
            if not await self._memory.evaluate(END, KEYS, mark, secrets.token_hex(8), insist=insist):
                return  # one vain call is enough for whoever waits
            self._untold.discard(mark)

    async def _current(self) -> Version | None:
        await self._tell()
        version = await self._memory.evaluate(CURRENT, KEYS, secrets.token_hex(8))
        return None if version is None else (version, self._changes)

    def _keep(self, asked: Hashable, kept: Kept) -> None:
        self._kept.pop(asked, None)
        if len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]  # the oldest
        self._kept[asked] = kept


@contextlib.asynccontextmanager
async def changing(redis_url: str) -> AsyncIterator[None]:
    """As `RouteCache.changing`, for a chore that has no server around it."""
    memory = RedisCache(redis_url)
    try:
        async with RouteCache(memory, longest_change_seconds=LONGEST_CHORE_SECONDS).changing():
            yield
    finally:
        await memory.close()
