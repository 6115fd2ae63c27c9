"""Name the steps that staff can take on deeds now: the conditions of each verb, with four eyes and caps."""

from collections.abc import Sequence
from datetime import datetime

from server.domain.points import access, caps
from server.domain.points.grants import S
from server.domain.staff import Staff
from server.models import Earning


async def of_staff(deeds: Sequence[Earning], by: Staff, *, now: datetime) -> dict[int, list[str]]:
    """Return by the id of each deed the steps that the caller can take on it, each by the last part of its path.

    Each deed must be loaded with its rule. It takes at most two statements for all deeds, and none for officers.
    """
    waiting = [one for one in deeds if one.status == S.CLAIMED and one.station_id in by.station_ids]
    decidable = await access.without_involvement(waiting, by.person_id, now=now)
    left = await caps.points_left_for([one for one in decidable if one.rule is not None and one.rule.active])
    found: dict[int, list[str]] = {one.id: [] for one in deeds}
    for one in decidable:
        found[one.id] = [*(["approval"] if left.get(one.id) else []), "refusal"]
    return found
