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
from server.domain.check_ins.hours import hours_of, must_not_be_over
from server.domain.check_ins.stewards import must_be_steward
from server.domain.masking import mask_name
from server.errors import InvalidRoster
from server.models import Activity, Attendee

COLUMNS = ("id", "name", "person__name", "booking__post__title", "checked_in_at", "checked_out_at")


@dataclass(frozen=True)
class Expected:
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
    people: list[Expected]


@dataclass(frozen=True)
class Proof:
    """What a phone says of the roster it worked with."""

    issued_at: datetime
    signature: str


async def issue(activity_id: int, *, by: int, now: datetime) -> tuple[Roster, Proof]:
    """The roster as of now, for a steward, and its signature; until a day after the end.

    Raises NotFound, NotAllowed, ActivityOver, CheckInNotOpen.
    """
    activity = await access.published(activity_id)
    hours = await hours_of(activity)
    await must_be_steward(activity, hours, by, now)
    must_not_be_over(activity, hours.until, now)
    seated = Attendee.filter(activity_id=activity.id, current=1, booking__status__in=SEATED)
    # Only what it says: a thousand whole rows would hold everybody else up.
    found = await seated.order_by("id").values(*COLUMNS)
    issued_at = now.replace(microsecond=0)
    people = [_expected(activity, one) for one in found]
    made = Roster(activity.id, issued_at, hours.opens_at, hours.ends_at, hours.until, people)
    return made, Proof(issued_at, _signature(activity, issued_at, _digest(made)))


def _expected(activity: Activity, row: dict[str, Any]) -> Expected:
    ticket = hashlib.sha256(tickets.code(activity, row["id"]).encode()).hexdigest()
    name = mask_name(row["person__name"] or row["name"] or "")
    been = {"checked_in": row["checked_in_at"] is not None, "checked_out": row["checked_out_at"] is not None}
    return Expected(row["id"], name, row["booking__post__title"], ticket, **been)


def _digest(roster: Roster) -> str:
    said = json.dumps(asdict(roster), sort_keys=True, separators=(",", ":"), default=datetime.isoformat)
    return hashlib.sha256(said.encode()).hexdigest()


def _signature(activity: Activity, issued_at: datetime, digest: str) -> str:
    told = codes.signed(activity, "roster", f"{int(issued_at.timestamp())}:{digest}")
    return f"{digest}.{told.hex()}"


def must_be_ours(activity: Activity, proof: Proof) -> None:
    """Refuse with InvalidRoster what no roster of this activity was signed with."""
    digest = proof.signature.partition(".")[0]
    right = _signature(activity, proof.issued_at, digest)
    if not hmac.compare_digest(right.encode(), proof.signature.encode()):
        raise InvalidRoster
