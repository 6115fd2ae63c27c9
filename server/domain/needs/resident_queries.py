"""Queries for residents: their needs, and the need behind a slip code."""

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
    """Return a page of the person's needs, newest first, after the position `before`."""
    found = Need.filter(_of_resident(person_id))
    if before is not None:
        found = found.filter(Q(submitted_at__lt=before[0]) | Q(submitted_at=before[0], id__lt=before[1]))
    return await found.order_by("-submitted_at", "-id").limit(limit).select_related(*_RELATED)


async def get_need(need_id: int, person_id: int) -> Need:
    """Return a need of the person. Raises `NotFound` for other people's needs."""
    need = await _ONE.first(need_id, person_id)
    if need is None:
        raise NotFound
    return need


async def get_by_slip(code: str) -> Need:
    """Return the need with this slip code; callers show only its state. Raises `NotFound` for a wrong code."""
    typed = code.upper().replace("-", "").replace(" ", "")
    need = await Need.filter(slip_code=typed[: SLIP_LENGTH + 1]).select_related("station", "category").first()
    if need is None:
        raise NotFound
    return need


async def list_photos(need_id: int) -> list[Photo]:
    """Return the need's photos, oldest first."""
    return await _PHOTOS.all(need_id)


@dataclass(frozen=True)
class ResidentNeedView:
    """A need with everything its resident sees; `may` names the actions possible now."""

    need: Need
    timeline: Sequence[NeedEvent]
    photos: Sequence[Photo]
    may: list[str]
    task: ResidentTask | None = None
    minutes_offered: int | None = None


async def get_detail(need_id: int, person_id: int) -> ResidentNeedView:
    """Return a need of the person with all details. Raises `NotFound` for other people's needs."""
    need = await get_need(need_id, person_id)
    task = await tasks.get_latest(need)
    return ResidentNeedView(
        need=need,
        timeline=await timeline.list_entries(need, for_staff=False),
        photos=await list_photos(need.id),
        may=await _allowed_actions(need, task),
        task=task,
        minutes_offered=await tasks.get_offered_minutes(need),
    )


async def get_submitted_detail(need: Need, *, with_photos: bool) -> ResidentNeedView:
    """Return the details of a need submitted just now, which has no task and no offer of minutes yet."""
    await need.fetch_related("station")
    return ResidentNeedView(
        need=need,
        timeline=await timeline.list_entries(need, for_staff=False),
        photos=await list_photos(need.id) if with_photos else [],
        may=await _allowed_actions(need, None),
    )


async def _allowed_actions(need: Need, task: ResidentTask | None) -> list[str]:
    """Return the names of possible actions, for buttons; each verb checks again, with its time limits."""
    begun = task is not None and await progress.service_has_begun(need.id)
    may = {
        "withdrawal": need.status in NOT_STARTED and not begun,
        "reminders": need.status in OPEN,
        "appeal": need.status == S.DECLINED and not await Appeal.exists(need_id=need.id),
        "reopening": need.status == S.RESOLVED and not need.reopenings,
        "rating": need.status in {S.RESOLVED, S.CLOSED},
    }
    return [name for name, allowed in may.items() if allowed]
