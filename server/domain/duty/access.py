"""Access to shifts: row locks, and the rules for taking one."""

from datetime import date, datetime, timedelta

from server.database import db
from server.domain import policies, staff
from server.domain.duty import places
from server.domain.duty.places import Place
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI, midnight, month_after
from server.errors import InvalidShiftState, NotFound, NotOnRoster, ShiftConflict, ShiftOver, TooManyShifts
from server.models import COVERING, DutyShift, DutyShiftStatus, Person

S = DutyShiftStatus


async def lock_person(person_id: int) -> None:
    """Lock a person and their roles: they take no two shifts at once, and leave only before or after."""
    await staff.lock_roles(person_id)
    await Person.filter(id=person_id).only("id").select_for_update()


async def get_own(shift_id: int, person_id: int) -> DutyShift:
    """Return a shift of the person. Raises `NotFound` for shifts of others."""
    shift = await DutyShift.get_or_none(id=shift_id, person_id=person_id)
    if shift is None:
        raise NotFound
    return shift


async def lock_own(shift_id: int, person_id: int) -> DutyShift:
    """Lock a shift of the person. Raises `NotFound` for shifts of others."""
    return await _lock(shift_id, person_id=person_id)


async def lock_asked(shift_id: int, person_id: int) -> DutyShift:
    """Lock a shift that the person was asked to take over. Raises `NotFound` for others."""
    return await _lock(shift_id, asked_id=person_id)


async def lock_managed(shift_id: int, by: Staff) -> tuple[DutyShift, Place]:
    """Lock a shift at a place where the caller offers shifts.

    Raises `HeadRequired` for other staff of the station, `NotFound` for anybody else.
    """
    shift = await _lock(shift_id)
    place = await places.place_of(shift)
    if not places.may_see(by, place):
        raise NotFound
    places.require_manager(by, place)
    return shift, place


async def _lock(shift_id: int, **owner: int) -> DutyShift:
    shift = await DutyShift.filter(id=shift_id, **owner).select_for_update().first()
    if shift is None:
        raise NotFound
    return shift


def require_coming(shift: DutyShift, *statuses: S, now: datetime) -> None:
    """Raise `InvalidShiftState` unless the shift is in one of the states, `ShiftOver` if it has ended."""
    if shift.status not in statuses:
        raise InvalidShiftState(status=shift.status)
    if shift.ends_at <= now:
        raise ShiftOver(status=shift.status)


async def require_can_take(
    person_id: int, place: Place, starts_at: datetime, ends_at: datetime, *, but: int | None = None
) -> None:
    """Refuse a shift to a person who cannot take it.

    Raises `NotOnRoster`, `ShiftConflict` if they are on duty elsewhere then, `TooManyShifts`. A verb that gives a shift
    locks the person first.
    """
    if not await places.is_on_roster(person_id, place):
        raise NotOnRoster
    theirs = DutyShift.filter(person_id=person_id, status__in=COVERING).exclude(id=but or 0)
    other = await theirs.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).order_by("starts_at").first()
    if other is not None:
        raise ShiftConflict(started_at=other.starts_at, ended_at=other.ends_at)
    limits = await policies.numbers("duty_shifts_per_week", "duty_shifts_per_month", **place.policy_scope)
    week, month = _week_and_month(starts_at.astimezone(SHANGHAI).date())
    for (first, following), limit in (
        (week, limits["duty_shifts_per_week"]),
        (month, limits["duty_shifts_per_month"]),
    ):
        if await theirs.filter(starts_at__gte=midnight(first), starts_at__lt=midnight(following)).count() >= limit:
            raise TooManyShifts(limit=limit, left=0)


def _week_and_month(day: date) -> tuple[tuple[date, date], tuple[date, date]]:
    """Return the first days of the week and the month of the day, each with the first day after it."""
    monday, first = day - timedelta(days=day.weekday()), day.replace(day=1)
    return (monday, monday + timedelta(days=7)), (first, month_after(first))


async def change(shift: DutyShift, **columns: object) -> None:
    """Write the columns of a locked shift."""
    db.require_transaction()
    await DutyShift.filter(id=shift.id).update(**columns)
    shift.update_from_dict(columns)
