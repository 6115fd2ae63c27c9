"""Look-ups of people by a whole number, such as a phone number: an act with a reason, logged and limited."""

from datetime import datetime, timedelta

from server.database import db
from server.domain import policies
from server.errors import TooManyLookUps
from server.models import LookUp, LookUpKind

HOUR = timedelta(hours=1)


async def record(kind: LookUpKind, *, reason: str, by: int, now: datetime) -> int:
    """Record a look-up before its search, whatever that finds. Return how many more the person may make this hour.

    They are counted in the database. Raises `TooManyLookUps` beyond the policy `look_ups_per_hour`.
    """
    db.require_transaction()
    # Without this lock, look-ups at the same time would not count each other.
    await db.execute(f"SELECT id FROM person WHERE id = ? {db.for_update()}", [by])  # noqa: S608 - no value of a caller
    made = LookUp.filter(person_id=by, at__gt=now - HOUR)
    left = await policies.number("look_ups_per_hour") - await made.count()
    if left <= 0:
        oldest = await made.order_by("at").first()
        raise TooManyLookUps(possible_from=oldest.at + HOUR if oldest is not None else now + HOUR)
    await LookUp.create(person_id=by, at=now, kind=kind, reason=reason)
    return left - 1
