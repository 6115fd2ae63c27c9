"""Taking hold of a need: the lock comes first, and what the caller may touch is in the query."""

from typing import NoReturn

from tortoise.expressions import Q

from server.domain.staff import Staff
from server.errors import AssigneeRequired, NotAllowed, NotFound, OwnNeed
from server.models import Channel, Need


def visible_to(staff: Staff) -> Q:
    """The condition that a need is of the caller's stations or counties, offered to them, or watched over by them."""
    if staff.is_city:
        return Q()
    mine = sorted(staff.station_ids) or [0]
    return staff.of_stations() | Q(referred_to_id__in=mine) | Q(overseer_id__in=mine)


async def by_station(need_id: int, staff: Staff) -> Need:
    """The need, locked, of a station the caller works for; OwnNeed when it is their own, and see `refuse_outsider`."""
    need = await Need.filter(id=need_id, station_id__in=sorted(staff.station_ids)).select_for_update().first()
    if need is None:
        await refuse_outsider(need_id, staff)
    assert need is not None
    must_not_be_own(need, staff.person_id)
    return need


async def by_station_or_overseer(need_id: int, staff: Staff) -> Need:
    """As `by_station`, also for staff of the station that watches over it."""
    need = await any_need(need_id)
    if not {need.station_id, need.overseer_id} & staff.station_ids:
        await refuse_outsider(need_id, staff)
    must_not_be_own(need, staff.person_id)
    return need


async def by_assignee(need_id: int, staff: Staff) -> Need:
    """As `by_station`, for the worker it is assigned to or the head; AssigneeRequired for others of the station."""
    need = await by_station(need_id, staff)
    if staff.person_id != need.assignee_id and need.station_id not in staff.head_of:
        raise AssigneeRequired
    return need


async def by_resident(need_id: int, person_id: int) -> Need:
    """The need, locked, for whom it is or who told us of it on their own phone; NotFound for anybody else."""
    need = await any_need(need_id)
    if not is_resident_of(need, person_id):
        raise NotFound
    return need


async def refuse_outsider(need_id: int, staff: Staff) -> NoReturn:
    """NotAllowed for who may see the need but not move it: officers, overseers, whom it is offered; else NotFound."""
    if await Need.filter(visible_to(staff), id=need_id).exists():
        raise NotAllowed
    raise NotFound


async def any_need(need_id: int) -> Need:
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


def must_not_be_own(need: Need, person_id: int) -> None:
    """Four eyes: nobody works on a need of their own."""
    if is_resident_of(need, person_id):
        raise OwnNeed
