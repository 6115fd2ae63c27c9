"""Name the steps that staff can take on a service record now: the conditions of each verb, with time limits."""

from datetime import datetime

from server.domain import stations
from server.domain.service_records import access, reversal
from server.domain.service_records.approval import task_may_end, unconfirmed_possible_from, waits_for_review
from server.domain.service_records.transitions import S, may_move
from server.domain.staff import Staff
from server.models import ServiceRecord


async def of_staff(record: ServiceRecord, by: Staff, *, now: datetime) -> list[str]:
    """Return the steps that the caller can take on a record now, each by the last part of its path.

    `record` must be loaded as by `queries.get_for_staff`. Four eyes: none for the volunteer, the person they helped,
    and people who are near to either.
    """
    works = record.station_id in by.station_ids
    may = {
        "review": works and not record.verified and may_move(record, S.REVIEWED),
        "approval": works and await _may_approve(record, by, now),
        "refusal": works and may_move(record, S.DECLINED) and task_may_end(record),
        "reversal": may_move(record, S.REVERSED) and await _may_reverse(record, by),
    }
    steps = [name for name, allowed in may.items() if allowed]
    return [] if steps and await access.is_near(record, by.person_id, now=now) else steps


async def _may_approve(record: ServiceRecord, by: Staff, now: datetime) -> bool:
    if not may_move(record, S.APPROVED) or not task_may_end(record) or waits_for_review(record):
        return False
    possible_from = await unconfirmed_possible_from(record)
    is_overdue = possible_from is None or now >= possible_from
    return is_overdue and by.person_id not in access.earlier_reviewers(record)


async def _may_reverse(record: ServiceRecord, by: Staff) -> bool:
    """Return whether the caller heads the station with the last word, and nothing was spent that would go back."""
    appealed_to = await access.station_of_appeal(record)
    heads = record.station_id in by.head_of if appealed_to is None else appealed_to in await stations.headed_by(by)
    return heads and not await reversal.is_spent(record)
