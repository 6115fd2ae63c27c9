"""Duplicates: find similar open needs of the same household or community, and merge them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.database.condition import Condition, among, select, where
from server.domain import households, job_queue, policies, reference
from server.domain.needs import access, crisis_alerts, housemates, listed, partings, resident_queries, timeline
from server.domain.needs.listed import ListedNeed
from server.domain.needs.notifications import NEED_JOINED, NEED_MERGED, notify_resident
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import NOT_STARTED, OPEN, S, move
from server.domain.similarity import most_similar, similarity_percent
from server.domain.staff import Staff
from server.errors import NotMergeable
from server.models import Need, Photo, Urgency

MAX_COMPARED = 200
MAX_SHOWN = 10


@dataclass(frozen=True)
class LikelyDuplicate:
    """Another open need, its similarity in percent, and whether it belongs to the same household.

    `percent` is None if the same person asked for the same kind of help in other words. Of a confidential need no words
    are shown: the caller opens it to read them.
    """

    need: ListedNeed
    percent: int | None
    same_household: bool
    confidential: bool


async def find(need: Need, *, by: Staff) -> list[LikelyDuplicate]:
    """Return open needs that may be the same, most similar first; compares only needs the caller may read.

    Beside a need of an open category no confidential one is shown, to nobody: it would say unlogged whose it is.
    """
    scope = where("n.id <> ? AND n.station_id = ?", need.id, need.station_id) & access.of_stations(by)
    readable = access.with_readable_text(by) if await access.is_confidential(need) else access.not_confidential()
    scope &= among("n.status", sorted(OPEN)) & await readable & await housemates.shown_to(by)
    # The household has a query of its own: a busy community must not crowd it out.
    household = {row["id"]: row for row in await _latest(scope, need, of_household=True)}
    near = await _latest(where("n.area_id = ?", need.area_id) & scope, need)
    texts = {row["id"]: row["text"] for row in (*household.values(), *near)}

    at_least = await policies.number("duplicate_similarity_percent", station_id=need.station_id)
    likely = dict(most_similar(need.text, texts, at_least=at_least, most=MAX_SHOWN))
    # The same person asking for the same kind of help is worth a look, even in other words.
    percents = {
        id_: similarity_percent(need.text, row["text"]) for id_, row in household.items() if row["alike"]
    } | likely
    # Needs with similar words come before other needs of the same person.
    order = sorted(percents, key=lambda id_: (id_ not in likely, -percents[id_], id_))
    found = {one.id: one for one in await reference.attach(await listed.by_ids(order), "category")}
    return [
        LikelyDuplicate(found[id_], likely.get(id_), id_ in household, found[id_].category.confidential)
        for id_ in order
        if id_ in found
    ]


# A phone number does not make a household: anybody can type it.
OF_HOUSEHOLD = f"need n JOIN ({households.MEMBERS_NOW}) h ON h.person_id = n.person_id"


async def _latest(near: Condition, need: Need, *, of_household: bool = False) -> Sequence[Mapping[str, Any]]:
    columns = "n.id, n.text, n.person_id = ? AND n.category_id = ? alike"
    source, whose = (OF_HOUSEHOLD, (need.person_id,) * 2) if of_household else ("need n", ())
    latest = "ORDER BY n.submitted_at DESC LIMIT ?"
    of_need = (need.person_id, need.category_id)
    return await select(columns, source, near, latest, first=(*of_need, *whose), last=(MAX_COMPARED,))


# No worker alone makes a household that reads each other's needs: who has an account entered it on their own phone, or
# has kept the place that others gave them; who has none was entered by another worker.
_CHOSEN = """
    ({0}.entered_by_id = {0}.person_id OR {0}.joined_at <= ? OR (p{0}.openid IS NULL AND {0}.entered_by_id <> ?))
    AND {0}.joined_at <= ?
"""
_ONE_HOUSEHOLD = f"""
    SELECT 1 FROM household_member a JOIN household_member b ON b.household_id = a.household_id
    JOIN person pa ON pa.id = a.person_id JOIN person pb ON pb.id = b.person_id
    WHERE a.person_id = ? AND b.person_id = ? AND a.current = 1 AND b.current = 1
        AND {_CHOSEN.format("a")} AND {_CHOSEN.format("b")}
