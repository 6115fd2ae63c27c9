"""Sessions: sign in, recognise a token by its hash, sign out."""

from datetime import datetime, timedelta

from tortoise.exceptions import OperationalError

from server.database import db
from server.database.prepared import Prepared
from server.errors import NotFound
from server.models import Person, Session

# A session in use is prolonged at most this often: one write an hour, not one a request.
PROLONGED_EVERY = timedelta(hours=1)


@db.transaction
async def sign_in(openid: str, *, token_hash: str, device: str, kept: timedelta, now: datetime) -> Session:
    """Start a session of the person with this `openid`, who is created at their first visit."""
    await db.insert_or_nothing("person", **_newcomer(openid, now))
    person = await Person.get(openid=openid)
    if person.disabled_at is not None:
        raise NotFound
    return await Session.create(
        person=person,
        token_hash=token_hash,
        device=device,
        created_at=now,
        last_used_at=now,
        expires_at=now + kept,
    )


async def require_not_disabled(person_id: int) -> None:
    """Raise `NotFound` if the person was shut out."""
    if not await Person.filter(id=person_id, disabled_at=None).exists():
        raise NotFound


def _newcomer(openid: str, now: datetime) -> dict[str, object]:
    person = Person(openid=openid, created_at=now)
    return {"id": person.id, "openid": openid, "created_at": now}


_VALID = Prepared(
    lambda token_hash, now: Session.filter(
        token_hash=token_hash, revoked_at=None, expires_at__gt=now, person__disabled_at=None
    )
)


async def of_token(token_hash: str, *, now: datetime, kept: timedelta) -> Session | None:
    """Return the valid session of a token, prolonged if it is in use, or None."""
    session = await _VALID.first(token_hash, now)
    if session is not None and now - session.last_used_at >= PROLONGED_EVERY:
        await _prolong(session, now=now, kept=kept)
    return session


async def _prolong(session: Session, *, now: datetime, kept: timedelta) -> None:
    until = now + kept
    try:
        await Session.filter(id=session.id, revoked_at=None).update(last_used_at=now, expires_at=until)
    except OperationalError as error:
        if not db.lost(error):
            raise
        return  # a full disk must not stop a person who only reads: prolong later
    session.expires_at = until


async def of_person(person_id: int, *, now: datetime) -> list[Session]:
    """Return the person's valid sessions, newest first."""
    return await Session.filter(person_id=person_id, revoked_at=None, expires_at__gt=now).order_by(
        "-last_used_at", "-id"
    )


@db.transaction
async def sign_out(session_id: int, *, of: int, now: datetime) -> str:
    """End one session of the person. Returns the hash of the token that no longer counts."""
    session = await Session.filter(id=session_id, person_id=of, revoked_at=None).select_for_update().first()
    if session is None:
        raise NotFound
    await Session.filter(id=session.id).update(revoked_at=now)
    return session.token_hash
