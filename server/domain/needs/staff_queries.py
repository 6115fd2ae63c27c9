"""What staff may see of needs: the list, its counts, one need; confidential ones as their category alone."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from tortoise.expressions import Q
from tortoise.functions import Count

from server.database import db
from server.domain import audit
from server.domain.needs import filters as chosen
from server.domain.needs.access import visible_to
from server.domain.needs.filters import ORDERS, Wanted
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Channel, Need, NeedStatus, Referral, Urgency


@dataclass(frozen=True)
class Guarded:
    """What decides who may read a need."""

    id: int
    confidential: bool
    assignee_id: int | None
    station_id: int


@dataclass(frozen=True)
class NeedLine(Guarded):
    """What a list shows of a need: a few words of many rows, not the rows themselves."""

    status: NeedStatus
    urgency: Urgency
    category: str
    category_name: str
    station_name: str
    station_phone: str
    area: str
    contact_name: str
    contact_phone: str
    text: str
    assignee: str | None
    submitted_at: datetime
    response_due_at: datetime
    completion_due_at: datetime
    accepted_at: datetime | None
    urgings: int

    @classmethod
    def of(cls, need: Need) -> "NeedLine":
        """The line of a need that has what belongs to it."""
        belonging = {name: _follow(need, way) for name, way in BELONGING.items()}
        return cls(**{name: getattr(need, name) for name in OWN}, **belonging)


BELONGING = {
    "confidential": "category__confidential",
    "category": "category__code",
    "category_name": "category__name",
    "station_name": "station__name",
    "station_phone": "station__phone",
    "area": "area__name",
    "assignee": "assignee__name",
}
OWN = [one.name for one in fields(NeedLine) if one.name not in BELONGING]


def _follow(need: Need, way: str) -> Any:
    first, second = way.split("__")
    return getattr(getattr(need, first), second, None)


async def listed(wanted: Wanted, *, by: Staff, now: datetime) -> list[NeedLine]:
    """A page of the needs of the caller's stations and counties, after a place in the chosen order."""
    column, sign = ORDERS[wanted.sort]
    found = await chosen.listed(wanted, by, now)
    if wanted.after is not None:
        beyond = "lt" if sign else "gt"
        at, last = wanted.after
        further: dict[str, Any] = {f"{column}__{beyond}": at}
        same_time: dict[str, Any] = {column: at, f"id__{beyond}": last}
        found = found.filter(Q(**further) | Q(**same_time))
    page = found.order_by(f"{sign}{column}", f"{sign}id").limit(wanted.limit)
    return [NeedLine(**row) for row in await page.values(*OWN, **BELONGING)]


async def counts(wanted: Wanted, *, by: Staff, now: datetime) -> dict[NeedStatus, int]:
    """How many needs of the list stand in each status, whatever status was asked for; see LOOKED_BACK."""
    unbound = replace(wanted, statuses=())
    found = (await chosen.countable(unbound, by, now)).annotate(number=Count("id")).group_by("status")
    return {row["status"]: row["number"] for row in await found.values("status", "number")}


async def readable(needs: Sequence[Guarded], by: Staff) -> set[int]:
    """Ids of those whose text, photos and name the caller may read: of confidential ones only their worker and head."""
    hidden = [need.id for need in needs if need.confidential and not _entrusted(need, by)]
    offered = Referral.filter(need_id__in=hidden, open=1, to_station_id__in=sorted(by.head_of))
    shown = {one.need_id for one in await offered} if hidden and by.head_of else set()
    return {need.id for need in needs} - set(hidden) | shown


def _entrusted(need: Guarded, by: Staff) -> bool:
    return by.person_id == need.assignee_id or need.station_id in by.head_of


async def may_read(need: Need, by: Staff) -> bool:
    """Whether the caller may read this one."""
    await need.fetch_related("category")
    guarded = Guarded(need.id, need.category.confidential, need.assignee_id, need.station_id)
    return need.id in await readable([guarded], by)


async def one(need_id: int, *, by: Staff) -> Need:
    """A need of the caller's stations or counties, offered to them or watched over by them; NotFound otherwise."""
    found = Need.filter(id=need_id).select_related(
        "category", "station", "assignee", "first_worker", "area", "person", "merged_into"
    )
    need = await found.filter(visible_to(by)).first()
    if need is None:
        raise NotFound
    return need


async def for_slip(need_id: int, *, by: Staff) -> Need:
    """A need whose slip the caller may print: who took it down may, though it went to another station."""
    taken_down = Need.filter(id=need_id, submitted_by_id=by.person_id).exclude(channel=Channel.PHONE_APP)
    return await taken_down.select_related("station").first() or await one(need_id, by=by)


@db.transaction
async def note_reading(need: Need, *, by: Staff, now: datetime) -> None:
    """Every reading of a confidential need is logged."""
    await audit.read(f"need:{need.id}", "confidential", of=need.person_id, by=by.person_id, now=now)
