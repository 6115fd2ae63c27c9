"""Addresses that send many unknown tokens: these are refused as too many, and looked up one at a time."""

from datetime import datetime, timedelta
from typing import TypeVar

from server.adapters.rate_limits import RateLimiter

# Hundreds of phones may share the address of a network, and sign in again after their sessions ended.
MOST, SECONDS = 100, 60
MOST_KEPT = 10_000

T = TypeVar("T")


class UnknownTokens:
    """Counts requests with unknown tokens by their address, for all instances together.

    Hundreds of people share the address of a network. So a valid token is never refused for good: one that this
    instance has seen to be valid goes on, and another one comes in when no look-up of its address is running. What is
    kept here gives nobody a right: each request is looked up in the database.
    """

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter
        self._seen: dict[str, int] = {}  # whose token it was
        self._waiting: dict[str, datetime] = {}
        self._looking_up: set[str] = set()

    def begin_look_up(self, hashed: str, address: str, now: datetime) -> bool:
        """Return whether the token with this hash may be looked up now; `end_look_up` follows."""
        until = self._waiting.get(address)
        if until is None or until <= now or hashed in self._seen:
            return True
        if address in self._looking_up:
            return False
        self._looking_up.add(address)
        return True

    def end_look_up(self, address: str) -> None:
        self._looking_up.discard(address)

    def note_valid(self, hashed: str, person_id: int) -> None:
        _keep(self._seen, hashed, person_id)

    def writer_of(self, hashed: str, address: str) -> str:
        """Return whose line of pleas a request waits in: that of the person, or of the address of an unseen token.

        So many sessions of one account, and invented tokens of one address, are one writer each.
        """
        person_id = self._seen.get(hashed)
        return f"address:{address}" if person_id is None else f"person:{person_id}"

    async def count_unknown(self, address: str, now: datetime) -> int:
        """Count a request with an unknown token. Return the seconds that its address has to wait, 0 for none."""
        wait = await self._limiter.take("unknown token", address, most=MOST, seconds=SECONDS, now=now)
        if wait:
            _keep(self._waiting, address, now + timedelta(seconds=wait))
        return wait


def _keep(kept: dict[str, T], key: str, value: T) -> None:
    """Keep the newest entries; the newest is the last."""
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]
