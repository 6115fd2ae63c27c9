"""Codes that people read aloud and type: the slip of a need, tickets, certificates, invitations."""

import hashlib
import secrets
import unicodedata
from urllib.parse import unquote

# Without 0, 1, I, L, O: read over the telephone, typed by old fingers.
SLIP_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SLIP_LENGTH = 10
_SEPARATORS = {ord(one): None for one in " \t\u3000-‐‑–—−_.·"}


def plain_code(typed: str) -> str:
    """Return a code as it is kept: in capital letters, without the spaces and dashes of a person or of a path."""
    return unicodedata.normalize("NFKC", unquote(typed)).upper().translate(_SEPARATORS)


def new_code(length: int) -> str:
    """Return a random code of so many of 31 letters."""
    return "".join(secrets.choice(SLIP_LETTERS) for _ in range(length))


def new_slip_code() -> str:
    """Return the random code of a need's slip: 10 of 31 letters."""
    return new_code(SLIP_LENGTH)


def hash_of(code: str) -> str:
    """Return the hash under which a code is kept that counts once, however it was typed."""
    return hashlib.sha256(plain_code(code).encode()).hexdigest()
