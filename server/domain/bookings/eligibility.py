"""Rules on who may book an activity and when; they are checked before its row is locked."""

from datetime import date, datetime

from server.database import db, rows
from server.domain import areas, reference, stations
from server.domain.activities import access as activities
from server.domain.bookings.access import FIXED_COLUMNS
from server.domain.bookings.party import Party
from server.domain.working_time import SHANGHAI
from server.errors import (
    AgeNotAllowed,
    AlreadyBooked,
    AreaNotEligible,
    BirthYearRequired,
    BookingClosed,
    BookingNotOpen,
    HomeRequired,
    NotBookable,
    NotFound,
    PriorityPeriod,
    Refusal,
)
from server.models import Activity, ActivityStatus, Area, Channel

_COLUMNS = (
    *FIXED_COLUMNS, "status", "starts_at", "ends_at", "booking_closes_at", "seats", "priority_until", "min_age",
    "max_age", "questions", activities.ELIGIBLE_AREA_IDS,
)  # fmt: skip
_PUBLISHED = f"SELECT {', '.join(_COLUMNS)} FROM activity WHERE id = ? AND published_at IS NOT NULL"  # noqa: S608


async def get_published(activity_id: int) -> Activity:
    """Return what the rules need of the activity, and the areas it is for, not locked.

    Raises NotFound if it was never published.
    """
    _, read = await db.execute(_PUBLISHED, [activity_id])
    if not read:
        raise NotFound
    activity = rows.of(Activity, read[0])
    activity.eligible_area_ids = activities.eligible_area_ids(read[0])
    return activity


def require_booking_open(activity: Activity, channel: Channel, now: datetime) -> None:
    """Raise NotBookable, BookingNotOpen or BookingClosed; at the counter booking is open until the activity ends."""
    if refusal := booking_refusal(activity, channel, now):
        raise refusal


def booking_refusal(activity: Activity, channel: Channel, now: datetime) -> Refusal | None:
    """Return the refusal of `require_booking_open`, or None while booking is open."""
    if activity.status != ActivityStatus.PUBLISHED:
        return NotBookable(status=activity.status)
    if now < activity.booking_opens_at:
        return BookingNotOpen(possible_from=activity.booking_opens_at)
    closes_at = activity.booking_closes_at if channel == Channel.PHONE_APP else activity.ends_at
    return BookingClosed(until=closes_at) if now >= closes_at else None


def require_not_booked(party: Party) -> None:
    """Raise AlreadyBooked, with positions in the list, if some of the party are booked already.

    The caller may learn this: they live together, or the worker serves them at the counter.
    """
    if party.booked:
        known = zip(party.positions, party.seats, strict=True)
        raise AlreadyBooked(attendees=[place for place, one in known if one.person_id in party.booked])


async def require_eligible(activity: Activity, party: Party, *, now: datetime) -> None:
    """Raise unless the party has the right size, homes and ages.

    Raises PartyTooLarge, HomeRequired, AreaNotEligible, PriorityPeriod, BirthYearRequired, AgeNotAllowed.
    """
    party.require_size(activity)
    await _require_area(activity, party, now)
    _require_age(activity, party)


async def _require_area(activity: Activity, party: Party, now: datetime) -> None:
    meant, until = activity.eligible_area_ids, activity.priority_until
    first = until is not None and now < until
    if not meant and not first:
        return
    homes = await _home_areas(party)
    if meant and any(home.isdisjoint(meant) for home in homes):
        raise AreaNotEligible
    if first and not await _are_covered(homes, activity.station_id, stations.today(now)):
        raise PriorityPeriod(possible_from=until)


async def _home_areas(party: Party) -> list[set[int]]:
    """Return the areas around each home in the party; attendees without a home are taken to live with the others."""
    home_ids = {one.home_id for one in party.people if one.home_id is not None}
    if not home_ids:
        raise HomeRequired
    return [await _enclosing_areas(home) for home in (await reference.areas(home_ids)).values()]


async def _enclosing_areas(home: Area) -> set[int]:
    """Return the home and the areas above it, as chosen and, after a merger, as they are today."""
    there = {home.id, *home.ancestor_ids}
    if home.valid_until is not None:
        today = await areas.current_area(home.id)
        there |= {today.id, *today.ancestor_ids}
    return there


async def _are_covered(homes: list[set[int]], station_id: int, on: date) -> bool:
    coverage = (await reference.snapshot()).coverage
    covered = {
        area_id
        for area_id in set().union(*homes)
        for row in coverage.get(area_id, ())
        if row.station_id == station_id and row.valid_from <= on and (row.valid_until is None or row.valid_until > on)
    }
    return not any(home.isdisjoint(covered) for home in homes)


def _require_age(activity: Activity, party: Party) -> None:
    """Count by years: a person who turns 60 in the activity's year is 60."""
    if activity.min_age is None and activity.max_age is None:
        return
    born = [one.birth_year if one.person is None else one.person.birth_year for one in party.seats]
    if unknown := [place for place, year in zip(party.positions, born, strict=True) if year is None]:
        raise BirthYearRequired(attendees=unknown)
    held_in = activity.starts_at.astimezone(SHANGHAI).year
    least, most = activity.min_age or 0, activity.max_age
    ages = {place: held_in - year for place, year in zip(party.positions, born, strict=True) if year is not None}
    if wrong := [place for place, age in ages.items() if age < least or (most is not None and age > most)]:
        raise AgeNotAllowed(min_age=activity.min_age, max_age=most, attendees=wrong)
