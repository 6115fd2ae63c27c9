"""Taking hold of a need: the lock comes first, and what the caller may touch is in the query."""

from typing import NoReturn

from server.domain.staff import Staff
from server.errors import NotAllowed, NotAssignee, NotFound, OwnNeed
from server.models import Channel, Need, Referral


async def by_station(need_id: int, staff: Staff) -> Need:
    """The need, locked, of a station the caller works for; OwnNeed when it is their own, and see `refuse_outsider`."""
    need = await Need.filter(id=need_id, station_id__in=sorted(staff.station_ids)).select_for_update().first()
    if need is None:
        await refuse_outsider(need_id, staff)
    assert need is not None
    must_not_be_own(need, staff.person_id)
    return need


async def by_assignee(need_id: int, staff: Staff) -> Need:
    """As `by_station`, for the worker it is assigned to or the head; NotAssignee for others of the station."""
    need = await by_station(need_id, staff)
    if staff.person_id != need.assignee_id and need.station_id not in staff.head_of:
        raise NotAssignee
    return need


async def by_resident(need_id: int, person_id: int) -> Need:
    """The need, locked, for whom it is or who told us of it on their own phone; NotFound for anybody else."""
    need = await any_need(need_id)
    if not is_resident_of(need, person_id):
        raise NotFound
    return need


async def refuse_outsider(need_id: int, staff: Staff) -> NoReturn:
    """NotAllowed for who may see the need but not move it: officers, a station it was offered to; else NotFound."""
    offered = Referral.filter(need_id=need_id, open=1, to_station_id__in=sorted(staff.station_ids))
    if await Need.filter(staff.of_stations(), id=need_id).exists() or await offered.exists():
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
    told_us = need.channel == Channel.PHONE_APP and need.submitted_by_id == person_id
    return need.person_id == person_id or told_us


def must_not_be_own(need: Need, person_id: int) -> None:
    """Four eyes: nobody works on a need of their own."""
    if is_resident_of(need, person_id):
        raise OwnNeed
