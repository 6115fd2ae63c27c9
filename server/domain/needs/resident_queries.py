"""A resident's own needs, and what anybody with a slip may know."""

from datetime import datetime

from tortoise.expressions import Q

from server.database.prepared import Prepared
from server.domain.slip_codes import SLIP_LENGTH
from server.errors import NotFound
from server.models import Channel, Need, Photo

_WITH = ("category", "station", "area")


def _of(person_id: int) -> Q:
    return Q(person_id=person_id) | Q(submitted_by_id=person_id, channel=Channel.PHONE_APP)


_ONE = Prepared(lambda need_id, person_id: Need.filter(_of(person_id), id=need_id).select_related(*_WITH))
_PHOTOS = Prepared(lambda need_id: Photo.filter(need_id=need_id).order_by("created_at", "id"))


async def listed(person_id: int, *, before: tuple[datetime, int] | None, limit: int) -> list[Need]:
    """The person's needs, newest first, below a place in the list."""
    found = Need.filter(_of(person_id))
    if before is not None:
        found = found.filter(Q(submitted_at__lt=before[0]) | Q(submitted_at=before[0], id__lt=before[1]))
    return await found.order_by("-submitted_at", "-id").limit(limit).select_related(*_WITH)


async def one(need_id: int, person_id: int) -> Need:
    """One of the person's needs; NotFound for anybody else's."""
    need = await _ONE.first(need_id, person_id)
    if need is None:
        raise NotFound
    return need


async def by_slip(code: str) -> Need:
    """The need behind a slip's code, for its state alone; NotFound for a wrong code."""
    typed = code.upper().replace("-", "").replace(" ", "")
    need = await Need.filter(slip_code=typed[: SLIP_LENGTH + 1]).select_related("station", "category").first()
    if need is None:
        raise NotFound
    return need


async def photos_of(need_id: int) -> list[Photo]:
    """The need's photos, oldest first."""
    return await _PHOTOS.all(need_id)
