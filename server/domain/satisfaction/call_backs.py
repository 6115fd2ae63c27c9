"""Call-backs 回访: a worker who did not handle the need calls the resident, after a low rating or as a sample."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.database import db, rows
from server.database.condition import ALWAYS, Condition, among, select, where
from server.domain import audit, categories, job_queue, notifications, policies, reference, staff, stations
from server.domain.needs import access, housemates, takings, timeline
from server.domain.needs.notifications import notify_heads
from server.domain.needs.timeline import TimelineEntry
from server.domain.pagination import Place
from server.domain.satisfaction.notifications import CALL_BACK_OPENED, CALL_BACK_OVERDUE, CALL_BACK_UNSATISFIED
from server.domain.staff import Staff
from server.errors import NotFound, OwnDecision
from server.errors.satisfaction import CallBackDone
from server.models import (
    CallBack,
    CallBackReason,
    Channel,
    Need,
    NeedEvent,
    NeedStatus,
    ReadingKind,
    Station,
    StationLevel,
)

# Entries of workers who handled a need: they neither call back nor learn that it was rated low.
HANDLING = ("started", "resolved")
REPEAT_INTERVAL = timedelta(days=1)
NOT_HANDLED = f"""
    NOT EXISTS (
        SELECT 1 FROM need_event e
        WHERE e.need_id = n.id AND e.actor_id = ? AND e.kind IN ({db.placeholders(HANDLING)}))
