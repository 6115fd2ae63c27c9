"""How often somebody may do something."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from server.adapters.redis import RedisCache

MOST_COUNTERS = 10_000
PORTIONS = 30


class RateLimiter:
    """Counts in Redis for all instances together, and here as well.

    The count here goes on when Redis is dead or flushed, so that a limit then still holds for each instance.
    Of a wide limit Redis is told in portions, a thirtieth of it: most people never fill one, and cost no call; who asks
    at several instances may get so much more at each.
    `who` is an address or an openid: with a secret of the server, nobody who reads Redis can guess it back.
    """

    def __init__(self, memory: RedisCache, *, secret: bytes = b"") -> None:
        self._memory = memory
        self._secret = secret
        self._here = Counters()

    async def take(self, name: str, who: str, *, most: int, seconds: int, now: datetime) -> int:
        """Answer 0 when allowed, else the seconds to wait; at most `most` in each window of `seconds`."""
        whose = hmac.digest(self._secret, f"{name}\0{who}".encode(), "sha256")
        instant = int(now.timestamp())
        # Everybody's windows begin at another moment, so those who wait do not all come back at once.
        shift = int.from_bytes(whose[:4]) % seconds
        window, passed = divmod(instant + shift, seconds)
        wait = seconds - passed
        key = f"limit:{name}:{seconds}:{whose.hex()[:32]}:{window}"
        here = self._here.increment(key, ends=instant + wait, now=instant)
        count, portion = here.count, max(1, most // PORTIONS)
        counted = count + here.elsewhere
        # Whom this instance alone has already counted past the limit, Redis need not hear of.
        if count <= most and count % portion == 0:
            counted = max(counted, await self._memory.increment(key, seconds, portion) or 0)
            # Others of this instance may be under way: what they told counts as theirs, not as elsewhere's.
            here.elsewhere = max(here.elsewhere, counted - here.count)
        return wait if counted > most else 0


@dataclass
class Counter:
    """What was counted here, and elsewhere as far as Redis last said, in a window that ends at that second."""

    ends: int
    count: int = 0
    elsewhere: int = 0


class Counters:
    """Counts in this process, at most `MOST_COUNTERS` of them: the ended go first, then the oldest."""

    def __init__(self) -> None:
        self._counted: dict[str, Counter] = {}

    def __len__(self) -> int:
        return len(self._counted)

    def increment(self, key: str, *, ends: int, now: int) -> Counter:
        if key not in self._counted and len(self._counted) >= MOST_COUNTERS:
            self._make_room(now)
        counter = self._counted.setdefault(key, Counter(ends))
        counter.count += 1
        return counter

    def _make_room(self, now: int) -> None:
        left = [(key, counter) for key, counter in self._counted.items() if counter.ends > now]
        # A quarter at a time: a flood of strangers must not make each of them look through all the others.
        surplus = max(0, len(left) - MOST_COUNTERS * 3 // 4)
        self._counted = dict(left[surplus:])
