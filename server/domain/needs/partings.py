"""Merged needs part again: when their people no longer live together, or when the joined need is withdrawn."""

from datetime import datetime
from typing import Any

from server.database import db
from server.domain import households, job_queue, stations
from server.domain.needs import access, deadlines
from server.domain.needs.notifications import (
    NEED_PARTED,
    NEED_PARTED_ENDED,
    NEED_PARTED_HERE,
    notify_resident,
    notify_station,
)
from server.domain.needs.timeline import TimelineEntry, add
from server.domain.needs.transitions import OPEN, S, move
from server.models import Need, NeedEvent, Photo

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
    """Part the person's needs from those of people who do not live with them any more."""
    _, pairs = await db.execute(_OF_PERSON, [person_id, person_id])
    for pair in pairs:
        locked = {id_: await access.lock_need(id_) for id_ in sorted((pair["id"], pair["target_id"]))}
        need, target = locked[pair["id"]], locked[pair["target_id"]]
        if need.merged_into_id == target.id and target.status != S.CLOSED:
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


# What was done for the other need, was done for this one too: its resident rates, reopens or appeals by themselves.
ENDED_TOGETHER = frozenset({S.RESOLVED, S.DECLINED})


async def _part(need: Need, target: Need, because: str, now: datetime) -> None:
    """Have a merged need go on by itself at the station of the other one, or end as that one did; both are locked."""
    station = await stations.get(target.station_id)
    merged = await NeedEvent.filter(need_id=need.id, kind="merged").order_by("-number").first()
    assert merged is not None, "it is merged"
    changes: dict[str, Any] = {"merged_into_id": None, "assignee_id": None}
    if target.status in ENDED_TOGETHER:
        to, copied = target.status, ["accepted_at", "resolved_at", "handler_id", "outcome"]
        changes |= {name: getattr(target, name) for name in copied}
        changes["ended_at"] = target.ended_at if to == S.DECLINED else None
        outcome = await NeedEvent.filter(need_id=target.id, kind=to).order_by("-number").first()
        text = f"{because}您的需求不再合并，办理结果不变。{outcome.text if outcome is not None else ''}"
        # A rating is of the entry that resolved the need.
        kind, actor = ("resolved", target.handler_id) if to == S.RESOLVED else ("parted", None)
        entry = TimelineEntry(kind, actor, text=text)
    else:
        accepted_at = need.accepted_at or target.accepted_at
        to = S.SUBMITTED if accepted_at is None else S.ACCEPTED
        entry = TimelineEntry("parted", None, text=f"{because}您的需求恢复单独办理，由{station.name}负责。")
        changes |= {"ended_at": None, "accepted_at": accepted_at, **await _deadlines(need, target, now)}
    await move(need, to, entry, now=now, **changes)
    await _give_photos_back(need, target, merged)
    parted = TimelineEntry("parted", None, text="并入的一条需求恢复单独办理。")
    await add(target, parted, now=now, joined_needs=target.joined_needs - 1)
    await job_queue.plan("watch_need", need.id, due=now)
    if need.status in OPEN:
        await notify_station(need, NEED_PARTED_HERE, now=now)
        await notify_resident(need, NEED_PARTED, now=now, station=station.name)
    else:
        await notify_resident(need, NEED_PARTED_ENDED, now=now)


async def _deadlines(need: Need, target: Need, now: datetime) -> dict[str, Any]:
    """Return the deadlines of a need that nobody served by itself: the later ones, or new ones if both are over."""
    response = max(need.response_due_at, target.response_due_at)
    completion = max(need.completion_due_at, target.completion_due_at)
    if completion <= now:
        return await deadlines.begin_completion_time(need, station_id=target.station_id, now=now)
    return {"response_due_at": response, "completion_due_at": max(response, completion)}


async def _give_photos_back(need: Need, target: Need, merged: NeedEvent) -> None:
    """Give the need the photos that came with it; of a chain of merges those that its own people had made."""
    theirs = Photo.filter(need_id=target.id)
    took_over = await NeedEvent.filter(need_id=target.id, kind="took_over", at=merged.at).first()
    if took_over is not None:
        theirs = theirs.filter(event_number=took_over.number)
    else:
        own = await access.residents_of(need) - await access.residents_of(target)
        theirs = theirs.filter(owner_id__in=sorted(own))
    await theirs.update(need_id=need.id, event_number=None)
