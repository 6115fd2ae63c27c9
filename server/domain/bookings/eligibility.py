"""Rules on who may book an activity and when; they are checked before its row is locked."""

from datetime import date, datetime

from tortoise.expressions import Q

from server.domain import areas, stations
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
)
from server.models import Activity, ActivityArea, ActivityStatus, Area, Attendee, Channel, Coverage


async def get_published(activity_id: int) -> Activity:
    """Return the activity with its station, not locked; raises NotFound if it was never published."""
    activity = await Activity.filter(id=activity_id, published_at__isnull=False).select_related("station").first()
    if activity is None:
        raise NotFound
    return activity


def require_booking_open(activity: Activity, channel: Channel, now: datetime) -> None:
    """Raise NotBookable, BookingNotOpen or BookingClosed; at the counter booking is open until the activity ends."""
    if activity.status != ActivityStatus.PUBLISHED:
        raise NotBookable(status=activity.status)
    if now < activity.booking_opens_at:
        raise BookingNotOpen(possible_from=activity.booking_opens_at)
    closes_at = activity.booking_closes_at if channel == Channel.PHONE_APP else activity.ends_at
    if now >= closes_at:
        raise BookingClosed(until=closes_at)


async def require_not_booked(activity_id: int, party: Party) -> None:
    """Raise AlreadyBooked, with positions in the list, if some of the party are booked already.

    The caller may learn this: they live together, or the worker serves them at the counter.
    """
    ids = [one.id for one in party.people]
    current = Attendee.filter(activity_id=activity_id, person_id__in=ids, current=1)
    if there := {one.person_id for one in await current.only("id", "person_id")}:
        known = zip(party.positions, party.seats, strict=True)
        raise AlreadyBooked(attendees=[place for place, one in known if one.person_id in there])


async def require_eligible(activity: Activity, party: Party, *, now: datetime) -> None:
    """Raise unless the party has the right size, homes and ages.

    Raises PartyTooLarge, HomeRequired, AreaNotEligible, PriorityPeriod, BirthYearRequired, AgeNotAllowed.
    """
    party.require_size(activity)
    await _require_area(activity, party, now)
    _require_age(activity, party)


async def _require_area(activity: Activity, party: Party, now: datetime) -> None:
    meant = set(await ActivityArea.filter(activity_id=activity.id).values_list("area_id", flat=True))
    until = activity.priority_until
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
    homes = {one.home.id: one.home for one in party.people if one.home is not None}
    if not homes:
        raise HomeRequired
    return [await _enclosing_areas(home) for home in homes.values()]


async def _enclosing_areas(home: Area) -> set[int]:
    """Return the home and the areas above it, as chosen and, after a merger, as they are today."""
    there = {home.id, *home.ancestor_ids}
    if home.valid_until is not None:
        today = await areas.current_area(home.id)
        there |= {today.id, *today.ancestor_ids}
    return there


async def _are_covered(homes: list[set[int]], station_id: int, on: date) -> bool:
    lasting = Q(valid_until=None) | Q(valid_until__gt=on)
    covering = Coverage.filter(
        lasting, station_id=station_id, valid_from__lte=on, area_id__in=sorted(set().union(*homes))
    )
    covered = set(await covering.values_list("area_id", flat=True))
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
