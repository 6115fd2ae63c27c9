"""Duplicates: similar open needs of the same person, household or community, shown and merged."""

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
    """Another open need, how alike it is in percent, and whether it is of the same household."""

    need: Need
    percent: int
    same_household: bool


async def find(need: Need, *, by: Staff) -> list[LikelyDuplicate]:
    """Open needs that may be the same one, the likeliest first; only what the caller may read is compared."""
    texts = await _texts_to_compare(need, by)
    at_least = await policies.number("duplicate_similarity_percent", station_id=need.station_id)
    likely = dict(most_similar(need.text, texts, at_least=at_least, most=MAX_SHOWN))
    # The same person asking for the same kind of help is worth a look, whatever the words.
    same = Q(person_id=need.person_id, category_id=need.category_id, id__in=list(texts) or [0])
    found = await Need.filter(same | Q(id__in=list(likely) or [0]))
    percents = {other.id: likely.get(other.id) or similarity_percent(need.text, other.text) for other in found}
    # Told by their words before told by their person; among each, the likeliest first.
    found.sort(key=lambda other: (other.id not in likely, -percents[other.id], other.id))
    return [LikelyDuplicate(other, percents[other.id], _same_household(need, other)) for other in found]


async def _texts_to_compare(need: Need, by: Staff) -> dict[int, str]:
    """The texts of the station's open needs nearby that the caller may read, by id: those it could be merged with."""
    near = Need.filter(by.of_stations(), station_id=need.station_id, status__in=list(OPEN)).exclude(id=need.id)
    latest = near.force_index("need_of_station_by_status").order_by("-submitted_at").limit(MAX_COMPARED)
    columns = ("id", "category__confidential", "assignee_id", "station_id", "text")
    # The household's own by themselves: a busy community must not crowd them out.
    rows = [
        *await latest.filter(_of_household(need)).values_list(*columns),
        *await latest.filter(area_id=need.area_id).values_list(*columns),
    ]
    may = await readable_ids([NeedAccessFacts(*guarded) for *guarded, _ in rows], by)
    return {id_: text for id_, *_, text in rows if id_ in may}


def _of_household(need: Need) -> Q:
    """Until households are kept as such: the same person, or the same phone to call."""
    return Q(person_id=need.person_id) | Q(contact_phone=need.contact_phone)


def _same_household(one: Need, other: Need) -> bool:
    return one.person_id == other.person_id or one.contact_phone == other.contact_phone


@db.transaction
async def merge(need_id: int, *, into: int, by: Staff, now: datetime) -> Need:
    """Merge a duplicate into another open need of the same household and station; both keep their timelines."""
    # Locks in the order of ids, whichever is merged into which.
    first, second = sorted((need_id, into))
    if first == second:
        raise NotMergeable
    held = {one: await access.lock_for_station(one, by) for one in (first, second)}
    need, target = held[need_id], held[into]
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
