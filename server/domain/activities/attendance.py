"""The people of an activity: whether it may end, and whether its staff can check somebody in or out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import households

# A volunteer checks out at least so long after the check-in.
SHORTEST_STAY = timedelta(minutes=1)
# Rows of a query on `activity`. At posts: volunteers `a`. Serving: those who are checked in and not out.
_AT_POSTS = """
    FROM post p JOIN booking b ON b.post_id = p.id JOIN attendee a ON a.booking_id = b.id
    WHERE p.activity_id = activity.id
"""
_SERVING = f"{_AT_POSTS} AND a.current = 1 AND a.checked_in_at IS NOT NULL AND a.checked_out_at IS NULL"
# Parties with seats of whom nobody has checked in, and parties with an open offer.
_MISSING = """
    FROM booking b WHERE b.activity_id = activity.id AND b.status = 'booked' AND b.post_id IS NULL
     AND NOT EXISTS (SELECT 1 FROM attendee a WHERE a.booking_id = b.id AND a.checked_in_at IS NOT NULL)
"""
_OFFERED = "FROM booking b WHERE b.activity_id = activity.id AND b.status = 'offered' AND b.post_id IS NULL"
# Volunteers for whose hours the reader may vouch, as `check_ins/four_eyes.py` for staff.
_VOUCHED_BY = f"""
    a.person_id IS NOT NULL AND a.person_id NOT IN ({households.NEAR_IDS}) AND NOT EXISTS (
     SELECT 1 FROM attendee own JOIN booking o ON o.id = own.booking_id
     WHERE own.activity_id = activity.id AND own.person_id = ? AND own.current = 1 AND o.post_id IS NOT NULL
      AND a.person_id IN (own.checked_in_by_id, own.checked_out_by_id))
"""  # noqa: S608 - names of ours
_SEATED = f"""
    FROM booking b JOIN attendee a ON a.booking_id = b.id
    WHERE b.activity_id = activity.id AND b.status IN ('booked', 'attended') AND a.current = 1
     AND (b.post_id IS NULL OR {_VOUCHED_BY})
"""
_LEAVING = f"""{_AT_POSTS} AND {_VOUCHED_BY}
     AND (a.checked_out_at IS NOT NULL OR a.checked_in_at <= ? AND b.status IN ('booked', 'attended'))
"""
_ROWS = {"serving": _SERVING, "missing": _MISSING, "offered": _OFFERED, "seated": _SEATED, "leaving": _LEAVING}
# Columns of a query on `activity`, and those of the counts with which a verb refuses.
COLUMNS = ", ".join(f"EXISTS (SELECT 1 {found}) {name}" for name, found in _ROWS.items())
_COUNTS = ", ".join(f"(SELECT COUNT(*) {_ROWS[name]}) {name}" for name in ("serving", "missing", "offered"))


@dataclass(frozen=True)
class Attendance:
    """Whether there are such people: `serving` volunteers, parties that are `missing` or have an open offer.

    `seated` people can be checked in by the reader as staff, and `leaving` volunteers can be checked out.
    """

    serving: bool
    missing: bool
    offered: bool
    seated: bool
    leaving: bool

    @property
    def is_decided(self) -> bool:
        """Return whether everybody booked has come, and no offer is open."""
        return not self.missing and not self.offered


@dataclass(frozen=True)
class Counts:
    """The numbers of serving volunteers, missing parties and open offers."""

    serving: int
    missing: int
    offered: int


def values(reader: int, now: datetime) -> list[Any]:
    """Return the values of `COLUMNS`."""
    vouched_by = [*households.near_ids_values(reader, now=now), reader]
    return [*vouched_by, *vouched_by, now - SHORTEST_STAY]


def of(row: Mapping[str, Any]) -> Attendance:
    """Return the attendance in a row with `COLUMNS`."""
    return Attendance(**{name: bool(row[name]) for name in _ROWS})


async def count(activity_id: int) -> Counts:
    """Return the numbers for an activity that the caller has locked."""
    _, [row] = await db.execute(f"SELECT {_COUNTS} FROM activity WHERE id = ?", [activity_id])  # noqa: S608
    return Counts(row["serving"], row["missing"], row["offered"])
