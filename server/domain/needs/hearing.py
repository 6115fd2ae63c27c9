"""Hear words of crisis in anything a resident writes, wherever they write it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from server.database import db, rows
from server.database.condition import select, where
from server.domain import categories, job_queue, policies, reference, stations
from server.domain.crisis_words import find_crisis_words
from server.domain.needs import access, crisis_alerts, deadlines, pleas, responsibility, submit, timeline, triage
from server.domain.needs.submit import NeedSubmission
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import OPEN
from server.domain.routing import NOT_SURE
from server.domain.staff import Staff
from server.models import Channel, Need, NeedEvent, Person, Urgency


@db.transaction
async def hear(text: str, *, by: int, about: int | None = None, raises: bool = False, now: datetime) -> Need:
    """File an emergency need of words of crisis.

    The same words within some minutes are heard once, until somebody acknowledges them. `about` is the need they were
    written about. If it is the writer's own, the new need has its category, place and contact. With `raises` an open
    one becomes an emergency itself.
    """
    await reference.lock_shared()
    await pleas.lock_pleas(by)
    own = await _lock_own(about, by) if about is not None else None
    if own is not None and raises and await _can_be_raised(own):
        await _raise_to_emergency(own, text, by=by, now=now)
        return own
    # The same words may be about two people for whom one person cares.
    text = written_on(about, text)
    known = await pleas.filed_lately_of(text, person_id=by, now=now)
    if known is None:
        return await submit.submit_by_resident(await _submission(text, own), by=by, now=now)
    # Words that come again after the acknowledgement are no repetition by the phone.
    if not await crisis_alerts.waits(known.id):
        await pleas.join(known, text, by=by, now=now)
    return known


@db.transaction
async def hear_on_word(text: str, *, about: int | None, of: int | None, by: Staff, now: datetime) -> Need:
    """File an emergency need of words of crisis that staff write on the word of a resident, and return it.

    `about` is the need that they are about, else `of` the person. The speaker's own open need becomes an emergency
    itself. Nothing is refused: where it is unclear who speaks, or the caller does not read the need or know the person,
    the new need is of a person without a name, and says which need it is about. The same words within some minutes are
    heard once, until somebody acknowledges them.
    """
    await reference.lock_shared()
    need = await _find_visible(about, by) if about is not None else None
    speaker = of if need is None else await _speaker(need, by)
    # Before a need, in the order of ids, as who writes themselves.
    for person_id in sorted({by.person_id, *await _existing(speaker)}):
        await pleas.lock_pleas(person_id)
    own = await _lock_own(need.id, speaker) if need is not None and speaker is not None else None
    if own is not None and await _can_be_raised(own):
        await _raise_to_emergency(own, text, by=by.person_id, now=now)
        return own
    new = await _submission(text, own)
    if about is not None and own is None:
        area_id = need.area_id if need is not None else None
        new = replace(new, text=f"{text}（工作人员转述，关于编号{about}的需求）", area_id=area_id)
    known = await pleas.entered_lately_of(new.text, of=speaker, by=by.person_id, now=now)
    if known is not None and await crisis_alerts.waits(known.id):
        return known
    return await submit.submit_by_staff(new, by=by, for_person=speaker, channel=Channel.TELEPHONE, now=now)


async def _find_visible(need_id: int, by: Staff) -> Need | None:
    found = await select("n.*", "need n", where("n.id = ?", need_id) & access.visible_to(by))
    return rows.of(Need, found[0]) if found else None


async def _existing(person_id: int | None) -> set[int]:
    return {person_id} if person_id is not None and await Person.exists(id=person_id) else set()


async def _speaker(need: Need, by: Staff) -> int | None:
    """Return the resident of whom staff pass on words of crisis.

    None if it is unclear, because several live together, or if the caller may not act on the need or read it: by such
    words they would come to read it.
    """
    own = by.person_id in await access.kept_from(need)
    if own or need.station_id not in by.station_ids or not await access.may_read(need, by):
        return None
    if not need.joined_needs:
        return need.person_id
    found = await access.residents_without_phone(need)
    return found[0] if len(found) == 1 else None


def written_on(need_id: int | None, text: str) -> str:
    """Return the text of a plea that was written on another need, and says on which."""
    return text if need_id is None else f"{text}（写在编号{need_id}的需求里）"


def is_hidden(need: Need, text: str) -> bool:
    """Return whether words are not shown on the need: words of crisis on one that is shared, or no emergency.

    They are a need of their own, with readers of its own: they may be about who reads this one.
    """
    return bool(need.joined_needs or need.urgency != Urgency.EMERGENCY) and bool(find_crisis_words(text))


def concealed(text: str) -> str:
    """Return what an emergency need says of a text that its readers must not read: they may be who it is about."""
    return f"居民写到了“{'、'.join(find_crisis_words(text))}”，请马上联系本人。"


async def _lock_own(need_id: int, by: int) -> Need | None:
    """Return the writer's own need, locked, or theirs that was merged into this one.

    Words about another resident's need become a need of the writer: with their name and number, and hidden from them.
    """
    for about in (where("n.id = ?", need_id), where("n.merged_into_id = ?", need_id)):
        if found := await select("n.*", "need n", about & access.own(by), f"LIMIT 1{db.for_update()}"):
            return rows.of(Need, found[0])
    return None


async def _submission(text: str, own: Need | None) -> NeedSubmission:
    if own is None:
        return NeedSubmission(
            category=NOT_SURE, text=text, urgency=Urgency.EMERGENCY, contact_name="", contact_phone=""
        )
    return NeedSubmission(
        category=(await categories.get(own.category_id)).code,
        text=text,
        urgency=Urgency.EMERGENCY,
        contact_name=own.contact_name,
        contact_phone=own.contact_phone,
        area_id=own.area_id,
        place=own.place,
        relation=own.relation,
    )


async def _can_be_raised(need: Need) -> bool:
    """Return whether a locked need may become an emergency itself: it is open, and of one person.

    Where only those act who are kept from it, the plea is a need of its own, which a station above takes.
    """
    if need.status not in OPEN or need.joined_needs:
        return False
    station = await stations.get(need.station_id)
    kept = await access.kept_from(need, as_emergency=True)
    taking = await responsibility.where_others_act(station, kept)
    return bool(taking.id == station.id)


async def _raise_to_emergency(need: Need, text: str, *, by: int, now: datetime) -> None:
    """Make a locked, open need an emergency: the earlier deadlines hold, and its alert rings."""
    if await _is_written_lately(need, text, now) and await crisis_alerts.waits(need.id):
        return
    kind = "crisis_written"
    changes: dict[str, Any] = {}
    if need.urgency != Urgency.EMERGENCY:
        kind, changes = "became_emergency", {"urgency": Urgency.EMERGENCY, **await _earlier_deadlines(need, now)}
        if need.assignee_id in await access.kept_from(need, as_emergency=True):
            await triage.hand_back(need, "站点会安排其他工作人员。", None, now)
    await timeline.add(need, TimelineEntry(kind, by, text=_written(text)), now=now, **changes)
    await job_queue.plan("watch_need", need.id, due=now)  # its deadlines have come nearer
    await crisis_alerts.raise_alert(need, find_crisis_words(text), now=now)


def _written(text: str) -> str:
    return f"紧急求助：{text}"


async def _is_written_lately(need: Need, text: str, now: datetime) -> bool:
    since = now - timedelta(minutes=await policies.number("crisis_join_minutes"))
    lately = NeedEvent.filter(need_id=need.id, kind__in=timeline.PLEA_KINDS, at__gte=since)
    return any(event.text == _written(text) for event in await lately)


async def _earlier_deadlines(need: Need, now: datetime) -> dict[str, datetime]:
    promise = await categories.get_promise(need.category_id, Urgency.EMERGENCY)
    due = await deadlines.compute_deadlines(
        promise, now, station_id=need.station_id, residents=await access.kept_from(need, as_emergency=True)
    )
    response = need.response_due_at
    if need.accepted_at is None:
        response = min(response, due.response_due_at)
    completion = min(need.completion_due_at, due.completion_due_at)
    return {"response_due_at": response, "completion_due_at": max(response, completion)}
