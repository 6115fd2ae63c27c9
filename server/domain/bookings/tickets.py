"""Tickets 报名凭证: a code for each seat, shown to who booked it and known again at the door.

It names its row and carries 64 bits of an HMAC over it: one row is looked at, and whoever holds its hash makes none.
"""

import hashlib
import hmac

from server.domain.slip_codes import SLIP_LETTERS
from server.models import Activity

# Ids have 53 bits, a letter nearly five. Together six groups of four.
ID_LETTERS = 11
MAC_LETTERS = 13
CODE_LENGTH = ID_LETTERS + MAC_LETTERS


def code(activity: Activity, attendee_id: int) -> str:
    """The ticket of a seat: 24 letters nobody makes up without the activity's secret."""
    message = f"ticket:{activity.id}:{attendee_id}".encode()
    mac = int.from_bytes(hmac.digest(activity.check_in_secret.encode(), message, hashlib.sha256))
    return _letters(attendee_id, ID_LETTERS) + _letters(mac, MAC_LETTERS)


def _letters(number: int, length: int) -> str:
    """The last so many letters of a number."""
    letters = ""
    for _ in range(length):
        number, place = divmod(number, len(SLIP_LETTERS))
        letters = SLIP_LETTERS[place] + letters
    return letters


def normalise(shown: str) -> str:
    """The letters of a ticket as it was scanned or read out."""
    return shown.upper().replace("-", "").replace(" ", "")


def attendee_of(activity: Activity, shown: str) -> int | None:
    """Whose ticket of the activity it is, by the attendee's id; None for what is none. Nothing is looked up."""
    letters = normalise(shown)
    if len(letters) != CODE_LENGTH or not set(letters) <= set(SLIP_LETTERS):
        return None
    attendee_id = 0
    for letter in letters[:ID_LETTERS]:
        attendee_id = attendee_id * len(SLIP_LETTERS) + SLIP_LETTERS.index(letter)
    return attendee_id if hmac.compare_digest(code(activity, attendee_id), letters) else None
