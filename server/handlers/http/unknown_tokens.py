"""Addresses that send many unknown tokens wait before the next one is looked up."""

from datetime import datetime, timedelta
from typing import TypeVar

from server.adapters.rate_limits import RateLimiter

# Hundreds of phones may share the address of a network, and sign in again after their sessions ended.
MOST, SECONDS = 100, 60
MOST_KEPT = 10_000

T = TypeVar("T")


class UnknownTokens:
    """Counts requests with unknown tokens by their address, for all instances together.

    A token that this instance has seen to be valid is looked up all the same, so that others behind the address of a
    network go on. What is kept here gives nobody a right: each request is still looked up in the database.
    """

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter
        self._seen: dict[str, int] = {}  # whose token it was
        self._waiting: dict[str, datetime] = {}

    def seconds_to_wait(self, hashed: str, address: str, now: datetime) -> int:
        """Return 0 if the token with this hash may be looked up, else the seconds that the address has to wait."""
        until = self._waiting.get(address)
        if until is None or until <= now or hashed in self._seen:
            return 0
        return int((until - now).total_seconds()) + 1

    def note_valid(self, hashed: str, person_id: int) -> None:
        _keep(self._seen, hashed, person_id)

    def writer_of(self, hashed: str, address: str) -> str:
        """Return whose line of pleas a request waits in: that of the person, or of the address of an unseen token.

        So many sessions of one account, and invented tokens of one address, are one writer each.
        """
        person_id = self._seen.get(hashed)
        return f"address:{address}" if person_id is None else f"person:{person_id}"

    async def count_unknown(self, address: str, now: datetime) -> None:
        """Count a request with an unknown token."""
        wait = await self._limiter.take("unknown token", address, most=MOST, seconds=SECONDS, now=now)
        if wait:
            _keep(self._waiting, address, now + timedelta(seconds=wait))


def _keep(kept: dict[str, T], key: str, value: T) -> None:
    """Keep the newest entries; the newest is the last."""
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]
