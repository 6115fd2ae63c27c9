"""Merged needs part again: when their people no longer live together, or when the joined need is withdrawn."""

from datetime import datetime

from server.database import db
from server.domain import households, job_queue, stations
from server.domain.needs import access
from server.domain.needs.notifications import NEED_PARTED, NEED_PARTED_HERE, notify_resident, notify_station
from server.domain.needs.timeline import TimelineEntry, add
from server.domain.needs.transitions import OPEN, S, move
from server.models import Need, Photo

JOB_KIND = households.LEFT_JOB
# Of each pair of a merged need `m` and the need `n` that it leads to.
_PAIRS = f"""
    SELECT m.id id, n.id target_id FROM need m JOIN need n ON n.id = m.merged_into_id WHERE NOT {access.LIVE_TOGETHER}
"""  # noqa: S608 - names of ours
_OF_PERSON = f"{_PAIRS} AND m.person_id = ? UNION {_PAIRS} AND n.person_id = ? ORDER BY id"
_STRANGERS = f"""
    SELECT m.id FROM need m JOIN need n ON n.id = ? WHERE m.merged_into_id = ? AND NOT {access.LIVE_TOGETHER}
    ORDER BY m.id
"""  # noqa: S608 - names of ours
NOT_ONE_HOUSEHOLD = "你们不再登记为一户，"
WITHDRAWN = "家人撤回了一起办理的需求，"
MERGED_ON = "家人的需求与别的需求合并了，"


@db.transaction
async def part_of_person(person_id: int, *, now: datetime) -> None:
    """Part the person's needs from those of people who do not live with them any more, as long as these are open."""
    _, pairs = await db.execute(_OF_PERSON, [person_id, person_id])
    for pair in pairs:
        locked = {id_: await access.lock_need(id_) for id_ in sorted((pair["id"], pair["target_id"]))}
        need, target = locked[pair["id"]], locked[pair["target_id"]]
        if need.merged_into_id == target.id and target.status in OPEN:
            await _part(need, target, NOT_ONE_HOUSEHOLD, now)


async def part_from_strangers(need: Need, target: Need, *, now: datetime) -> None:
    """Part what was merged into a locked need and does not live with the target, before that is merged on."""
    _, strangers = await db.execute(_STRANGERS, [target.id, need.id])
    for row in strangers:
        await _part(await access.lock_need(row["id"]), need, MERGED_ON, now)


async def part_from_withdrawn(target: Need, *, now: datetime) -> None:
    """Part the needs of other people from a locked one, before its resident withdraws it: theirs go on."""
    theirs = Need.filter(merged_into_id=target.id).exclude(person_id=target.person_id).order_by("id")
    for need_id in await theirs.values_list("id", flat=True):
        await _part(await access.lock_need(int(str(need_id))), target, WITHDRAWN, now)


async def _part(need: Need, target: Need, because: str, now: datetime) -> None:
    """Have a merged need go on by itself, with its own deadlines, at the station of the other one; both are locked."""
    station = await stations.get(target.station_id)
    entry = TimelineEntry("parted", None, text=f"{because}您的需求恢复单独办理，由{station.name}负责。")
    to = S.SUBMITTED if need.accepted_at is None else S.ACCEPTED
    await move(need, to, entry, now=now, merged_into_id=None, ended_at=None, assignee_id=None)
    own = await access.residents_of(need) - await access.residents_of(target)
    await Photo.filter(need_id=target.id, owner_id__in=sorted(own)).update(need_id=need.id, event_number=None)
    parted = TimelineEntry("parted", None, text="并入的一条需求恢复单独办理。")
    await add(target, parted, now=now, joined_needs=target.joined_needs - 1)
    await job_queue.plan("watch_need", need.id, due=now)
    await notify_resident(need, NEED_PARTED, now=now, station=station.name)
    await notify_station(need, NEED_PARTED_HERE, now=now)
