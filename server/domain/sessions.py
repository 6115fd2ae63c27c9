"""Sessions: sign in, recognise a token by its hash, sign out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.exceptions import OperationalError

from server.database import db
from server.domain import reference, stand_ins
from server.domain.stand_ins import CurrentRole
from server.errors import AccountShutOut, NotFound
from server.models import Person, Session

# A session in use is prolonged at most this often: one write an hour, not one a request.
PROLONGED_EVERY = timedelta(hours=1)


@db.transaction
async def sign_in(openid: str, *, token_hash: str, device: str, kept: timedelta, now: datetime) -> Session:
    """Start a session of the person with this `openid`, who is created at their first visit.

    Raises `AccountShutOut` if they were shut out.
    """
    await db.insert_or_nothing("person", **_newcomer(openid, now))
    # Locked: a person who is being shut out gets no session.
    person = await Person.filter(openid=openid).select_for_update().get()
    if person.disabled_at is not None:
        raise AccountShutOut
    return await Session.create(
        person=person,
        token_hash=token_hash,
        device=device,
        created_at=now,
        last_used_at=now,
        expires_at=now + kept,
    )


async def is_shut_out(person_id: int) -> bool:
    """Return whether the person was shut out, for what others do with or for them. They themselves have no session."""
    return not await Person.filter(id=person_id, disabled_at=None).exists()


async def require_not_shut_out(person_id: int) -> None:
    """Raise `NotFound` if the person was shut out: for links, which have no session."""
    if await is_shut_out(person_id):
        raise NotFound


def _newcomer(openid: str, now: datetime) -> dict[str, object]:
    person = Person(openid=openid, created_at=now)
    return {"id": person.id, "openid": openid, "created_at": now}


@dataclass(frozen=True)
class CurrentSession:
    """A valid session with its person's current roles, and the number of the set-up at that moment."""

    id: int
    person_id: int
    roles: Sequence[CurrentRole]
    reference_number: int | None


# One row for each current role, or one without a role; no row if the session ended or the person was shut out.
CURRENT_SESSION = """
    SELECT s.id, s.person_id, s.last_used_at, v.number, {role}
    FROM session s JOIN person p ON p.id = s.person_id
    LEFT JOIN role r ON r.person_id = s.person_id AND r.current = 1
    LEFT JOIN station h ON h.id = r.station_id
    LEFT JOIN reference_version v ON v.id = {row}
    WHERE s.token_hash = ? AND s.revoked_at IS NULL AND s.expires_at > ? AND p.disabled_at IS NULL
"""


async def of_token(token_hash: str, *, now: datetime, kept: timedelta) -> CurrentSession | None:
    """Return the valid session of a token, prolonged if it is in use, or None."""
    statement = CURRENT_SESSION.format(role=stand_ins.columns(), row=reference.ROW)
    _, rows = await db.execute(statement, [token_hash, now])
    if not rows:
        return None
    first = rows[0]
    if now - db.from_database(first["last_used_at"]) >= PROLONGED_EVERY:
        await _prolong(first["id"], now=now, kept=kept)
    roles = [stand_ins.role_of(row) for row in rows if row["kind"]]
    return CurrentSession(first["id"], first["person_id"], roles, first["number"])


async def _prolong(session_id: int, *, now: datetime, kept: timedelta) -> None:
    try:
        await Session.filter(id=session_id, revoked_at=None).update(last_used_at=now, expires_at=now + kept)
    except OperationalError as error:
        if not db.lost(error):
            raise
        # A full disk must not stop a person who only reads: prolong later.


async def of_person(person_id: int, *, now: datetime) -> list[Session]:
    """Return the person's valid sessions, newest first."""
    return await Session.filter(person_id=person_id, revoked_at=None, expires_at__gt=now).order_by(
        "-last_used_at", "-id"
    )


@db.transaction
async def sign_out(session_id: int, *, of: int, now: datetime) -> None:
    """End one session of the person: its token does not count from the next request on. Raises `NotFound`."""
    if not await Session.filter(id=session_id, person_id=of, revoked_at=None).update(revoked_at=now):
        raise NotFound


async def end_all(person_id: int, *, now: datetime) -> int:
    """End all sessions of the person, in the verb's transaction. Return how many."""
    db.require_transaction()
    return await Session.filter(person_id=person_id, revoked_at=None, expires_at__gt=now).update(revoked_at=now)


@db.transaction
async def end_all_of_everybody(*, now: datetime) -> int:
    """End every session, for example after a backup was restored. Return how many."""
    # A session that has expired by this clock may be valid by another one.
    return await Session.filter(revoked_at=None).update(revoked_at=now)
