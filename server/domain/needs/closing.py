"""How a need ends, and how it comes back: withdrawn, closed, reopened."""

from datetime import datetime, timedelta

from server.database import db
from server.domain import job_queue, policies, staff, stations
from server.domain.needs import access, deadlines
from server.domain.needs.notifications import NEED_REOPENED, NEED_WITHDRAWN, notify_worker
from server.domain.needs.timeline import Line
from server.domain.needs.transitions import UNTOUCHED, S, move, must_be
from server.domain.tasks import progress as tasks
from server.errors import AlreadySubmitted, DeadlinePassed, InvalidNeedState
from server.models import Need, Referral, Station


async def days(policy: str, need: Need) -> int:
    """A number of days that the need's station keeps."""
    return await policies.number(policy, station_id=need.station_id)


async def must_be_within(policy: str, need: Need, since: datetime | None, now: datetime) -> None:
    """Refuse with DeadlinePassed once the policy's days after `since` are over."""
    assert since is not None
    until = since + timedelta(days=await days(policy, need))
    if now > until:
        raise DeadlinePassed(until=until)


async def watch_anew(need: Need, *, now: datetime) -> None:
    """Have the worker's job look at the need's next deadline."""
    due = await deadlines.reminder_at(need, "completion")
    await job_queue.plan("watch_need", need.id, due=max(now, due))


async def plan_silent_close(need: Need, *, now: datetime) -> None:
    """A resolved need that nobody rates closes by itself."""
    await job_queue.plan("watch_need", need.id, due=now + timedelta(days=await days("auto_close_days", need)))


@db.transaction
async def withdraw(need_id: int, *, reason: str, by: int, now: datetime) -> Need:
    """撤回, by the resident, before anybody began to serve."""
    need = await access.by_resident(need_id, by)
    must_be(need, *UNTOUCHED)
    if await tasks.service_has_begun(need.id):
        raise InvalidNeedState(status=need.status)
    said = "您撤回了这条需求。" + (f"原因：{reason}" if reason else "")
    await move(need, S.WITHDRAWN, Line("withdrawn", by, said=said), now=now, ended_at=now, referred_to_id=None)
    await _let_go_of_referral(need, now)
    await notify_worker(need, NEED_WITHDRAWN, now=now)
    return need


async def _let_go_of_referral(need: Need, now: datetime) -> None:
    await Referral.filter(need_id=need.id, open=1).update(open=None, answered_at=now)


@db.transaction
async def reopen(need_id: int, *, reason: str, by: int, now: datetime) -> Need:
    """重新办理: the resident is not satisfied, once, within its days; it goes to the supervisor."""
    need = await access.by_resident(need_id, by)
    must_be(need, S.RESOLVED)
    await must_be_within("reopening_days", need, need.resolved_at, now)
    if need.reopenings:
        raise AlreadySubmitted
    await to_supervisor(need, said=f"您要求重新办理：{reason} ", by=by, now=now)
    return need


async def to_supervisor(need: Need, *, said: str, by: int, now: datetime) -> None:
    """Reopen a locked need and put it into the hands of somebody above who handled it; their station takes it."""
    station, supervisor = await _supervisor(need)
    line = Line("reopened", by, said=f"{said}已转由{station.name}负责人督办。")
    await move(
        need,
        S.REOPENED,
        line,
        now=now,
        station_id=station.id,
        reopenings=need.reopenings + 1,
        assignee_id=supervisor,
        resolved_at=None,
        ended_at=None,
    )
    await notify_worker(need, NEED_REOPENED, now=now)
    await watch_anew(need, now=now)


async def _supervisor(need: Need) -> tuple[Station, int | None]:
    """The station's head, unless they handled it or it is their own: then the parent station and its head."""
    own = await Station.get(id=need.station_id)
    parent = await stations.parent_of(own)
    # The station may have closed since it served; the parent is open, or is the city desk.
    serving = [station for station in (own, parent) if await stations.lock_operating(station.id)] or [parent]
    for station in serving:
        for head in await staff.workers_of(station.id, heads_only=True):
            if head != need.handler_id and not access.is_resident_of(need, head):
                return station, head
    return serving[0], None


async def close(need: Need, *, said: str, by: int | None, now: datetime) -> None:
    """归档 a locked, resolved need."""
    await move(need, S.CLOSED, Line("closed", by, said=said), now=now, ended_at=now)
