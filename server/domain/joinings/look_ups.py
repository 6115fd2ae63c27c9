"""People found by a whole phone number, a slip, or the code that their phone shows: never by browsing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.database.condition import select, where
from server.domain import audit, look_ups, people, reference
from server.domain.joinings import codes
from server.domain.needs import access
from server.domain.slip_codes import plain_code
from server.domain.staff import Staff
from server.errors import NotAllowed
from server.models import LookUpKind, Person, ReadingKind

MAX_FOUND = 20


@dataclass(frozen=True)
class FoundPeople:
    """The people found, with their homes, and how many more look-ups the caller may make in this hour."""

    people: Sequence[Person]
    left: int


@db.transaction
async def find(
    *,
    phone: str | None = None,
    slip_code: str | None = None,
    person_code: str | None = None,
    reason: str,
    by: Staff,
    now: datetime,
) -> FoundPeople:
    """Return the people with this whole phone number, slip or code.

    The look-up is logged, and each person found sees it. For a day the caller's station knows these people: needs,
    bookings and orders may be entered for them. Raises `TooManyLookUps`, `InvalidPersonCode`, and `NotAllowed` for
    officers, who act for nobody at a counter.
    """
    if not by.station_ids:
        raise NotAllowed
    if person_code is not None:
        left = await look_ups.record(LookUpKind.CODE, reason=reason, by=by.person_id, now=now)
        ids: Collection[int] = [(await codes.use(person_code, now=now)).id]
    elif slip_code is not None:
        left = await look_ups.record(LookUpKind.SLIP, reason=reason, by=by.person_id, now=now)
        # Alarms carry slip codes: whose a confidential need is, is found only by those who may read it.
        held = where("n.slip_code = ?", plain_code(slip_code)) & await access.with_readable_text(by)
        ids = [row["person_id"] for row in await select("n.person_id", "need n", held)]
    else:
        left = await look_ups.record(LookUpKind.PHONE, reason=reason, by=by.person_id, now=now)
        ids = await Person.filter(phone=phone).limit(MAX_FOUND).values_list("id", flat=True)  # type: ignore[assignment]
    found = await Person.filter(id__in=list(ids) or [0], joined_to_id=None).order_by("-created_at", "-id")
    for one in found:
        subject = people.file_of(one.id)
        await audit.read(subject, ReadingKind.FOUND, of=one.id, by=by.person_id, reason=reason, now=now)
    return FoundPeople(await reference.attach(found, "home"), left)