"""  # noqa: S608 - names of ours


async def _same_household(one: int, other: int, by: int, now: datetime) -> bool:
    if one == other:
        return True
    chosen = [now - households.NEAR_FOR, by, now]
    return bool((await db.execute(_ONE_HOUSEHOLD, [one, other, *chosen, *chosen]))[1])


async def _require_joinable_words(need: Need, target: Need, by: Staff) -> None:
    """Refuse to show a secret to more people.

    A confidential need joins only a confidential one of the same people. So does one that is or was an emergency, or
    that has words of crisis: they may be about those who live there.

    The check of the reader comes first: a refusal must not say whose need it is.
    """
    for one in (need, target):
        await access.require_reader(one, by)
    confidential = {await access.is_confidential(one) for one in (need, target)}
    same_people = await _everybody(need) == await _everybody(target)
    is_kept_apart = confidential != {False} or await crisis_alerts.tell_of_danger(need, target)
    if len(confidential) > 1 or (is_kept_apart and not same_people):
        raise NotMergeable


async def _everybody(need: Need) -> set[int]:
    """Return the people of the need, and of those merged into it, also of who does not live there now."""
    joined = [one.residents for one in await resident_queries.list_joined(need)]
    return access.own_residents(need).union(*joined)


@db.transaction
async def merge(need_id: int, *, into: int, by: Staff, now: datetime) -> Need:
    """Merge a duplicate into another open need of the same household and station; both keep their timelines.

    The joined need has the higher urgency, the earlier deadlines, the alert with the station that watches it, the
    photos, and both residents: each reads it, is notified, writes, urges, reopens and rates.
    Raises `NotMergeable` for any other pair, `CrisisNotAcknowledged` for an emergency that nobody has acknowledged, and
    `HeadRequired` if one is confidential and the caller may not read it.
    """
    # Always lock in the order of ids, so that two merges of the same pair do not deadlock.
    first, second = sorted((need_id, into))
    if first == second:
        raise NotMergeable
    locked = {id_: await access.lock_for_station(id_, by) for id_ in (first, second)}
    need, target = locked[need_id], locked[into]
    await _require_joinable_words(need, target, by)
    is_same_household = await _same_household(need.person_id, target.person_id, by.person_id, now)
    if not is_same_household or target.status not in OPEN or need.status not in NOT_STARTED:
        raise NotMergeable
    await crisis_alerts.hand_over(need, target)
    await partings.part_from_strangers(need, target, now=now)
    coming, there = await access.residents_of(need), await access.residents_of(target)
    merged, took_over = _entries(need, target, by.person_id)
    await move(need, S.MERGED, merged, now=now, ended_at=now, merged_into_id=target.id, joined_needs=0)
    joined = target.joined_needs + 1 + await _bring_earlier_ones(need, target)
    await timeline.add(target, took_over, now=now, joined_needs=joined, **_joined_promise(need, target))
    await Photo.filter(need_id=need.id).update(need_id=target.id, event_number=target.event_count)
    await job_queue.plan("watch_need", target.id, due=now)  # its deadline may have come nearer
    await notify_resident(target, NEED_MERGED, people=coming, now=now)
    await notify_resident(target, NEED_JOINED, people=there - coming, now=now)
    return need


def _entries(need: Need, target: Need, by: int) -> tuple[TimelineEntry, TimelineEntry]:
    """Return the entries of the merge, for the timelines of both needs.

    They name no code: it shows where the other person is served, also when the two have parted.
    """
    one_person = access.own_residents(need) == access.own_residents(target)
    text = f"与{'您的另' if one_person else '家人的'}一条相同需求合并办理。"
    took_over = TimelineEntry("took_over", by, text="另一条相同的需求已并入，一起办理。")
    return TimelineEntry("merged", by, text=text), took_over


async def _bring_earlier_ones(need: Need, target: Need) -> int:
    """Have the needs that were merged into this one follow it, so that each leads to an open need. Return how many."""
    return await Need.filter(merged_into_id=need.id).update(merged_into_id=target.id)


def _joined_promise(need: Need, target: Need) -> dict[str, Any]:
    """Return what the target takes over: urgency, earlier deadlines, the station that watches it, a missing address.

    A deadline before the target was submitted has passed; it becomes the moment of its submission.
    """
    response = max(target.submitted_at, min(need.response_due_at, target.response_due_at))
    completion = max(response, min(need.completion_due_at, target.completion_due_at))
    return {
        "urgency": max(need.urgency, target.urgency, key=list(Urgency).index),
        "response_due_at": response,
        "completion_due_at": completion,
        "at_home": target.at_home or need.at_home,
        "place": target.place or need.place,
        "help_times": target.help_times or need.help_times,
        "overseer_id": target.overseer_id or need.overseer_id,
        "escalated_at": target.escalated_at or need.escalated_at,
    }
