"""No-shows as residents and staff read them."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from server.domain import reference
from server.domain.bookings import no_shows
from server.domain.pagination import Place, Window, later, older
from server.domain.staff import Staff
from server.models import NoShow


@dataclass(frozen=True)
class NoShowSummary:
    """A person's counted no-shows, the rule, and until when the person comes last in waiting lists."""

    counting: int
    rule: no_shows.NoShowRule
    penalty_until: datetime | None


async def get_summary(person_id: int, now: datetime) -> NoShowSummary:
    """Return how many no-shows of the person count now and what follows."""
    rule = await no_shows.get_rule()
    counted = NoShow.filter(person_id=person_id, exemption=None, at__gte=now - rule.within)
    return NoShowSummary(await counted.count(), rule, await no_shows.penalty_until([person_id], now))


async def list_of_person(person_id: int, window: Window) -> list[NoShow]:
    """Return a page of the person's no-shows, newest first."""
    rows = NoShow.filter(older("at", window.after), person_id=person_id).order_by("-at", "-id")
    return await _page(rows, window.limit)


async def get(no_show_id: int) -> NoShow:
    """Return the no-show with its activity and person; the caller has checked access."""
    [found] = await _page(NoShow.filter(id=no_show_id), 1)
    return found


async def list_of_stations(by: Staff, station_id: int | None, window: Window) -> list[NoShow]:
    """Return a page of the no-shows at the worker's stations and counties.

    First those with an excuse that waits for a decision, the oldest excuse first, then the rest, newest first.
    """
    theirs = NoShow.filter(by.of_stations())
    if station_id is not None:
        theirs = theirs.filter(station_id=station_id)
    asking = Q(exemption=None, excused_at__isnull=False, decided_at=None)
    # Written out, because NOT(column = NULL) would leave rows out in SQL.
    answered = Q(exemption__isnull=False) | Q(excused_at=None) | Q(decided_at__isnull=False)
    first: list[NoShow] = []
    place = window.after
    if place is None or await _is_in_first_part(place):
        first = await _page(
            theirs.filter(asking, later("excused_at", place)).order_by("excused_at", "id"), window.limit
        )
        place = None
    rest = theirs.filter(answered, older("at", place)).order_by("-at", "-id")
    left = window.limit - len(first)
    return first + (await _page(rest, left) if left else [])


async def _page(rows: QuerySet[NoShow], limit: int) -> list[NoShow]:
    found = await rows.limit(limit).select_related("booking__activity", "person")
    await reference.attach([one.booking.activity for one in found], "station")
    return found


async def _is_in_first_part(place: Place) -> bool:
    """Return whether a place in the list is among the undecided excuses: such a place holds the time of the excuse."""
    at, last = place
    return await NoShow.filter(id=last, excused_at=at).exists()


def position_of(no_show: NoShow) -> Place:
    """Return the place of the no-show in the station's list, as `list_of_stations` sorts it."""
    answered = no_show.exemption is not None or no_show.decided_at is not None
    return (no_show.at if answered else no_show.excused_at or no_show.at), no_show.id
