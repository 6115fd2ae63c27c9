"""Idempotency: a repeated request gets the first answer. Key, request hash and answer are stored in one transaction.

The answer is encrypted under a key that only the Idempotency-Key gives, and the Idempotency-Key is not stored: a copy
of the table shows nobody an answer. A stored answer is given only to a caller who may still read its subject.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.database import db
from server.encryption import TextCipher, UnreadableError
from server.errors import IdempotencyKeyReused
from server.models import IdempotencyKey

KEPT = timedelta(days=7)

# Raises the refusal of a caller who may not read the subject with this key any more.
RequireReadable = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Answer:
    """The answer to a request: an HTTP status, a body, and the key of what it is about, such as `need:7`."""

    status: int
    body: str
    subject: str


@dataclass(frozen=True)
class Claim:
    """A person's key for one request of an operation, and the hash of that request."""

    person_id: int
    key: str
    operation: str
    request_hash: str

    @property
    def id(self) -> str:
        return hashlib.sha256(f"{self.person_id}:{self.key}".encode()).hexdigest()

    def encrypted(self, answer: Answer) -> str:
        """Return the answer's body as it is stored."""
        place = self._place(answer.status, answer.subject)
        return b64encode(self._cipher().encrypt(answer.body, place=place)).decode()

    def decrypted(self, stored: str, *, status: int, subject: str) -> Answer:
        """Return the stored answer. Raises `UnreadableError` if any column of its row was changed."""
        body = self._cipher().decrypt(b64decode(stored), place=self._place(status, subject))
        return Answer(status, body, subject)

    def _cipher(self) -> TextCipher:
        return TextCipher(self.key.encode(), purpose=f"stored answer of {self.person_id}")

    def _place(self, status: int, subject: str) -> str:
        """Return everything else in the row: an answer cannot be moved to another one."""
        return "\n".join([self.id, self.operation, self.request_hash, str(status), subject])


async def earlier(claim: Claim, require_readable: RequireReadable) -> Answer | None:
    """Return the stored answer to this request, if any.

    Raises `IdempotencyKeyReused` for another request, and what `require_readable` raises.
    """
    row = await IdempotencyKey.get_or_none(id=claim.id)
    if row is None:
        return None
    if row.request_hash != claim.request_hash:
        raise IdempotencyKeyReused
    # Key and answer are written in one transaction.
    assert row.status is not None
    assert row.subject is not None
    assert row.answer is not None
    await require_readable(row.subject)
    try:
        return claim.decrypted(row.answer, status=row.status, subject=row.subject)
    except UnreadableError:  # somebody changed the row: it gives nobody an answer
        raise IdempotencyKeyReused from None


STORE = "UPDATE idempotency_key SET status = ?, subject = ?, answer = ? WHERE id = ?"


@db.transaction
async def once(
    claim: Claim, work: Callable[[], Awaitable[Answer]], require_readable: RequireReadable, *, now: datetime
) -> Answer:
    """Do the work, or return the stored answer as `earlier` does.

    Two requests with one key wait for each other at the key's row.
    """
    row = {"id": claim.id, "request_hash": claim.request_hash, "person_id": claim.person_id}
    claimed = await db.insert_or_nothing("idempotency_key", **row, operation=claim.operation, created_at=now)
    if not claimed:
        answer = await earlier(claim, require_readable)
        assert answer is not None, "the row exists and is locked"
        return answer
    answer = await work()
    await db.execute(STORE, [answer.status, answer.subject, claim.encrypted(answer), claim.id])
    return answer


@db.transaction
async def forget_old(*, now: datetime) -> int:
    """Delete keys that are older than seven days. Return how many."""
    return await IdempotencyKey.filter(created_at__lt=now - KEPT).delete()
