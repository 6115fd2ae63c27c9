"""Codes that people read aloud and type: the slip of a need, tickets, certificates, invitations."""

import secrets
import unicodedata

# Without 0, 1, I, L, O: read over the telephone, typed by old fingers.
SLIP_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SLIP_LENGTH = 10
_SEPARATORS = {ord(one): None for one in " \t\u3000-‐‑–—−_.·"}


def plain_code(typed: str) -> str:
    """Return a code as it is kept: in capital letters, without the spaces and dashes of a person who types it."""
    return unicodedata.normalize("NFKC", typed).upper().translate(_SEPARATORS)


def new_slip_code() -> str:
    """Return the random code of a need's slip: 10 of 31 letters."""
    return "".join(secrets.choice(SLIP_LETTERS) for _ in range(SLIP_LENGTH))
