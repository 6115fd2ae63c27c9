"""One need as staff work on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from server.domain.needs import duplicates, resident_queries, staff_queries, timeline, triage
from server.domain.needs.duplicates import Alike
from server.domain.needs.transitions import OPEN
from server.domain.staff import Staff
from server.models import CrisisAlert, Need, NeedEvent, Photo

Crisis = Literal["none", "unanswered", "acknowledged"]


@dataclass(frozen=True)
class Worked:
    """The need and everything around it; where it is not `readable`, photos and likenesses are left out."""

    need: Need
    readable: bool
    timeline: Sequence[NeedEvent]
    photos: Sequence[Photo]
    alike: Sequence[Alike]
    crisis: Crisis


async def opened(need_id: int, *, by: Staff, now: datetime) -> Worked:
    """Open a need: the first worker to do so is named on it, and a reading of a confidential one is logged."""
    need = await staff_queries.one(need_id, by=by)
    if need.first_worker_id is None and need.status in OPEN:
        await triage.open_first(need_id, by=by, now=now)
        need = await staff_queries.one(need_id, by=by)
    readable = await staff_queries.may_read(need, by)
    if readable and need.category.confidential:
        await staff_queries.note_reading(need, by=by, now=now)
    return Worked(
        need=need,
        readable=readable,
        timeline=await timeline.of(need, for_staff=True),
        photos=await resident_queries.photos_of(need.id) if readable else [],
        alike=await duplicates.alike(need, by=by) if readable and need.status in OPEN else [],
        crisis=await _crisis(need),
    )


async def _crisis(need: Need) -> Crisis:
    alert = await CrisisAlert.get_or_none(need_id=need.id)
    if alert is None:
        return "none"
    return "unanswered" if alert.acknowledged_at is None else "acknowledged"
