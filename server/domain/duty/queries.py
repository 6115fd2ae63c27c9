"""Queries: a person's own shifts, and the roster of a station or a county by days, with its gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.expressions import Q

from server.domain import staff
from server.domain.duty import cover, places, roster_gaps
from server.domain.duty.access import S
from server.domain.duty.places import Place
from server.domain.duty.roster_gaps import Gap
from server.domain.staff import Staff
from server.domain.working_time import midnight
from server.errors import NotFound
from server.models import DutyShift

SHOWN = (S.OFFERED, S.ACCEPTED, S.HANDED_OVER)


@dataclass(frozen=True)
class ShownShift:
    """A shift with its place, its person's name, the asked colleague's name, and the notes left for it."""

    shift: DutyShift
    place: Place
    person: str
    asked: str | None
    notes: Sequence[str]


async def get_shown(shift: DutyShift, *, reader: int) -> ShownShift:
    """Return the shift as the reader sees it."""
    return (await _shown([shift], reader))[0]


async def require_visible(shift_id: int, *, by: Staff) -> None:
    """Raise `NotFound` unless the caller sees the roster of the shift, or may be on it."""
    shift = await DutyShift.get_or_none(id=shift_id)
    place = await places.place_of(shift) if shift else None
    if place is None or not (places.may_see(by, place) or await places.is_on_roster(by.person_id, place)):
        raise NotFound


async def list_own(
    person_id: int, *, since: datetime, after: tuple[datetime, int] | None, limit: int
) -> list[ShownShift]:
    """Return a page of the person's shifts that end after `since`, and of those they are asked to take over."""
    mine = Q(person_id=person_id) | Q(asked_id=person_id)
    found = DutyShift.filter(mine, ends_at__gt=since)
    if after is not None:
        found = found.filter(Q(ends_at__gt=after[0]) | Q(ends_at=after[0], id__gt=after[1]))
    return await _shown(await found.order_by("ends_at", "id").limit(limit), person_id)


@dataclass(frozen=True)
class RosterDay:
    """A day in Shanghai with the shifts that touch it, and its gaps."""

    day: date
    shifts: Sequence[ShownShift]
    gaps: Sequence[Gap]


async def get_roster(
    by: Staff, *, station_id: int | None, county_id: int | None, first: date, days: int
) -> list[RosterDay]:
    """Return the roster of a station or a county by days. Raises `NotFound` if the caller may not see it.

    Shifts of the county cover its stations too: they are in their rosters.
    """
    place = await places.get_place(station_id=station_id, county_id=county_id)
    if not places.may_see(by, place):
        raise NotFound
    since, until = midnight(first), midnight(first + timedelta(days=days))
    rows = DutyShift.filter(scope__in=place.scopes, ends_at__gt=since, starts_at__lt=until, status__in=SHOWN)
    shown = await _shown(await rows.order_by("starts_at", "id"), by.person_id)
    covering = await cover.list_shifts(place.scopes, since=since)
    roster = []
    for number in range(days):
        begins, ends = since + timedelta(days=number), since + timedelta(days=number + 1)
        touching = [one for one in shown if one.shift.starts_at < ends and one.shift.ends_at > begins]
        roster.append(
            RosterDay(first + timedelta(days=number), touching, roster_gaps.find_gaps(covering, begins, ends))
        )
    return roster


async def _shown(shifts: Sequence[DutyShift], reader: int) -> list[ShownShift]:
    people = {one.person_id for one in shifts} | {one.asked_id for one in shifts if one.asked_id is not None}
    names = await staff.names_of(people)
    notes = await _notes({one.id for one in shifts if one.person_id == reader})
    return [
        ShownShift(
            shift=one,
            place=await places.place_of(one),
            person=names[one.person_id],
            asked=names[one.asked_id] if one.asked_id is not None else None,
            notes=notes.get(one.id, []),
        )
        for one in shifts
    ]


async def _notes(shift_ids: set[int]) -> dict[int, list[str]]:
    """Return the notes that were left for these shifts: their own people alone read them."""
    found: dict[int, list[str]] = {}
    if shift_ids:
        for row in await DutyShift.filter(handed_to_id__in=sorted(shift_ids)).order_by("ended_at", "id"):
            found.setdefault(row.handed_to_id or 0, []).append(row.note)
    return found


def allowed_actions(shift: DutyShift, reader: int, now: datetime) -> list[str]:
    """Return the names of what the reader may do with the shift now, for buttons; each verb checks again."""
    is_own, accepted = shift.person_id == reader, shift.status == S.ACCEPTED
    may = {
        "acceptance": is_own and shift.status == S.OFFERED,
        "decline": is_own and shift.status == S.OFFERED,
        "swap": is_own and accepted,
        "swap-acceptance": shift.asked_id == reader and accepted,
        "swap-decline": shift.asked_id == reader and accepted,
        "hand-over": is_own and accepted and shift.starts_at <= now,
    }
    return [name for name, allowed in may.items() if allowed and shift.ends_at > now]
