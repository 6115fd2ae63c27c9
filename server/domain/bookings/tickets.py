"""Tickets 报名凭证: a short code for each seat, shown to who booked it and known again at the door."""

import hashlib
import hmac
from collections.abc import Iterable

from server.domain.needs.filing import SLIP_LETTERS
from server.models import Activity

CODE_LENGTH = 8
_SPACE = len(SLIP_LETTERS) ** CODE_LENGTH


def code(activity: Activity, attendee_id: int) -> str:
    """The ticket of a seat: eight letters nobody makes up without the activity's secret."""
    said = f"ticket:{attendee_id}".encode()
    number = int.from_bytes(hmac.new(activity.check_in_secret.encode(), said, hashlib.sha256).digest()) % _SPACE
    letters = []
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(SLIP_LETTERS))
        letters.append(SLIP_LETTERS[place])
    return "".join(letters)


def attendee_of(activity: Activity, shown: str, attendee_ids: Iterable[int]) -> int | None:
    """Whose ticket it is, of these attendees of the activity; None for none of them."""
    typed = shown.upper().replace("-", "").replace(" ", "").encode()
    found = [one for one in attendee_ids if hmac.compare_digest(code(activity, one).encode(), typed)]
    return found[0] if len(found) == 1 else None
