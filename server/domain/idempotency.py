"""Idempotency: a repeated request gets the first answer. Key, request hash and answer are stored in one transaction.

The answer is encrypted under a key that only the Idempotency-Key gives, and the Idempotency-Key is not stored: a copy
of the table shows nobody an answer. A stored answer is given only to a caller who may still read its subject.
"""

import hashlib
import secrets
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.database import db
from server.errors import IdempotencyKeyReused
from server.models import IdempotencyKey

KEPT = timedelta(days=7)
NONCE_BYTES = 12

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
        nonce = secrets.token_bytes(NONCE_BYTES)
        bound = self._bound(answer.status, answer.subject)
        return b64encode(nonce + self._cipher().encrypt(nonce, answer.body.encode(), bound)).decode()

    def decrypted(self, stored: str, *, status: int, subject: str) -> Answer:
        """Return the stored answer. Raises `InvalidTag` if any column of its row was changed."""
        written = b64decode(stored)
        nonce, body = written[:NONCE_BYTES], written[NONCE_BYTES:]
        return Answer(status, self._cipher().decrypt(nonce, body, self._bound(status, subject)).decode(), subject)

    def _cipher(self) -> AESGCM:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"stored answer of {self.person_id}".encode())
        return AESGCM(derive.derive(self.key.encode()))

    def _bound(self, status: int, subject: str) -> bytes:
        """Return what is not secret and must not change: an answer cannot be moved to another row."""
        return "\n".join([self.id, self.operation, self.request_hash, str(status), subject]).encode()


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
    return claim.decrypted(row.answer, status=row.status, subject=row.subject)


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
