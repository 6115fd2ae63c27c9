"""Tickets 报名凭证: a code for each seat, shown to the person who booked it and checked at the entrance.

A code holds the attendee's id and 64 bits of an HMAC, so that a check reads one row. A ticket cannot be made from its
hash.
"""

import hashlib
import hmac

from server.domain.slip_codes import SLIP_LETTERS, plain_code
from server.models import Activity

# An id has 53 bits and a letter nearly five. Together these are six groups of four letters.
ID_LETTERS = 11
MAC_LETTERS = 13
CODE_LENGTH = ID_LETTERS + MAC_LETTERS


def code(activity: Activity, attendee_id: int) -> str:
    """Return the ticket of a seat: 24 letters that cannot be guessed without the activity's secret."""
    message = f"ticket:{activity.id}:{attendee_id}".encode()
    mac = int.from_bytes(hmac.digest(activity.check_in_secret.encode(), message, hashlib.sha256))
    return _letters(attendee_id, ID_LETTERS) + _letters(mac, MAC_LETTERS)


def _letters(number: int, length: int) -> str:
    """Return the number's last digits, written with the letters of slips."""
    letters = ""
    for _ in range(length):
        number, place = divmod(number, len(SLIP_LETTERS))
        letters = SLIP_LETTERS[place] + letters
    return letters


def normalise(shown: str) -> str:
    """Return the letters of a ticket as it was scanned or typed."""
    return plain_code(shown)


def attendee_of(activity: Activity, shown: str) -> int | None:
    """Return the attendee's id of a ticket of this activity, or None if it is not one; reads no table."""
    letters = normalise(shown)
    if len(letters) != CODE_LENGTH or not set(letters) <= set(SLIP_LETTERS):
        return None
    attendee_id = 0
    for letter in letters[:ID_LETTERS]:
        attendee_id = attendee_id * len(SLIP_LETTERS) + SLIP_LETTERS.index(letter)
    return attendee_id if hmac.compare_digest(code(activity, attendee_id), letters) else None
