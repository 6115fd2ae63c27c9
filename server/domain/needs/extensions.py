"""Extensions of the completion deadline: one request per need, before the deadline, decided by another person."""

from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import reference
from server.domain.needs import access, deadlines, housemates, timeline, words
from server.domain.needs.notifications import (
    EXTENSION_REQUESTED,
    NEED_EXTENDED,
    notify_heads,
    notify_resident,
)
from server.domain.needs.timeline import OFFICER, TimelineEntry
from server.domain.needs.transitions import OPEN, S, require_status
from server.domain.needs.words import WordsRead
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI
from server.errors import AlreadyDecided, AlreadySubmitted, DeadlinePassed, ExtensionTooLong, NotFound, OwnDecision
from server.models import Extension, Need, ReadingKind


@db.transaction
async def request(need_id: int, *, until: datetime, reason: str, by: Staff, now: datetime) -> Extension:
    """Request more time for a need, once, with a reason.

    Raises `DeadlinePassed` after the deadline, `AlreadySubmitted` for a second request, and `ExtensionTooLong` beyond
    the original time once more.
    """
    need = await access.lock_for_assignee(need_id, by)
    require_status(need, S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS)
    if now >= need.completion_due_at:
        raise DeadlinePassed(until=need.completion_due_at)
    if await Extension.exists(need_id=need.id):
        raise AlreadySubmitted
    latest = await deadlines.latest_extension(need)
    if not need.completion_due_at < until <= latest:
        raise ExtensionTooLong(latest=latest)
    extension = await Extension.create(
        need_id=need.id, until=until, reason=reason, requested_by_id=by.person_id, requested_at=now
    )
    await timeline.add(need, TimelineEntry("extension_requested", by.person_id, note=reason), now=now)
    await notify_heads(need.station_id, need, EXTENSION_REQUESTED, now=now, by=by.person_id)
    return extension


def _decidable_by(by: Staff) -> Q:
    """Return the condition for requests of stations the caller heads, or of counties they are an officer of."""
    if by.is_city:
        return Q()
    return Q(need__station_id__in=sorted(by.head_of | by.county_station_ids) or [0])


async def list_pending(by: Staff) -> list[Extension]:
    """Return the undecided requests the caller may decide, and their own, nearest deadline first."""
    own = Q(requested_by_id=by.person_id, need__station_id__in=sorted(by.station_ids) or [0])
    theirs = Q() if by.is_city else _decidable_by(by) | own
    found = Extension.filter(theirs, decided_at=None).exclude(need__person_id=by.person_id)
    requests = await found.select_related("need", "requested_by").order_by("need__completion_due_at").limit(200)
    hidden = await housemates.about_them([request.need for request in requests], by)
    requests = [request for request in requests if request.need_id not in hidden]
    await reference.attach([request.need for request in requests], "station", "category")
    return requests


@db.transaction
async def decide(extension_id: int, *, grant: bool, reason: str, by: Staff, now: datetime) -> Extension:
    """Grant or refuse a request once; a granted one is notified to the resident.

    Raises `OwnDecision` for the worker who asked and for residents of the need, `AlreadyDecided`.
    """
    extension = await Extension.filter(_decidable_by(by), id=extension_id).first()
    if extension is None:
        raise NotFound
    need = await access.lock_need(extension.need_id)
    await _require_other_decider(extension, need, by)
    require_status(need, *OPEN)
    decided = await Extension.filter(id=extension_id, decided_at=None).update(
        decided_by_id=by.person_id, decided_at=now, granted=grant
    )
    if not decided:
        raise AlreadyDecided
    await (_grant(need, extension, reason, by, now) if grant else _refuse(need, reason, by, now))
    return await Extension.get(id=extension_id)


@db.transaction
async def read_words(extension_id: int, *, reason: str, by: Staff, now: datetime) -> Extension:
    """Return a request, with its need, to a person who may decide it, as long as it is undecided.

    Each reading is logged with its reason, and the resident sees it. Raises the same as `decide`.
    """
    extension = await Extension.filter(_decidable_by(by), id=extension_id).first()
    if extension is None:
        raise NotFound
    need = await access.lock_need(extension.need_id)
    await _require_other_decider(extension, need, by)
    if await Extension.exists(id=extension_id, decided_at__isnull=False):
        raise AlreadyDecided
    act = WordsRead(ReadingKind.EXTENSION, "审批延期", reason)
    await words.record_reading(need, act, acting_for=_acting_station(by, need), by=by, now=now)
    extension.need = need
    return extension


async def _require_other_decider(extension: Extension, need: Need, by: Staff) -> None:
    if extension.requested_by_id == by.person_id or by.person_id in await access.kept_from(need):
        raise OwnDecision


def _acting_station(by: Staff, need: Need) -> int | None:
    return None if need.station_id in by.head_of else OFFICER


async def _grant(need: Need, extension: Extension, reason: str, by: Staff, now: datetime) -> None:
    day = extension.until.astimezone(SHANGHAI).strftime("%Y年%m月%d日")
    text = f"办理期限延长至{day}，原因：{timeline.clause(extension.reason)}。"
    acting_for = _acting_station(by, need)
    entry = TimelineEntry("extension_granted", by.person_id, text=text, note=reason, acting_for=acting_for)
    # It was asked for in time, but the deadline may have passed before this decision.
    await timeline.add(need, entry, now=now, completion_due_at=extension.until, **deadlines.not_overdue(need))
    await notify_resident(need, NEED_EXTENDED, now=now, day=day)
    await deadlines.plan_next_check(need, now=now)


async def _refuse(need: Need, reason: str, by: Staff, now: datetime) -> None:
    note = f"延期申请未获批准，原因：{reason}"
    entry = TimelineEntry("extension_refused", by.person_id, note=note, acting_for=_acting_station(by, need))
    await timeline.add(need, entry, now=now)
