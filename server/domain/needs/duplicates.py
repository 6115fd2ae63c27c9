"""Duplicates: find similar open needs of the same household or community, and merge them."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import job_queue, policies
from server.domain.needs import access, timeline
from server.domain.needs.access import NeedAccessFacts, readable_ids
from server.domain.needs.notifications import NEED_MERGED, notify_resident
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import NOT_STARTED, OPEN, S, move
from server.domain.similarity import most_similar, similarity_percent
from server.domain.staff import Staff
from server.errors import NotMergeable
from server.models import Need

MAX_COMPARED = 200
MAX_SHOWN = 10


@dataclass(frozen=True)
class LikelyDuplicate:
    """Another open need, its similarity in percent, and whether it belongs to the same household."""

    need: Need
    percent: int
    same_household: bool


async def find(need: Need, *, by: Staff) -> list[LikelyDuplicate]:
    """Return open needs that may be the same, most similar first; compares only needs the caller may read."""
    texts = await _texts_to_compare(need, by)
    at_least = await policies.number("duplicate_similarity_percent", station_id=need.station_id)
    likely = dict(most_similar(need.text, texts, at_least=at_least, most=MAX_SHOWN))
    # The same person asking for the same kind of help is worth a look, even in other words.
    same = Q(person_id=need.person_id, category_id=need.category_id, id__in=list(texts) or [0])
    found = await Need.filter(same | Q(id__in=list(likely) or [0]))
    percents = {other.id: likely.get(other.id) or similarity_percent(need.text, other.text) for other in found}
    # Needs with similar words come before other needs of the same person.
    found.sort(key=lambda other: (other.id not in likely, -percents[other.id], other.id))
    return [LikelyDuplicate(other, percents[other.id], _same_household(need, other)) for other in found]


async def _texts_to_compare(need: Need, by: Staff) -> dict[int, str]:
    """Return the texts, by id, of needs it could be merged with: open, nearby, readable for the caller."""
    near = Need.filter(by.of_stations(), station_id=need.station_id, status__in=list(OPEN)).exclude(id=need.id)
    latest = near.force_index("need_of_station_by_status").order_by("-submitted_at").limit(MAX_COMPARED)
    columns = ("id", "category__confidential", "assignee_id", "station_id", "text")
    # The household has a query of its own: a busy community must not crowd it out.
    rows = [
        *await latest.filter(_of_household(need)).values_list(*columns),
        *await latest.filter(area_id=need.area_id).values_list(*columns),
    ]
    readable = await readable_ids([NeedAccessFacts(*facts) for *facts, _ in rows], by)
    return {id_: text for id_, *_, text in rows if id_ in readable}


def _of_household(need: Need) -> Q:
    """Return the condition for needs of the same person or with the same contact phone."""
    return Q(person_id=need.person_id) | Q(contact_phone=need.contact_phone)


def _same_household(need: Need, other: Need) -> bool:
    return need.person_id == other.person_id or need.contact_phone == other.contact_phone


@db.transaction
async def merge(need_id: int, *, into: int, by: Staff, now: datetime) -> Need:
    """Merge a duplicate into another open need of the same household and station; both keep their timelines.

    Raises `NotMergeable` for any other pair.
    """
    # Always lock in the order of ids, so that two merges of the same pair do not deadlock.
    first, second = sorted((need_id, into))
    if first == second:
        raise NotMergeable
    locked = {id_: await access.lock_for_station(id_, by) for id_ in (first, second)}
    need, target = locked[need_id], locked[into]
    if not _same_household(need, target) or target.status not in OPEN or need.status not in NOT_STARTED:
        raise NotMergeable
    text = f"与您的另一条需求（查询码{target.slip_code}）合并办理。"
    await move(
        need,
        S.MERGED,
        TimelineEntry("merged", by.person_id, text=text),
        now=now,
        ended_at=now,
        merged_into_id=target.id,
    )
    entry = TimelineEntry(
        "took_over", by.person_id, text=f"另一条相同的需求（查询码{need.slip_code}）已并入，一起办理。"
    )
    earlier = min(need.completion_due_at, target.completion_due_at)
    await timeline.add(target, entry, now=now, completion_due_at=earlier)
    await job_queue.plan("watch_need", target.id, due=now)  # its deadline may have come nearer
    await notify_resident(need, NEED_MERGED, now=now)
    return need
