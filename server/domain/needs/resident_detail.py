"""One need as its owner follows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.needs import resident_queries, timeline
from server.domain.needs.transitions import OPEN, UNTOUCHED, S
from server.domain.tasks import progress
from server.domain.tasks import resident_queries as tasks
from server.domain.tasks.resident_queries import ResidentTask
from server.models import Appeal, Need, NeedEvent, Photo


@dataclass(frozen=True)
class Followed:
    """The need, the resident's version of its timeline, its photos, what its owner may do now, and its latest task."""

    need: Need
    timeline: Sequence[NeedEvent]
    photos: Sequence[Photo]
    may: list[str]
    helped: ResidentTask | None = None
    minutes_offered: int | None = None


async def followed(need_id: int, person_id: int) -> Followed:
    """A need of the person's own; NotFound for anybody else's."""
    need = await resident_queries.one(need_id, person_id)
    helped = await tasks.get_latest(need)
    return Followed(
        need=need,
        timeline=await timeline.of(need, for_staff=False),
        photos=await resident_queries.photos_of(need.id),
        may=await _may(need, helped),
        helped=helped,
        minutes_offered=await tasks.get_offered_minutes(need),
    )


async def filed(need: Need, *, with_photos: bool) -> Followed:
    """As `followed`, of one that was filed a moment ago: nobody helps yet, and nothing is offered for it."""
    await need.fetch_related("station")
    return Followed(
        need=need,
        timeline=await timeline.of(need, for_staff=False),
        photos=await resident_queries.photos_of(need.id) if with_photos else [],
        may=await _may(need, None),
    )


async def _may(need: Need, helped: ResidentTask | None) -> list[str]:
    """Offered as buttons; each verb checks again, with its time limits."""
    begun_with = helped is not None and await progress.service_has_begun(need.id)
    may = {
        "withdrawal": need.status in UNTOUCHED and not begun_with,
        "reminders": need.status in OPEN,
        "appeal": need.status == S.DECLINED and not await Appeal.exists(need_id=need.id),
        "reopening": need.status == S.RESOLVED and not need.reopenings,
        "rating": need.status in {S.RESOLVED, S.CLOSED},
    }
    return [name for name, allowed in may.items() if allowed]
