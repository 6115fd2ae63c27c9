"""How a need ends and comes back: withdraw 撤回, close 归档, reopen 重新办理."""

from datetime import datetime

from server.database import db
from server.domain import reference, staff, stations
from server.domain.needs import (
    access,
    crisis_alerts,
    deadlines,
    hearing,
    partings,
    pleas,
    referrals,
    responsibility,
    timeline,
)
from server.domain.needs.notifications import NEED_REOPENED, NEED_WITHDRAWN, notify_worker
from server.domain.needs.speakers import Speaker, on_word, speaker_id
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import WITHDRAWABLE, S, move, require_status
from server.domain.staff import Staff
from server.domain.tasks import progress as tasks
from server.errors import AlreadySubmitted, InvalidNeedState, ManyPleas, OwnDecision
from server.models import Need, Station


@db.transaction
async def withdraw(need_id: int, *, reason: str, by: Speaker, now: datetime) -> Need:
    """Withdraw a need (撤回) for its resident, or on their word, until it is resolved.

    What was merged into it of other people goes on by itself.

    Raises `InvalidNeedState` after that, and once a volunteer has begun to help, and `ManyPleas` for the last of many
    pleas within minutes. On the resident's word it also raises
    `CrisisNotOpened` for an alert that nobody has acknowledged, and `OwnDecision` for the assigned worker.
    """
    need = await access.lock_for_owner(need_id, by)
    require_status(need, *WITHDRAWABLE)
    if await tasks.service_has_begun(need.id):
        raise InvalidNeedState(status=need.status)
    if isinstance(by, Staff):  # a plea that nobody has read, and a worker's own work, do not end by one worker's word
        await crisis_alerts.require_heard(need)
        if by.person_id == need.assignee_id:
            raise OwnDecision
    elif (until := await pleas.kept_until(need, now)) is not None:
        raise ManyPleas(possible_from=until)
    because = f"原因：{timeline.clause(reason)}。" if reason and not hearing.is_hidden(need, reason) else ""
    text = f"您撤回了这条需求{on_word(by)}。{because}"
    await partings.part_from_withdrawn(need, now=now)
    await referrals.end_unanswered(need, now=now)
    entry = TimelineEntry("withdrawn", speaker_id(by), text=text)
    await move(need, S.WITHDRAWN, entry, now=now, ended_at=now, referred_to_id=None)
    await notify_worker(need, NEED_WITHDRAWN, now=now, by=speaker_id(by))
    return need


@db.transaction
async def reopen(need_id: int, *, reason: str, by: Speaker, now: datetime) -> Need:
    """Reopen a resolved need (重新办理) because the resident is not satisfied; a head takes it.

    Raises `AlreadySubmitted` for a second time, `DeadlinePassed` after the policy `reopening_days`.
    """
    await reference.lock_shared()
    need = await access.lock_for_resident(need_id, by)
    require_status(need, S.RESOLVED)
    await deadlines.require_within("reopening_days", need, need.resolved_at, now)
    if need.reopenings:
        raise AlreadySubmitted
    because = "" if hearing.is_hidden(need, reason) else f"，原因：{timeline.clause(reason)}"
    text = f"您要求重新办理{on_word(by)}{because}。"
    await reopen_with_head(need, text=text, by=speaker_id(by), now=now)
    return need


async def reopen_with_head(need: Need, *, text: str, by: int, now: datetime) -> None:
    """Reopen a locked need and assign it to a head who did not handle it; that head's station takes it.

    A new completion time begins: the former one was used up, and may be over.
    The caller has locked the set-up before the need.
    """
    station, head = await _choose_head(need)
    entry = TimelineEntry("reopened", by, text=f"{text}已转由{station.name}负责人督办。")
    await move(
        need,
        S.REOPENED,
        entry,
        now=now,
        station_id=station.id,
        reopenings=need.reopenings + 1,
        assignee_id=head,
        resolved_at=None,
        ended_at=None,
        **await deadlines.begin_completion_time(need, station_id=station.id, now=now),
    )
    await notify_worker(need, NEED_REOPENED, now=now, by=by)
    await crisis_alerts.follow(need, now=now)
    await deadlines.plan_next_check(need, now=now)


async def _choose_head(need: Need) -> tuple[Station, int | None]:
    """Return the station's head, or the parent's if the head handled the need or it is their own.

    The second value is None where neither station has such a head.
    """
    responsible = await stations.get(need.station_id)
    parent = await stations.parent_of(responsible)
    # The station may have closed since it served the need; the parent operates, or is the city desk.
    closed = not stations.is_operating(await reference.snapshot(), responsible.id)
    operating, kept = [parent] if closed else [responsible, parent], await access.kept_from(need)
    for station in operating:
        for head in (await staff.of_station(station.id)).heads:
            if head != need.handler_id and head not in kept:
                return station, head
    return await responsibility.where_others_act(
        operating[0], kept, needs_head=await responsibility.needs_head(need)
    ), None


async def close(need: Need, *, text: str, by: int | None, now: datetime) -> None:
    """Close (归档) a locked, resolved need. `by` is None when the rules close it."""
    await move(need, S.CLOSED, TimelineEntry("closed", by, text=text), now=now, ended_at=now)
