"""What a steward's phone saw, and whom it means: somebody by their row, or by the ticket they showed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain.bookings import tickets
from server.models import Activity, Attendee


class Outcome(StrEnum):
    """How a scan ended; all but the first three are for the steward to look after."""

    CHECKED_IN = "checked_in"
    CHECKED_OUT = "checked_out"
    ALREADY = "already"
    UNKNOWN_TICKET = "unknown_ticket"
    OTHER_ACTIVITY = "other_activity"
    BOOKING_CANCELLED = "booking_cancelled"
    NOT_SEATED = "not_seated"
    NOT_A_VOLUNTEER = "not_a_volunteer"
    NOT_CHECKED_IN = "not_checked_in"
    TOO_EARLY = "too_early"
    OWN_CHECK_IN = "own_check_in"
    OUTSIDE_HOURS = "outside_hours"
    FROM_THE_FUTURE = "from_the_future"
    ACTIVITY_OVER = "activity_over"


DONE = frozenset({Outcome.CHECKED_IN, Outcome.CHECKED_OUT, Outcome.ALREADY})


@dataclass(frozen=True)
class Scanned:
    """One scan, by an id of the phone's own: a ticket or a row of the list, coming or going, when by its clock."""

    client_id: str
    scanned_at: datetime
    attendee_id: int | None = None
    ticket: str = ""
    out: bool = False


@dataclass(frozen=True)
class Meant:
    """A scan and the row of this activity it means; without one, `wrong` says why."""

    scan: Scanned
    attendee_id: int | None
    wrong: Outcome = Outcome.UNKNOWN_TICKET


async def recognise(activity: Activity, scans: Sequence[Scanned]) -> list[Meant]:
    """Whom each scan means."""
    given = {one.attendee_id for one in scans if one.attendee_id is not None}
    where = dict(await Attendee.filter(id__in=sorted(given) or [0]).values_list("id", "activity_id"))
    shown = await _of_tickets(activity, {_typed(one.ticket) for one in scans if one.ticket})
    return [_meant(one, activity, where, shown) for one in scans]


def _meant(scan: Scanned, activity: Activity, where: dict[int, int], shown: dict[str, int]) -> Meant:
    if scan.attendee_id is None:
        return Meant(scan, shown.get(_typed(scan.ticket)))
    if scan.attendee_id not in where:
        return Meant(scan, None)
    here = where[scan.attendee_id] == activity.id
    return Meant(scan, scan.attendee_id if here else None, Outcome.OTHER_ACTIVITY)


async def _of_tickets(activity: Activity, shown: Collection[str]) -> dict[str, int]:
    """The rows of tickets, by their letters: each row's own is made once, however many are shown."""
    everybody = await Attendee.filter(activity_id=activity.id).values_list("id", flat=True) if shown else []
    return {tickets.code(activity, one): one for one in everybody}  # type: ignore[arg-type, misc]


def _typed(ticket: str) -> str:
    return ticket.upper().replace("-", "").replace(" ", "")
