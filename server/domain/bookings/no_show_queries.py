"""No-shows as those see them whose they are, and as staff see them who may forgive one."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from server.domain.bookings import no_shows
from server.domain.pagination import Place, Window, later, older
from server.domain.staff import Staff
from server.models import NoShow

_RELATED = ("booking__activity__station", "person")


@dataclass(frozen=True)
class NoShowSummary:
    """How many no-shows of a person count now, of how many borne within how long, and what follows from it."""

    counting: int
    rule: no_shows.NoShowRule
    behind_until: datetime | None


async def get_summary(person_id: int, now: datetime) -> NoShowSummary:
    """Where the person stands."""
    rule = await no_shows.get_rule()
    counted = NoShow.filter(person_id=person_id, exemption=None, at__gte=now - rule.within)
    return NoShowSummary(await counted.count(), rule, await no_shows.behind_until([person_id], now))


async def list_of_person(person_id: int, window: Window) -> list[NoShow]:
    """A page of the person's own, newest first."""
    mine = NoShow.filter(older("at", window.after), person_id=person_id).order_by("-at", "-id")
    return await mine.limit(window.limit).select_related(*_RELATED)


async def get(no_show_id: int) -> NoShow:
    """One with what is shown of it, for who was just let at it."""
    return await NoShow.get(id=no_show_id).select_related(*_RELATED)


async def list_of_stations(by: Staff, station_id: int | None, window: Window) -> list[NoShow]:
    """A page of those at the caller's stations and counties.

    First who gave an excuse and waits for an answer, the longest first, then the rest, newest first.
    """
    theirs = NoShow.filter(by.of_stations())
    if station_id is not None:
        theirs = theirs.filter(station_id=station_id)
    asking = Q(exemption=None, excused_at__isnull=False, decided_at=None)
    # Spelled out: what is NOT(… = NULL) leaves out in SQL is nobody's to find.
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
    return await rows.limit(limit).select_related(*_RELATED)


async def _is_in_first_part(place: Place) -> bool:
    """Whether a place lies in the first part: it was named by when they gave their excuse."""
    at, last = place
    return await NoShow.filter(id=last, excused_at=at).exists()


def position_of(no_show: NoShow) -> Place:
    """By what the station's list is sorted, of a row of it."""
    answered = no_show.exemption is not None or no_show.decided_at is not None
    return (no_show.at if answered else no_show.excused_at or no_show.at), no_show.id
