"""Identify the caller by the token and check their roles."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from server.adapters import Dependencies
from server.domain import reference, sessions, staff
from server.domain.staff import Staff
from server.errors import NotAllowed, NotSignedIn

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


def require_token(authorization: str) -> str:
    """Return the token. Raises `NotSignedIn` if the header holds nothing like one."""
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not TOKEN.fullmatch(token):
        raise NotSignedIn
    return token


async def identify(authorization: str, roles: Roles, dependencies: Dependencies, now: datetime) -> Caller | None:
    """Return the caller of the token in the header. From then on the set-up in memory is right for this request.

    Session, person, roles and the number of the set-up come from one statement: a person who was shut out, or whose
    role has ended, is refused at once. Raises `NotSignedIn` without a valid token, `NotAllowed` if the caller lacks
    the roles.
    """
    if roles is Roles.ANYONE:
        await reference.refresh()
        return None
    hashed = token_hash(require_token(authorization))
    found = await sessions.of_token(hashed, now=now, kept=dependencies.session_lifetime)
    if found is None:
        raise NotSignedIn
    await reference.ensure(found.reference_number)
    if roles is Roles.SIGNED_IN:
        return Caller(found.person_id, found.id)
    scope = await staff.scope_of(found.person_id, found.roles)
    if not _has_roles(scope, roles):
        raise NotAllowed
    return Caller(found.person_id, found.id, scope)


def _has_roles(scope: Staff, roles: Roles) -> bool:
    return {Roles.STAFF: scope.has_any_role, Roles.OFFICER: scope.is_officer, Roles.CITY_OFFICER: scope.is_city}[roles]
