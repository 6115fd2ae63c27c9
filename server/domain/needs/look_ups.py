"""Look-ups of needs by a whole phone number, a slip code or a whole name, for staff who may read whose need it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.database.condition import select, where
from server.domain import audit, look_ups, reference
from server.domain.needs import access, housemates, listed
from server.domain.needs.filters import Search
from server.domain.needs.staff_queries import StaffNeed, listed_need
from server.domain.slip_codes import plain_code
from server.domain.staff import Staff, acts_at
from server.errors import NotAllowed
from server.models import LookUpKind, ReadingKind

MAX_FOUND = 20


@dataclass(frozen=True)
class FoundNeeds:
    """The needs found, newest first, and how many more look-ups the caller may make in this hour."""

    needs: list[StaffNeed]
    left: int


@db.transaction
async def find(
    *,
    phone: str | None = None,
    slip_code: str | None = None,
    name: str | None = None,
    reason: str,
    by: Staff,
    now: datetime,
) -> FoundNeeds:
    """Return the newest needs with this contact phone, slip code or name, all whole, whose contact the caller may read.

    The look-up is logged, and each person it finds sees it. Raises `TooManyLookUps`, and `NotAllowed` for officers, who
    may not read contacts.
    """
    if not by.station_ids:
        raise NotAllowed
    if phone is not None:
        kind, search = LookUpKind.PHONE, Search(where("n.contact_phone = ?", phone), "need_by_phone")
    elif name is not None:
        kind, search = LookUpKind.NAME, Search(where("n.contact_name = ?", name), "need_by_name")
    else:
        kind, search = LookUpKind.SLIP, Search(where("n.slip_code = ?", plain_code(slip_code or "")), None)
    left = await look_ups.record(kind, reason=reason, by=by.person_id, now=now)
    rows = await _readable(search, by)
    for row in rows:
        subject, person_id = f"need:{row['id']}", row["person_id"]
        await audit.read(subject, ReadingKind.LOOK_UP, of=person_id, by=by.person_id, reason=reason, now=now)
    needs = await reference.attach([listed.from_row(row) for row in rows], *listed.NAMED)
    return FoundNeeds([listed_need(one, row["assignee"]) for one, row in zip(needs, rows, strict=True)], left)


async def _readable(search: Search, by: Staff) -> Sequence[dict[str, Any]]:
    """Return the rows of needs that the caller may read and that are not their own (four eyes), newest first."""
    theirs = acts_at("n.station_id", by) & await access.with_readable_text(by) & await housemates.shown_to(by)
    own = access.own(by.person_id)
    return await select(
        f"{listed.COLUMNS}, p.name assignee",
        f"{search.source} LEFT JOIN person p ON p.id = n.assignee_id",
        search.condition & theirs & where(f"NOT {own.sql}", *own.values),
        "ORDER BY n.submitted_at DESC, n.id DESC LIMIT ?",
        last=(MAX_FOUND,),
    )
