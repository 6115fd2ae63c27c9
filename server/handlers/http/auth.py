"""Identify the caller by the token and check their roles."""

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

# How long a cached session is valid without asking the database. A revoked session is also deleted from the cache.
CACHED_SECONDS = 30
TOKEN = re.compile(r"[\x21-\x7e]{1,200}")


class Roles(Enum):
    """The roles that may call an endpoint."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    STAFF = "staff"
    OFFICER = "officer"
    CITY_OFFICER = "city_officer"


@dataclass(frozen=True)
class Caller:
    """A signed-in person. `staff` is their scope if the endpoint requires a staff role."""

    person_id: int
    session_id: int
    staff: Staff | None = None

    @property
    def scope(self) -> Staff:
        """Return their scope as staff. An endpoint that requires a staff role always has one."""
        assert self.staff is not None
        return self.staff


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def cache_key(hashed: str) -> str:
    return f"session:{hashed}"


def require_token(authorization: str, roles: Roles) -> None:
    """Raise `NotSignedIn` if the header holds nothing like a token, before the rest of the request is read."""
    if roles is not Roles.ANYONE:
        _token(authorization)


def _token(authorization: str) -> str:
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not TOKEN.fullmatch(token):
        raise NotSignedIn
    return token


async def identify(
    authorization: str, roles: Roles, dependencies: Dependencies, now: datetime, *, fresh: bool
) -> Caller | None:
    """Return the caller of the token in the header.

    Raises `NotSignedIn` without a valid token, and `NotAllowed` if the caller lacks the roles. With `fresh` the cache
    is not used: a person whose session has ended can change nothing.
    """
    if roles is Roles.ANYONE:
        return None
    caller = await _signed_in(authorization, dependencies, now, fresh=fresh and roles is Roles.SIGNED_IN)
    if roles is Roles.SIGNED_IN:
        return caller
    # Roles are read from the database each time, so a role that has ended is refused at once.
    scope = await staff.of_session(caller.person_id, caller.session_id)
    if scope is None:
        raise NotSignedIn
    if not _has_roles(scope, roles):
        raise NotAllowed
    return Caller(caller.person_id, caller.session_id, scope)


def _has_roles(scope: Staff, roles: Roles) -> bool:
    return {Roles.STAFF: scope.has_any_role, Roles.OFFICER: scope.is_officer, Roles.CITY_OFFICER: scope.is_city}[roles]


async def _signed_in(authorization: str, dependencies: Dependencies, now: datetime, *, fresh: bool) -> Caller:
    hashed = token_hash(_token(authorization))
    if not fresh and (caller := await _cached_caller(hashed, dependencies, now)):
        return caller
    found = await sessions.of_token(hashed, now=now, kept=dependencies.session_lifetime)
    if found is None:
        raise NotSignedIn
    until = min(found.expires_at.timestamp(), now.timestamp() + CACHED_SECONDS)
    known = {"person": found.person_id, "session": found.id, "until": until}
    await dependencies.cache.set(cache_key(hashed), json.dumps(known).encode(), CACHED_SECONDS)
    return Caller(found.person_id, found.id)


async def _cached_caller(hashed: str, dependencies: Dependencies, now: datetime) -> Caller | None:
    cached = await dependencies.cache.get(cache_key(hashed))
    if cached is None:
        return None
    known = json.loads(cached)
    return Caller(known["person"], known["session"]) if known["until"] > now.timestamp() else None
