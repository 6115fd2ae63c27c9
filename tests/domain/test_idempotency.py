"""A stored answer is readable only with the Idempotency-Key, and only in the row where it was stored."""

import asyncio
from base64 import b64decode
from dataclasses import replace

import pytest

from server.domain import idempotency
from server.domain.idempotency import Answer, Claim
from server.encryption import UnreadableError
from server.errors import IdempotencyKeyReused, NotFound
from server.models import IdempotencyKey
from tests.conftest import NOW

CLAIM = Claim(7, "0b7e9f9c1c1f4f0e9d583f6c2d1f6a51", "POST /needs", "a" * 64)
ANSWER = Answer(201, '{"contact_name": "王秀英"}', "need:123")


async def readable(_: str) -> None:
    """Let every caller read."""


async def unreadable(_: str) -> None:
    raise NotFound


async def work() -> Answer:
    return ANSWER


def decrypted(claim: Claim, *, status: int = 201, subject: str = "need:123") -> Answer:
    return claim.decrypted(CLAIM.encrypted(ANSWER), status=status, subject=subject)


def test_answer_is_decrypted_with_its_key():
    assert decrypted(CLAIM) == ANSWER


@pytest.mark.parametrize(
    "other",
    [{"key": "f" * 32}, {"person_id": 8}, {"operation": "POST /photos"}, {"request_hash": "b" * 64}],
    ids=lambda other: next(iter(other)),
)
def test_answer_is_not_decrypted_for_another_claim(other):
    with pytest.raises(UnreadableError):
        decrypted(replace(CLAIM, **other))


@pytest.mark.parametrize("other", [{"status": 200}, {"subject": "need:124"}], ids=lambda other: next(iter(other)))
def test_answer_is_not_decrypted_beside_another_column(other):
    with pytest.raises(UnreadableError):
        decrypted(CLAIM, **other)


def test_answer_encrypted_twice_is_stored_differently():
    assert CLAIM.encrypted(ANSWER) != CLAIM.encrypted(ANSWER)


async def test_table_holds_neither_key_nor_words(database):
    await idempotency.once(CLAIM, work, readable, now=NOW)

    row = dict(await IdempotencyKey.get())

    assert (row["person_id"], row["operation"], row["subject"]) == (7, "POST /needs", "need:123")
    stored = repr({name: value for name, value in row.items() if name != "answer"})
    assert CLAIM.key not in stored
    assert b"contact_name" not in b64decode(row["answer"])
    assert "王秀英".encode() not in b64decode(row["answer"])


async def test_repeated_claim_is_answered_from_the_table(database):
    await idempotency.once(CLAIM, work, readable, now=NOW)

    assert await idempotency.earlier(CLAIM, readable) == ANSWER
    assert await idempotency.once(CLAIM, work, readable, now=NOW) == ANSWER


async def test_caller_who_may_not_read_the_subject_gets_no_answer(database):
    await idempotency.once(CLAIM, work, readable, now=NOW)

    for repeated in (idempotency.earlier(CLAIM, unreadable), idempotency.once(CLAIM, work, unreadable, now=NOW)):
        with pytest.raises(NotFound):
            await repeated
    assert await idempotency.earlier(CLAIM, readable) == ANSWER


async def test_another_request_is_refused_before_its_subject_is_asked(database):
    await idempotency.once(CLAIM, work, readable, now=NOW)

    with pytest.raises(IdempotencyKeyReused):
        await idempotency.earlier(replace(CLAIM, request_hash="b" * 64), unreadable)


async def test_same_key_at_once_on_several_connections_does_the_work_once(database):
    done = []

    async def counted() -> Answer:
        done.append(1)
        await asyncio.sleep(0)
        return ANSWER

    answers = await asyncio.gather(*(idempotency.once(CLAIM, counted, readable, now=NOW) for _ in range(8)))

    assert answers == [ANSWER] * 8
    assert len(done) == 1
    assert await IdempotencyKey.all().count() == 1


async def test_work_that_fails_stores_no_key(database):
    async def failing() -> Answer:
        raise NotFound

    with pytest.raises(NotFound):
        await idempotency.once(CLAIM, failing, readable, now=NOW)

    assert not await IdempotencyKey.exists()
    assert await idempotency.once(CLAIM, work, readable, now=NOW) == ANSWER
