"""Idempotency: a repeated request gets the first answer. Key, request hash and answer are stored in one transaction."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.database import db
from server.errors import IdempotencyKeyReused
from server.models import IdempotencyKey

KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Answer:
    """The answer to a request: an HTTP status and a body."""

    status: int
    body: str


@dataclass(frozen=True)
class Claim:
    """A person's key for one request, and the hash of that request."""

    person_id: int
    key: str
    request_hash: str

    @property
    def id(self) -> str:
        return hashlib.sha256(f"{self.person_id}:{self.key}".encode()).hexdigest()


async def earlier(claim: Claim) -> Answer | None:
    """Return the stored answer to this request, if any. Raises `IdempotencyKeyReused` for another request."""
    row = await IdempotencyKey.get_or_none(id=claim.id)
    if row is None:
        return None
    if row.request_hash != claim.request_hash:
        raise IdempotencyKeyReused
    # Key and answer are written in one transaction.
    assert row.status is not None
    assert row.answer is not None
    return Answer(row.status, row.answer)


@db.transaction
async def once(claim: Claim, work: Callable[[], Awaitable[Answer]], *, now: datetime) -> Answer:
    """Do the work, or return the stored answer. Two requests with one key wait for each other at the key's row."""
    claimed = await db.insert_or_nothing(
        "idempotency_key", id=claim.id, request_hash=claim.request_hash, created_at=now
    )
    if not claimed:
        answer = await earlier(claim)
        assert answer is not None, "the row exists and is locked"
        return answer
    answer = await work()
    await db.execute(
        "UPDATE idempotency_key SET status = ?, answer = ? WHERE id = ?", [answer.status, answer.body, claim.id]
    )
    return answer


@db.transaction
async def forget_old(*, now: datetime) -> int:
    """Delete keys that are older than seven days. Return how many."""
    return await IdempotencyKey.filter(created_at__lt=now - KEPT).delete()
