"""A need as lists read it: the columns that they show, instead of all."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from server.database import db
from server.database.condition import among, select
from server.models import Area, Category, NeedStatus, Station, Urgency


@dataclass
class ListedNeed:
    """The columns of a need that lists show, and what `reference.attach` puts beside them."""

    id: int
    status: NeedStatus
    urgency: Urgency
    category_id: int
    station_id: int
    area_id: int
    person_id: int
    referred_to_id: int | None
    assignee_id: int | None
    contact_name: str
    contact_phone: str
    text: str
    slip_code: str
    submitted_at: datetime
    response_due_at: datetime
    completion_due_at: datetime
    next_due_at: datetime | None
    due_rank: int
    accepted_at: datetime | None
    urgings: int
    merged_into_id: int | None

    category: Category = field(init=False)
    station: Station = field(init=False)
    area: Area = field(init=False)


NAMES = [one.name for one in fields(ListedNeed) if one.init]
COLUMNS = ", ".join(f"n.{name}" for name in NAMES)
MOMENTS = [name for name in NAMES if name.endswith("_at")]
NAMED = ("category", "station", "area")


def from_row(row: Mapping[str, Any]) -> ListedNeed:
    """Return the need of a row that has at least `COLUMNS`."""
    columns = {name: row[name] for name in NAMES}
    columns |= {name: columns[name] and db.from_database(columns[name]) for name in MOMENTS}
    return ListedNeed(**columns | {"status": NeedStatus(row["status"]), "urgency": Urgency(row["urgency"])})


async def by_ids(need_ids: Collection[int]) -> list[ListedNeed]:
    """Return the needs with these ids, in any order."""
    found = await select(COLUMNS, "need n", among("n.id", need_ids)) if need_ids else []
    return [from_row(row) for row in found]
