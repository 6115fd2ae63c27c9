"""The caller: whose token this is and what they may do."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from server.adapters import Dependencies
from server.domain import sessions, staff
from server.domain.staff import Staff
from server.errors import NotAllowed, NotSignedIn

# How long a session may be believed without asking the database; a revoked one is also deleted from the cache.
CACHED_SECONDS = 30
TOKEN = re.compile(r"[\x21-\x7e]{1,200}")


class Who(Enum):
    """Who may call an endpoint."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    STAFF = "staff"
    OFFICER = "officer"
    CITY = "city officer"


@dataclass(frozen=True)
class Caller:
    """A signed-in person; `staff` is their scope where the endpoint asked for staff."""

    person_id: int
    session_id: int
    staff: Staff | None = None

    @property
    def scope(self) -> Staff:
        """Their scope as staff; endpoints for staff always have one."""
        assert self.staff is not None
        return self.staff


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def cache_key(hashed: str) -> str:
    return f"session:{hashed}"


def must_carry_token(authorization: str, who: Who) -> None:
    """Raise NotSignedIn for who shows nothing like a token: nothing else they said needs to be read."""
    if who is not Who.ANYONE:
        _token(authorization)


def _token(authorization: str) -> str:
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not TOKEN.fullmatch(token):
        raise NotSignedIn
    return token


async def identify(
    authorization: str, who: Who, dependencies: Dependencies, now: datetime, *, fresh: bool
) -> Caller | None:
    """The caller behind the header; NotSignedIn without a valid token, NotAllowed when their roles do not reach.

    With `fresh` the cache is not believed: who was shut out a second ago changes nothing any more.
    """
    if who is Who.ANYONE:
        return None
    caller = await _signed_in(authorization, dependencies, now, fresh=fresh and who is Who.SIGNED_IN)
    if who is Who.SIGNED_IN:
        return caller
    # Roles are read each time: who was shut out a second ago is out.
    scope = await staff.of_session(caller.person_id, caller.session_id)
    if scope is None:
        raise NotSignedIn
    if not _reaches(scope, who):
        raise NotAllowed
    return Caller(caller.person_id, caller.session_id, scope)


def _reaches(scope: Staff, who: Who) -> bool:
    return {Who.STAFF: scope.is_anybody, Who.OFFICER: scope.is_officer, Who.CITY: scope.is_city}[who]


async def _signed_in(authorization: str, dependencies: Dependencies, now: datetime, *, fresh: bool) -> Caller:
    hashed = token_hash(_token(authorization))
    if not fresh and (caller := await _remembered(hashed, dependencies, now)):
        return caller
    found = await sessions.of_token(hashed, now=now, kept=dependencies.session_kept)
    if found is None:
        raise NotSignedIn
    until = min(found.expires_at.timestamp(), now.timestamp() + CACHED_SECONDS)
    known = {"person": found.person_id, "session": found.id, "until": until}
    await dependencies.memory.set(cache_key(hashed), json.dumps(known).encode(), CACHED_SECONDS)
    return Caller(found.person_id, found.id)


async def _remembered(hashed: str, dependencies: Dependencies, now: datetime) -> Caller | None:
    cached = await dependencies.memory.get(cache_key(hashed))
    if cached is None:
        return None
    known = json.loads(cached)
    return Caller(known["person"], known["session"]) if known["until"] > now.timestamp() else None
