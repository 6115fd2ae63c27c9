"""Rate limits: how often a person or an address may call an operation."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from server.adapters.redis import RedisCache

MOST_COUNTERS = 10_000
BATCHES = 30


class RateLimiter:
    """Counts calls in Redis for all instances together, and in this process as well.

    The local count goes on if Redis is dead or flushed, so each instance still enforces the limit. Large limits are
    reported to Redis in batches of a thirtieth: most callers never fill a batch and cost no call to Redis, and a caller
    who uses several instances may get one batch more at each. `caller` is an address or a person; it is stored as a
    hash with a secret of the server, so a reader of Redis cannot find it out.
    """

    def __init__(self, cache: RedisCache, *, secret: bytes = b"") -> None:
        self._cache = cache
        self._secret = secret
        self._local = Counters()

    async def take(self, name: str, caller: str, *, most: int, seconds: int, now: datetime) -> int:
        """Return 0 if the call is allowed, else the seconds to wait. Allows `most` calls per window of `seconds`."""
        hashed = hmac.digest(self._secret, f"{name}\0{caller}".encode(), "sha256")
        instant = int(now.timestamp())
        # The windows of callers begin at different moments, so that waiting callers do not all return together.
        shift = int.from_bytes(hashed[:4]) % seconds
        window, passed = divmod(instant + shift, seconds)
        wait = seconds - passed
        key = f"limit:{name}:{seconds}:{hashed.hex()[:32]}:{window}"
        local = self._local.increment(key, ends=instant + wait, now=instant)
        count, batch = local.count, max(1, most // BATCHES)
        counted = count + local.elsewhere
        # A caller past the limit on this instance alone need not be reported to Redis.
        if count <= most and count % batch == 0:
            counted = max(counted, await self._cache.increment(key, seconds, batch) or 0)
            # Calls of this instance may be running: their reports count as local, not as elsewhere.
            local.elsewhere = max(local.elsewhere, counted - local.count)
        return wait if counted > most else 0


@dataclass
class Counter:
    """The calls counted locally, and elsewhere by Redis's last answer, in a window that ends at `ends`."""

    ends: int
    count: int = 0
    elsewhere: int = 0


class Counters:
    """At most `MOST_COUNTERS` counters in this process. Ended ones are dropped first, then the oldest."""

    def __init__(self) -> None:
        self._counted: dict[str, Counter] = {}

    def __len__(self) -> int:
        return len(self._counted)

    def increment(self, key: str, *, ends: int, now: int) -> Counter:
        if key not in self._counted and len(self._counted) >= MOST_COUNTERS:
            self._drop_some(now)
        counter = self._counted.setdefault(key, Counter(ends))
        counter.count += 1
        return counter

    def _drop_some(self, now: int) -> None:
        left = [(key, counter) for key, counter in self._counted.items() if counter.ends > now]
        # Drop a quarter at a time, so that a flood of new callers does not scan all counters for each call.
        surplus = max(0, len(left) - MOST_COUNTERS * 3 // 4)
        self._counted = dict(left[surplus:])
