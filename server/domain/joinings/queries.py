"""Joinings, as staff and the person on the phone see them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from server.domain import reference
from server.domain.pagination import Window, older
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Joining, JoiningStatus

DECIDED_WITHIN = timedelta(days=3)
NAMED = ("person", "account", "asked_by", "decided_by")


def undoable_until(joining: Joining) -> datetime | None:
    """Return until when the joining can be undone; None: it is not in force."""
    return joining.undo_until if joining.status == JoiningStatus.JOINED else None


def may_decide(joining: Joining, by: Staff) -> bool:
    """Return whether the caller is the head of the joining's station, or an officer of its county or the city."""
    return by.is_city or joining.station_id in by.head_of | by.county_station_ids


def allowed_actions(joining: Joining, by: Staff, now: datetime) -> list[str]:
    """Return what the caller may do with the joining; only a relation to its people may still forbid it."""
    if not may_decide(joining, by):
        return []
    until = undoable_until(joining)
    if until is not None:
        return ["undoing"] if now < until else []
    waits = joining.status == JoiningStatus.ASKED and now < joining.asked_at + DECIDED_WITHIN
    return ["confirmation", "refusal"] if waits and joining.asked_by_id != by.person_id else []


async def get(joining_id: int) -> Joining:
    """Return the joining with its people and station."""
    return (await _with_station([await Joining.get(id=joining_id).select_related(*NAMED)]))[0]


async def get_visible(joining_id: int, *, by: Staff) -> Joining:
    """Return a joining of the caller's stations or counties. Raises `NotFound` for others."""
    if not await Joining.filter(by.of_stations(), id=joining_id).exists():
        raise NotFound
    return await get(joining_id)


async def list_visible(by: Staff, status: JoiningStatus | None, window: Window) -> Sequence[Joining]:
    """Return a page of joinings of the caller's stations and counties, the latest first."""
    found = Joining.filter(by.of_stations(), older("asked_at", window.after))
    if status is not None:
        found = found.filter(status=status)
    return await _with_station(await found.order_by("-asked_at", "-id").limit(window.limit).select_related(*NAMED))


async def list_of_account(person_id: int) -> Sequence[Joining]:
    """Return the joinings to the person's account, the latest first."""
    found = Joining.filter(account_id=person_id).order_by("-asked_at", "-id").limit(50)
    return await _with_station(await found.select_related(*NAMED))


async def _with_station(found: list[Joining]) -> list[Joining]:
    return await reference.attach(found, "station")
