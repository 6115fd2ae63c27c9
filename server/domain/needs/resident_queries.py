"""A resident's own needs, and what anybody with a slip may know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from server.database.prepared import Prepared
from server.domain.needs import timeline
from server.domain.needs.transitions import NOT_STARTED, OPEN, S
from server.domain.slip_codes import SLIP_LENGTH
from server.domain.tasks import progress
from server.domain.tasks import resident_queries as tasks
from server.domain.tasks.resident_queries import ResidentTask
from server.errors import NotFound
from server.models import Appeal, Channel, Need, NeedEvent, Photo

_RELATED = ("category", "station", "area")


def _of_resident(person_id: int) -> Q:
    return Q(person_id=person_id) | Q(submitted_by_id=person_id, channel=Channel.PHONE_APP)


_ONE = Prepared(lambda need_id, person_id: Need.filter(_of_resident(person_id), id=need_id).select_related(*_RELATED))
_PHOTOS = Prepared(lambda need_id: Photo.filter(need_id=need_id).order_by("created_at", "id"))


async def list_needs(person_id: int, *, before: tuple[datetime, int] | None, limit: int) -> list[Need]:
    """The person's needs, newest first, below a place in the list."""
    found = Need.filter(_of_resident(person_id))
    if before is not None:
        found = found.filter(Q(submitted_at__lt=before[0]) | Q(submitted_at=before[0], id__lt=before[1]))
    return await found.order_by("-submitted_at", "-id").limit(limit).select_related(*_RELATED)


async def get_need(need_id: int, person_id: int) -> Need:
    """One of the person's needs; NotFound for anybody else's."""
    need = await _ONE.first(need_id, person_id)
    if need is None:
        raise NotFound
    return need


async def get_by_slip(code: str) -> Need:
    """The need behind a slip's code, for its state alone; NotFound for a wrong code."""
    typed = code.upper().replace("-", "").replace(" ", "")
    need = await Need.filter(slip_code=typed[: SLIP_LENGTH + 1]).select_related("station", "category").first()
    if need is None:
        raise NotFound
    return need


async def list_photos(need_id: int) -> list[Photo]:
    """The need's photos, oldest first."""
    return await _PHOTOS.all(need_id)


@dataclass(frozen=True)
class ResidentNeedView:
    """The need, the resident's version of its timeline, its photos, what its owner may do now, and its latest task."""

    need: Need
    timeline: Sequence[NeedEvent]
    photos: Sequence[Photo]
    may: list[str]
    helped: ResidentTask | None = None
    minutes_offered: int | None = None


async def get_detail(need_id: int, person_id: int) -> ResidentNeedView:
    """A need of the person's own; NotFound for anybody else's."""
    need = await get_need(need_id, person_id)
    helped = await tasks.get_latest(need)
    return ResidentNeedView(
        need=need,
        timeline=await timeline.list_entries(need, for_staff=False),
        photos=await list_photos(need.id),
        may=await _allowed_actions(need, helped),
        helped=helped,
        minutes_offered=await tasks.get_offered_minutes(need),
    )


async def get_submitted_detail(need: Need, *, with_photos: bool) -> ResidentNeedView:
    """As `followed`, of one that was filed a moment ago: nobody helps yet, and nothing is offered for it."""
    await need.fetch_related("station")
    return ResidentNeedView(
        need=need,
        timeline=await timeline.list_entries(need, for_staff=False),
        photos=await list_photos(need.id) if with_photos else [],
        may=await _allowed_actions(need, None),
    )


async def _allowed_actions(need: Need, helped: ResidentTask | None) -> list[str]:
    """Offered as buttons; each verb checks again, with its time limits."""
    begun_with = helped is not None and await progress.service_has_begun(need.id)
    may = {
        "withdrawal": need.status in NOT_STARTED and not begun_with,
        "reminders": need.status in OPEN,
        "appeal": need.status == S.DECLINED and not await Appeal.exists(need_id=need.id),
        "reopening": need.status == S.RESOLVED and not need.reopenings,
        "rating": need.status in {S.RESOLVED, S.CLOSED},
    }
    return [name for name, allowed in may.items() if allowed]
