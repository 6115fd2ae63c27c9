"""The roster 名单 for a steward's phone: whom to expect, so that it knows a ticket where there is no network.

Its signature says that a list of scans began with a list of ours: a digest of what it said, and an HMAC over that.
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
    """Somebody with a seat or a post: name masked, ticket as a hash that knows it when it is shown."""

    attendee_id: int
    name: str
    post: str | None
    ticket_sha256: str
    checked_in: bool
    checked_out: bool


@dataclass(frozen=True)
class Roster:
    """Whom to expect, and from when until when scans are taken."""

    activity_id: int
    issued_at: datetime
    opens_at: datetime
    ends_at: datetime
    expires_at: datetime
    people: list[RosterPerson]


@dataclass(frozen=True)
class RosterProof:
    """What a phone says of the roster it worked with."""

    issued_at: datetime
    signature: str


async def issue(activity_id: int, *, by: int, now: datetime) -> tuple[Roster, RosterProof]:
    """The roster as of now, for a steward, and its signature; until a day after the end.

    Raises NotFound, NotAllowed, ActivityOver, CheckInNotOpen.
    """
    activity = await access.get_published(activity_id)
    hours = await get_hours(activity)
    await require_steward(activity, hours, by, now)
    require_not_over(activity, hours.until, now)
    seated = Attendee.filter(activity_id=activity.id, current=1, booking__status__in=SEATED)
    # Only what it says: a thousand whole rows would hold everybody else up.
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
    """Refuse with InvalidRoster what no roster of this activity was signed with."""
    digest = proof.signature.partition(".")[0]
    right = _signature(activity, proof.issued_at, digest)
    if not hmac.compare_digest(right.encode(), proof.signature.encode()):
        raise InvalidRoster