"""  # noqa: S608 - names of ours


async def open_for_low_rating(need: Need, *, now: datetime) -> None:
    """Open a call-back for a low rating of a locked need, at its station. It takes the place of an open sample."""
    await CallBack.filter(need_id=need.id, reason=CallBackReason.SAMPLE, made_at=None).delete()
    await _open(need, await stations.get(need.station_id), CallBackReason.LOW_RATING, now)


async def open_at_parent(need: Need, *, now: datetime) -> None:
    """Open a call-back at the parent station for a need that is rated low again after it was reopened."""
    parent = await stations.parent_of(await stations.get(need.station_id))
    await _open(need, parent, CallBackReason.STILL_LOW, now)


@db.transaction
async def draw_sample(need_id: int, *, now: datetime) -> None:
    """Open a call-back for a resolved need if it is in the random sample of its stratum.

    Needs of people who were helped to submit them, at the counter, by telephone or by a relative, are drawn more often
    (policies `call_back_assisted_percent`, `call_back_sample_percent`); some are called back by the parent station
    (`call_back_parent_percent`). A second run changes nothing.
    """
    need = await access.lock_need(need_id)
    if need.status not in {NeedStatus.RESOLVED, NeedStatus.CLOSED} or await _is_rated_low(need):
        return
    station = await stations.get(need.station_id)
    policy = "call_back_assisted_percent" if _is_assisted(need) else "call_back_sample_percent"
    if not is_sampled(need.id, await policies.number(policy, station_id=station.id)):
        return
    by_parent = await policies.number("call_back_parent_percent", station_id=station.id)
    # Another hash than the first, so that the parent's share is one of all sampled needs.
    above = is_sampled(need.id, by_parent, salt="parent")
    await _open(need, await stations.parent_of(station) if above else station, CallBackReason.SAMPLE, now)


async def _is_rated_low(need: Need) -> bool:
    return await CallBack.filter(need_id=need.id).exclude(reason=CallBackReason.SAMPLE).exists()


def _is_assisted(need: Need) -> bool:
    return need.channel != Channel.PHONE_APP or bool(need.relation)


def is_sampled(need_id: int, percent: int, *, salt: str = "") -> bool:
    """Return whether the need is in the sample; the answer for a need is always the same."""
    return int(hashlib.sha256(f"{salt}{need_id}".encode()).hexdigest(), 16) % 100 < percent


async def _open(need: Need, station: Station, reason: CallBackReason, now: datetime) -> None:
    db.require_transaction()
    if await CallBack.exists(need_id=need.id, reason=reason):
        return
    due = now + timedelta(days=await policies.number("call_back_days", station_id=station.id))
    opened = await CallBack.create(need_id=need.id, station_id=station.id, reason=reason, opened_at=now, due_at=due)
    await job_queue.plan("overdue_call_back", opened.id, due=due)
    callers = await _choose_callers(need, station)
    await notifications.notify(callers, CALL_BACK_OPENED[reason], subject_id=opened.id, now=now)


async def _choose_callers(need: Need, station: Station) -> Sequence[int]:
    """Return who is asked to call: the station's head, else its workers, else the parent's head, else officers.

    Stand-ins take the place of a head. A worker who handled the need and a resident of the need are left out.
    """
    handled, category = await handlers(need.id), await categories.get(need.category_id)
    residents = await access.kept_from(need)
    here, above = await staff.of_station(station.id), await staff.of_station((await stations.parent_of(station)).id)
    for found in (
        here.heads or ([] if category.confidential else here.stand_ins),
        [] if category.confidential else here.workers,
        above.heads or above.stand_ins,
    ):
        if others := [id_ for id_ in found if id_ not in handled | residents]:
            return others
    return here.officers


async def handlers(need_id: int) -> set[int | None]:
    """Return the ids of all workers who ever served or resolved the need."""
    return {event.actor_id for event in await NeedEvent.filter(need_id=need_id, kind__in=HANDLING)}


@db.transaction
async def remind_overdue(call_back_id: int, *, now: datetime) -> None:
    """Notify the heads of the station and its parent of an overdue call-back, every day until the call is made."""
    call_back = await CallBack.filter(id=call_back_id, made_at=None).select_related("need").first()
    if call_back is None:
        return
    if now >= call_back.due_at:
        parent = await stations.parent_of(await stations.get(call_back.station_id))
        for station_id in {call_back.station_id, parent.id}:
            await notify_heads(station_id, call_back.need, CALL_BACK_OVERDUE, now=now)
    await job_queue.plan("overdue_call_back", call_back.id, due=max(call_back.due_at, now + REPEAT_INTERVAL))


async def list_pending(by: Staff, *, after: Place | None, limit: int) -> list[CallBack]:
    """Return a page of open call-backs the caller may make, nearest due date first, after the position `after`.

    They are those that `record` does not refuse: of the caller's stations and of stations whose parent the caller
    heads. Those of confidential needs are listed only for their readers and the heads, without officers who took the
    need from others: a call-back says that a rating was low.
    """
    may_call, found = await _may_call(by), list[CallBack]()
    while len(found) < limit:
        page = await _read(may_call & _behind(after), limit, by)
        doubtful = [one.need for one, is_opened in page if not is_opened and _asks_for_takings(one.need, by)]
        taken = await takings.taken(doubtful, by.person_id)
        found += [one for one, _ in page if one.need_id not in taken]
        if len(page) < limit:
            break
        last, _ = page[-1]
        after = last.due_at, last.id
    return await reference.attach(found[:limit], "station")


async def _may_call(by: Staff) -> Condition:
    """Return the condition for call-backs `c` of needs `n` that the caller may make, if they did not take the need."""
    reached, setup = await _reachable_stations(by), await reference.snapshot()
    headed = [one for one in reached if await _heads(by.reads_for, by, setup.stations[one])]
    readable = await access.with_readable_text(by) | access.opened_by(by) | among("c.station_id", headed)
    own = access.of_resident(by.person_id)
    unrelated = where(f"NOT ({own.sql})", *own.values) & where(NOT_HANDLED, by.person_id, *HANDLING)
    return (
        where("c.made_at IS NULL")
        & among("c.station_id", reached)
        & unrelated
        & readable
        & await housemates.shown_to(by)
    )


def _behind(after: Place | None) -> Condition:
    if after is None:
        return ALWAYS
    return where("(c.due_at > ? OR c.due_at = ? AND c.id > ?)", after[0], *after)


# What a row of the list shows of a call-back `c`.
COLUMNS = ", ".join(f"c.{one} `c.{one}`" for one in ("id", "need_id", "station_id", "reason", "opened_at", "due_at"))


async def _read(condition: Condition, limit: int, by: Staff) -> list[tuple[CallBack, bool]]:
    """Return call-backs with their needs, each with whether the caller has opened the need."""
    opened = access.opened_by(by)
    columns, source = f"n.*, {COLUMNS}, ({opened.sql}) opened", "call_back c JOIN need n ON n.id = c.need_id"
    end, found = "ORDER BY c.due_at, c.id LIMIT ?", []
    for row in await select(columns, source, condition, end, first=opened.values, last=[limit]):
        call_back = rows.of(CallBack, row, "c.")
        call_back.need = rows.of(Need, row)
        found.append((call_back, bool(row["opened"])))
    await reference.attach([one.need for one, _ in found], "category")
    return found


def _asks_for_takings(need: Need, by: Staff) -> bool:
    """Return whether the caller may call about a need they have not opened only if they did not take it."""
    by_role = access.is_readable(need, by) and not by.is_officer
    return need.category.confidential and not by_role


async def _reachable_stations(by: Staff) -> list[int]:
    """Return the ids of stations with open call-backs that the caller may make."""
    known = (await reference.snapshot()).stations
    counties = {known[headed].county_id for headed in by.head_of}
    everywhere = by.is_city or None in counties  # only the city desk is in no county
    near = [one.id for one in known.values() if everywhere or one.id in by.station_ids or one.county_id in counties]
    waiting = CallBack.filter(station_id__in=near or [0], made_at=None).distinct().values_list("station_id")
    return [station_id for (station_id,) in await waiting if await _reaches(by, known[station_id])]


async def _reaches(by: Staff, station: Station) -> bool:
    return station.id in by.station_ids or await _heads(by.head_of, by, station)


async def _heads(headed: Collection[int], by: Staff, station: Station) -> bool:
    """Return whether the caller heads the station or its parent; for the city desk, whether they are a city officer."""
    parent = await stations.parent_of(station)
    return not {station.id, parent.id}.isdisjoint(headed) or (by.is_city and parent.level == StationLevel.CITY_DESK)


@dataclass(frozen=True)
class Contact:
    """The person to call; `name` is None if the caller may not know whose need it was."""

    name: str | None
    phone: str


@db.transaction
async def reveal_contact(call_back_id: int, *, by: Staff, now: datetime) -> Contact:
    """Return name and phone unmasked; the reading is logged, and the resident sees it.

    Raises the same as `record`.
    """
    _, need = await _lock_call_back(call_back_id, by)
    if not await CallBack.filter(id=call_back_id, made_at=None).exists():
        raise CallBackDone
    await audit.read(f"need:{need.id}", ReadingKind.CONTACT, of=need.person_id, by=by.person_id, reason="回访", now=now)
    entry = TimelineEntry("contact_read", by.person_id, text="工作人员为回访查看了您的联系方式。")
    await timeline.add(need, entry, now=now)
    readable = await access.may_read(need, by)
    return Contact(need.contact_name if readable else None, need.contact_phone)


@db.transaction
async def record(
    call_back_id: int, *, reached: bool, satisfied: bool | None, note: str, by: Staff, now: datetime
) -> CallBack:
    """Record the result of a call, once; the resident reads it on the timeline.

    Raises `CallBackDone` the second time, `OwnDecision` for a worker who handled the need, `OwnNeed`, and
    `HeadRequired` for a confidential need if the caller is neither its worker nor a head.
    """
    call_back, need = await _lock_call_back(call_back_id, by)
    columns = {
        "made_by_id": by.person_id,
        "made_at": now,
        "reached": reached,
        "satisfied": satisfied,
        "note": note,
    }
    if not await CallBack.filter(id=call_back_id, made_at=None).update(**columns):
        raise CallBackDone
    await timeline.add(
        need, TimelineEntry("called_back", by.person_id, text=_result_text(satisfied), note=note), now=now
    )
    if satisfied is False:
        await notify_heads(call_back.station_id, need, CALL_BACK_UNSATISFIED, now=now)
    return call_back.update_from_dict(columns)


def _result_text(satisfied: bool | None) -> str:
    if satisfied is None:
        return "已回访，但没有联系上您。"
    return "已回访，您表示满意。" if satisfied else "已回访，您表示不满意，已转告站点负责人。"


async def _lock_call_back(call_back_id: int, by: Staff) -> tuple[CallBack, Need]:
    """Return the call-back and its locked need, if the caller may make the call."""
    call_back = await CallBack.get_or_none(id=call_back_id)
    if call_back is None or not await _reaches(by, station := await stations.get(call_back.station_id)):
        raise NotFound
    need = await access.lock_need(call_back.need_id)
    await access.require_not_own(need, by.person_id)
    need.stands_in = by.stands_in_for.get(station.id)
    if by.person_id in await handlers(need.id):
        raise OwnDecision
    category = await categories.get(need.category_id)
    if category.confidential and not await access.may_read(need, by):
        if not await _heads(by.reads_for, by, station):
            await access.require_reader(need, by)
        await takings.require_none(need, by.person_id)
    return call_back, need
