"""The roster 名单 for a steward's phone, so that it recognises tickets without a network.

Its signature proves that scans were made with a roster of ours: a digest of the roster and an HMAC over it.
"""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from server.domain.bookings import tickets
from server.domain.check_ins import access, codes
from server.domain.check_ins.eligibility import SEATED
from server.domain.check_ins.hours import get_hours, require_not_over
from server.domain.check_ins.stewards import require_steward
from server.domain.masking import mask_name
from server.errors import InvalidRoster
from server.models import Activity, Attendee

COLUMNS = ("id", "name", "person__name", "booking__post__title", "checked_in_at", "checked_out_at")


@dataclass(frozen=True)
class RosterPerson:
    """An attendee with a seat or a post: the name masked, the ticket as a hash."""

    attendee_id: int
    name: str
    post: str | None
    ticket_sha256: str
    checked_in: bool
    checked_out: bool


@dataclass(frozen=True)
class Roster:
    """The expected attendees, and the times during which scans are accepted."""

    activity_id: int
    issued_at: datetime
    opens_at: datetime
    ends_at: datetime
    expires_at: datetime
    people: list[RosterPerson]


@dataclass(frozen=True)
class RosterProof:
    """The part of the roster that a phone sends back with its scans."""

    issued_at: datetime
    signature: str


async def issue(activity_id: int, *, by: int, now: datetime) -> tuple[Roster, RosterProof]:
    """Return the roster for a steward and its signature, until a day after the end.

    Raises NotFound, NotAllowed, ActivityOver, CheckInNotOpen.
    """
    activity = await access.get_published(activity_id)
    hours = await get_hours(activity)
    await require_steward(activity, hours, by, now)
    require_not_over(activity, hours.until, now)
    seated = Attendee.filter(activity_id=activity.id, current=1, booking__status__in=SEATED)
    # Read only the needed columns: a thousand whole rows would block other requests.
    rows = await seated.order_by("id").values(*COLUMNS)
    issued_at = now.replace(microsecond=0)
    people = [_person(activity, one) for one in rows]
    roster = Roster(activity.id, issued_at, hours.opens_at, hours.ends_at, hours.until, people)
    return roster, RosterProof(issued_at, _signature(activity, issued_at, _digest(roster)))


def _person(activity: Activity, row: dict[str, Any]) -> RosterPerson:
    ticket = hashlib.sha256(tickets.code(activity, row["id"]).encode()).hexdigest()
    name = mask_name(row["person__name"] or row["name"] or "")
    flags = {"checked_in": row["checked_in_at"] is not None, "checked_out": row["checked_out_at"] is not None}
    return RosterPerson(row["id"], name, row["booking__post__title"], ticket, **flags)


def _digest(roster: Roster) -> str:
    text = json.dumps(asdict(roster), sort_keys=True, separators=(",", ":"), default=datetime.isoformat)
    return hashlib.sha256(text.encode()).hexdigest()


def _signature(activity: Activity, issued_at: datetime, digest: str) -> str:
    mac = codes.sign(activity, "roster", f"{int(issued_at.timestamp())}:{digest}")
    return f"{digest}.{mac.hex()}"


def require_valid(activity: Activity, proof: RosterProof) -> None:
    """Raise InvalidRoster unless the signature is of a roster of this activity."""
    digest = proof.signature.partition(".")[0]
    right = _signature(activity, proof.issued_at, digest)
    if not hmac.compare_digest(right.encode(), proof.signature.encode()):
        raise InvalidRoster
