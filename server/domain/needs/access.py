"""Taking hold of a need: the lock comes first, and what the caller may touch is in the query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from tortoise.expressions import Q

from server.domain.staff import Staff
from server.errors import AssigneeRequired, HeadRequired, NotAllowed, NotFound, OwnNeed
from server.models import Channel, Need, Referral


def visible_to(staff: Staff) -> Q:
    """The condition that a need is of the caller's stations or counties, offered to them, or watched over by them."""
    if staff.is_city:
        return Q()
    mine = sorted(staff.station_ids) or [0]
    return staff.of_stations() | Q(referred_to_id__in=mine) | Q(overseer_id__in=mine)


async def lock_for_station(need_id: int, staff: Staff) -> Need:
    """The need, locked, of a station the caller works for; OwnNeed when it is their own, and see `refuse_outsider`."""
    need = await Need.filter(id=need_id, station_id__in=sorted(staff.station_ids)).select_for_update().first()
    if need is None:
        await refuse_access(need_id, staff)
    assert need is not None
    require_not_own(need, staff.person_id)
    return need


async def lock_for_station_or_overseer(need_id: int, staff: Staff) -> Need:
    """As `by_station`, also for staff of the station that watches over it."""
    need = await lock_need(need_id)
    if not {need.station_id, need.overseer_id} & staff.station_ids:
        await refuse_access(need_id, staff)
    require_not_own(need, staff.person_id)
    return need


async def lock_for_assignee(need_id: int, staff: Staff) -> Need:
    """As `by_station`, for the worker it is assigned to or the head; AssigneeRequired for others of the station."""
    need = await lock_for_station(need_id, staff)
    if staff.person_id != need.assignee_id and need.station_id not in staff.head_of:
        raise AssigneeRequired
    return need


async def lock_for_resident(need_id: int, person_id: int) -> Need:
    """The need, locked, for whom it is or who told us of it on their own phone; NotFound for anybody else."""
    need = await lock_need(need_id)
    if not is_resident_of(need, person_id):
        raise NotFound
    return need


async def refuse_access(need_id: int, staff: Staff) -> NoReturn:
    """NotAllowed for who may see the need but not move it: officers, overseers, whom it is offered; else NotFound."""
    if await Need.filter(visible_to(staff), id=need_id).exists():
        raise NotAllowed
    raise NotFound


async def lock_need(need_id: int) -> Need:
    """The need, locked, for steps that were scoped by something else."""
    need = await Need.filter(id=need_id).select_for_update().first()
    if need is None:
        raise NotFound
    return need


def is_resident_of(need: Need, person_id: int) -> bool:
    """Whether the person is on the resident's side of the need."""
    return person_id in residents_of(need)


def residents_of(need: Need) -> set[int]:
    """Who is on the resident's side of the need: whom it is for, and who told us of it on their own phone."""
    return {need.person_id} | ({need.submitted_by_id} if need.channel == Channel.PHONE_APP else set())


def require_not_own(need: Need, person_id: int) -> None:
    """Four eyes: nobody works on a need of their own."""
    if is_resident_of(need, person_id):
        raise OwnNeed


@dataclass(frozen=True)
class NeedAccessFacts:
    """What decides who may read a need."""

    id: int
    confidential: bool
    assignee_id: int | None
    station_id: int


async def readable_ids(needs: Sequence[NeedAccessFacts], by: Staff) -> set[int]:
    """Ids of those whose text, photos and name the caller may read: of confidential ones only their worker and head."""
    hidden = [need.id for need in needs if need.confidential and not _may_read_confidential(need, by)]
    offered = Referral.filter(need_id__in=hidden, open=1, to_station_id__in=sorted(by.head_of))
    shown = {one.need_id for one in await offered} if hidden and by.head_of else set()
    return {need.id for need in needs} - set(hidden) | shown


def _may_read_confidential(need: NeedAccessFacts, by: Staff) -> bool:
    return by.person_id == need.assignee_id or need.station_id in by.head_of


async def may_read(need: Need, by: Staff) -> bool:
    """Whether the caller may read this one."""
    await need.fetch_related("category")
    guarded = NeedAccessFacts(need.id, need.category.confidential, need.assignee_id, need.station_id)
    return need.id in await readable_ids([guarded], by)


async def require_reader(need: Need, by: Staff) -> None:
    """Refuse who may not read the text of a confidential need: only the assigned worker and the head may."""
    if not await may_read(need, by):
        raise HeadRequired
