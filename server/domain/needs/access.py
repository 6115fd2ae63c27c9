"""Access to needs: who may see, change and read one; row locks; four eyes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from tortoise.expressions import Q

from server.domain.staff import Staff
from server.errors import AssigneeRequired, HeadRequired, NotAllowed, NotFound, OwnNeed
from server.models import Channel, Need, Referral


def visible_to(staff: Staff) -> Q:
    """Return the condition for needs of the caller's stations and counties, referred to them, or overseen by them."""
    if staff.is_city:
        return Q()
    station_ids = sorted(staff.station_ids) or [0]
    return staff.of_stations() | Q(referred_to_id__in=station_ids) | Q(overseer_id__in=station_ids)


async def lock_for_station(need_id: int, staff: Staff) -> Need:
    """Lock a need of a station the caller works for.

    Raises `OwnNeed` if it is the caller's own; for other stations' needs see `refuse_access`.
    """
    need = await Need.filter(id=need_id, station_id__in=sorted(staff.station_ids)).select_for_update().first()
    if need is None:
        await refuse_access(need_id, staff)
    assert need is not None
    require_not_own(need, staff.person_id)
    return need


async def lock_for_station_or_overseer(need_id: int, staff: Staff) -> Need:
    """Do the same as `lock_for_station`, also for staff of the station that oversees the need."""
    need = await lock_need(need_id)
    if not {need.station_id, need.overseer_id} & staff.station_ids:
        await refuse_access(need_id, staff)
    require_not_own(need, staff.person_id)
    return need


async def lock_for_assignee(need_id: int, staff: Staff) -> Need:
    """Do the same as `lock_for_station` for the assigned worker and the head.

    Raises `AssigneeRequired` for other workers of the station.
    """
    need = await lock_for_station(need_id, staff)
    if staff.person_id != need.assignee_id and need.station_id not in staff.head_of:
        raise AssigneeRequired
    return need


async def lock_for_resident(need_id: int, person_id: int) -> Need:
    """Lock a need for a person on the resident's side (see `residents_of`). Raises `NotFound` for anybody else."""
    need = await lock_need(need_id)
    if not is_resident_of(need, person_id):
        raise NotFound
    return need


async def refuse_access(need_id: int, staff: Staff) -> NoReturn:
    """Raise `NotAllowed` if the caller may see the need but not change it, else `NotFound`.

    Officers, staff of the overseeing station and of the station it is referred to may see it.
    """
    if await Need.filter(visible_to(staff), id=need_id).exists():
        raise NotAllowed
    raise NotFound


async def lock_need(need_id: int) -> Need:
    """Lock a need without checking the caller: for steps that check access by another row."""
    need = await Need.filter(id=need_id).select_for_update().first()
    if need is None:
        raise NotFound
    return need


def is_resident_of(need: Need, person_id: int) -> bool:
    """Whether the person is on the resident's side of the need."""
    return person_id in residents_of(need)


def residents_of(need: Need) -> set[int]:
    """Return the person the need is for and, if it was submitted on a phone, the person who submitted it."""
    return {need.person_id} | ({need.submitted_by_id} if need.channel == Channel.PHONE_APP else set())


def require_not_own(need: Need, person_id: int) -> None:
    """Raise `OwnNeed` if the person is on the resident's side: four eyes."""
    if is_resident_of(need, person_id):
        raise OwnNeed


@dataclass(frozen=True)
class NeedAccessFacts:
    """The facts that decide whether a staff member may read a need."""

    id: int
    confidential: bool
    assignee_id: int | None
    station_id: int


async def readable_ids(needs: Sequence[NeedAccessFacts], by: Staff) -> set[int]:
    """Return the ids of needs whose text, photos and name the caller may read.

    A confidential need is read only by its assigned worker, the station's head, and the head it is referred to.
    """
    hidden = [need.id for need in needs if need.confidential and not _may_read_confidential(need, by)]
    referred = Referral.filter(need_id__in=hidden, open=1, to_station_id__in=sorted(by.head_of))
    received = {referral.need_id for referral in await referred} if hidden and by.head_of else set()
    return {need.id for need in needs} - set(hidden) | received


def _may_read_confidential(need: NeedAccessFacts, by: Staff) -> bool:
    return by.person_id == need.assignee_id or need.station_id in by.head_of


async def may_read(need: Need, by: Staff) -> bool:
    """Return whether the caller may read this need; see `readable_ids`."""
    await need.fetch_related("category")
    facts = NeedAccessFacts(need.id, need.category.confidential, need.assignee_id, need.station_id)
    return need.id in await readable_ids([facts], by)


async def require_reader(need: Need, by: Staff) -> None:
    """Raise `HeadRequired` if the caller may not read the need: only the assigned worker and the head may."""
    if not await may_read(need, by):
        raise HeadRequired
