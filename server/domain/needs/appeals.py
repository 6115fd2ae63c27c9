"""Appeals against a declined need: one per need, within some days, decided by the parent station."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import reference, stations
from server.domain.needs import access, deadlines, hearing, housemates, responsibility, timeline, words
from server.domain.needs.notifications import (
    APPEAL_GRANTED,
    APPEAL_MADE,
    APPEAL_REFUSED,
    notify_heads,
    notify_resident,
)
from server.domain.needs.speakers import Speaker, on_word, speaker_id
from server.domain.needs.timeline import OFFICER, TimelineEntry
from server.domain.needs.transitions import S, move, require_status
from server.domain.needs.words import WordsRead
from server.domain.staff import Staff
from server.errors import AlreadyDecided, AlreadySubmitted, NotFound, OwnDecision
from server.models import Appeal, Need, NeedEvent, ReadingKind


@db.transaction
async def submit(need_id: int, *, reason: str, by: Speaker, now: datetime) -> Appeal:
    """Submit the resident's appeal to the parent station of the one that declined.

    Raises `AlreadySubmitted` for a second appeal, `DeadlinePassed` after the policy `appeal_days`, and on the
    resident's word `OwnDecision` for the worker who declined it.
    """
    await reference.lock_shared()
    need = await access.lock_for_resident(need_id, by)
    require_status(need, S.DECLINED)
    if isinstance(by, Staff):  # who declined it would use the right up
        await _require_other_decider(need, by)
    if await Appeal.exists(need_id=need.id):
        raise AlreadySubmitted
    await deadlines.require_within("appeal_days", need, need.ended_at, now)
    parent = await stations.parent_of(await stations.get(need.station_id))
    # Only a head decides, or an officer.
    parent = await responsibility.where_others_act(parent, await access.kept_from(need), needs_head=True)
    appeal = await Appeal.create(need_id=need.id, station_id=parent.id, reason=reason, made_at=now)
    because = "" if hearing.is_hidden(need, reason) else f"原因：{timeline.clause(reason)}。"
    text = f"您提出了申诉{on_word(by)}，由{parent.name}复核。{because}"
    entry = TimelineEntry("appealed", speaker_id(by), text=text)
    await timeline.add(need, entry, now=now, overseer_id=parent.id)
    await notify_heads(parent.id, need, APPEAL_MADE, now=now, by=speaker_id(by))
    return appeal


def _decidable_by(by: Staff) -> Q:
    """Return the condition for appeals to stations the caller heads, or in counties they are an officer of."""
    if by.is_city:
        return Q()
    return Q(station_id__in=sorted(by.head_of | by.county_station_ids) or [0])


async def list_pending(by: Staff) -> list[Appeal]:
    """Return the undecided appeals the caller may decide, oldest first, each with its need's category."""
    found = Appeal.filter(_decidable_by(by), decided_at=None).exclude(need__handler_id=by.person_id)
    appeals = await found.select_related("need").order_by("made_at", "id").limit(200)
    hidden = await housemates.about_them([appeal.need for appeal in appeals], by)
    appeals = [appeal for appeal in appeals if appeal.need_id not in hidden]
    await reference.attach([appeal.need for appeal in appeals], "station", "category")
    return appeals


@db.transaction
async def decide(appeal_id: int, *, grant: bool, decision: str, by: Staff, now: datetime) -> Appeal:
    """Decide an appeal once, with a reason. If it is granted, the parent station takes the need.

    Raises `OwnDecision` for the worker who declined the need and for its residents, `AlreadyDecided`.
    """
    appeal = await Appeal.filter(_decidable_by(by), id=appeal_id).first()
    if appeal is None:
        raise NotFound
    await reference.lock_shared()
    need = await access.lock_need(appeal.need_id)
    await _require_other_decider(need, by)
    decided = await Appeal.filter(id=appeal_id, decided_at=None).update(
        decided_by_id=by.person_id, decided_at=now, granted=grant, decision=decision
    )
    if not decided:
        raise AlreadyDecided
    await (_grant if grant else _uphold)(need, appeal.station_id, decision, by, now)
    return await Appeal.get(id=appeal_id)


@dataclass(frozen=True)
class AppealWords:
    """An appeal, the text of its need, and why that was declined, as the resident reads it."""

    appeal: Appeal
    text: str
    decline: str


@db.transaction
async def read_words(appeal_id: int, *, reason: str, by: Staff, now: datetime) -> AppealWords:
    """Return the words of an appeal and of its need to a person who may decide it, as long as it is undecided.

    Each reading is logged with its reason, and the resident sees it. Raises the same as `decide`.
    """
    appeal = await Appeal.filter(_decidable_by(by), id=appeal_id).first()
    if appeal is None:
        raise NotFound
    need = await access.lock_need(appeal.need_id)
    await _require_other_decider(need, by)
    if await Appeal.exists(id=appeal_id, decided_at__isnull=False):
        raise AlreadyDecided
    act = WordsRead(ReadingKind.APPEAL, "复核申诉", reason)
    await words.record_reading(need, act, acting_for=_acting_station(by, appeal.station_id), by=by, now=now)
    declined = await NeedEvent.filter(need_id=need.id, kind="declined").order_by("-number").first()
    return AppealWords(appeal, need.text, declined.text if declined is not None else "")


async def _require_other_decider(need: Need, by: Staff) -> None:
    if need.handler_id == by.person_id or by.person_id in await access.kept_from(need):
        raise OwnDecision


def _acting_station(by: Staff, station_id: int) -> int:
    return station_id if station_id in by.head_of else OFFICER


async def _grant(need: Need, station_id: int, decision: str, by: Staff, now: datetime) -> None:
    if not stations.is_operating(await reference.snapshot(), station_id):
        # That station closed since the appeal was made: the present parent of the declining station takes the need.
        station_id = (await stations.parent_of(await stations.get(need.station_id))).id
    residents = await access.kept_from(need)
    taking = await stations.get(station_id)
    station = await responsibility.where_others_act(taking, residents, needs_head=await responsibility.needs_head(need))
    text = f"申诉成立，由{station.name}受理。{decision}"
    entry = TimelineEntry("appeal_granted", by.person_id, text=text, acting_for=_acting_station(by, station_id))
    await move(
        need,
        S.ACCEPTED,
        entry,
        now=now,
        station_id=station.id,
        accepted_at=now,
        ended_at=None,
        outcome="",
        assignee_id=None,
        # The wrong refusal used up the time of the promise.
        **await deadlines.begin_completion_time(need, station_id=station.id, now=now),
    )
    await notify_resident(need, APPEAL_GRANTED, now=now)
    await deadlines.plan_next_check(need, now=now)


async def _uphold(need: Need, station_id: int, decision: str, by: Staff, now: datetime) -> None:
    text = f"经复核维持原决定。{decision}"
    entry = TimelineEntry("appeal_refused", by.person_id, text=text, acting_for=_acting_station(by, station_id))
    await timeline.add(need, entry, now=now)
    await notify_resident(need, APPEAL_REFUSED, now=now)
