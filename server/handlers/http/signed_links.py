"""Signed links that expire: an image element of a mini-program cannot send a token."""

import hashlib
import hmac
from datetime import datetime, timedelta
from urllib.parse import urlencode

from miniprogram_contract.base import SignedLink
from server.adapters import Dependencies
from server.errors import NotFound

VALID_FOR = timedelta(hours=1)
# Expiry is rounded up, so that a phone that asks again finds the picture in its cache.
ROUNDED_TO = 300


def signed_link(path: str, subject: str, dependencies: Dependencies, *, now: datetime, **parameters: str | int) -> str:
    """Return an absolute link to the path that is valid for an hour. `subject` names what the link may show."""
    until = int((now + VALID_FOR).timestamp()) // ROUNDED_TO * ROUNDED_TO + ROUNDED_TO
    signature = _sign(subject, until, dependencies.signing_secret)
    return absolute(path, dependencies, **parameters, until=until, signature=signature)


def absolute(path: str, dependencies: Dependencies, **parameters: str | int) -> str:
    """Return an absolute link to the path below /api/v1."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{dependencies.public_url}/api/v1{path}{query}"


def require_valid(link: SignedLink, subject: str, dependencies: Dependencies) -> None:
    """Raise `NotFound` unless the link was made by this server for the subject and has not expired."""
    expected = _sign(subject, link.until, dependencies.signing_secret)
    if not hmac.compare_digest(expected, link.signature) or dependencies.clock.now().timestamp() >= link.until:
        raise NotFound


def _sign(subject: str, until: int, secret: bytes) -> str:
    return hmac.new(secret, f"{subject}:{until}".encode(), hashlib.sha256).hexdigest()[:40]
