"""Rankings: the volunteers with most time, among those who agreed to be named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tortoise.functions import Sum

from server.domain import reference
from server.domain.working_time import SHANGHAI, midnight
from server.errors import NotFound
from server.models import AreaLevel, Person, RecordStatus, ServiceRecord, Volunteer, VolunteerStatus

MAX_ROWS = 50
# Only present volunteers with an account that is not shut out are named.
RANKED_VOLUNTEERS: Mapping[str, Any] = {
    "show_in_rankings": True,
    "status": VolunteerStatus.APPROVED,
    "served_minutes__gt": 0,
    "person__disabled_at": None,
}


class Period(StrEnum):
    MONTH = "month"
    YEAR = "year"
    ALL = "all"


@dataclass(frozen=True)
class RankingRow:
    """A volunteer's place; volunteers with equal time share one."""

    rank: int
    person: Person
    served_minutes: int


async def list_ranking(
    period: Period, *, station_id: int | None, county_id: int | None, now: datetime
) -> list[RankingRow]:
    """Return the first 50 volunteers of a station, a county or the city, by their approved minutes.

    `period` is this month, this year (by when the service ended, in Shanghai), or all time.
    Raises `NotFound` for a missing station or county.
    """
    place_filter = await _place_filter(station_id, county_id)
    if period == Period.ALL:
        found = await _all_time(place_filter)
    else:
        found = await _since(_start_of(period, now), now, place_filter)
    return await _with_ranks(found)


async def _place_filter(station_id: int | None, county_id: int | None) -> dict[str, Any]:
    place_filter: dict[str, Any] = {}
    if station_id is not None:
        if await reference.station(station_id) is None:
            raise NotFound
        place_filter["station_id"] = station_id
    if county_id is not None:
        county = await reference.area(county_id)
        if county is None or county.level != AreaLevel.COUNTY:
            raise NotFound
        within = (await reference.snapshot()).stations_in({county_id})
        place_filter["station_id__in"] = [one.id for one in within] or [0]
    return place_filter


async def _all_time(place_filter: dict[str, Any]) -> list[tuple[int, int]]:
    volunteers = Volunteer.filter(**RANKED_VOLUNTEERS, **place_filter)
    rows = volunteers.order_by("-served_minutes", "id").limit(MAX_ROWS)
    return [(person_id, minutes) for person_id, minutes in await rows.values_list("person_id", "served_minutes")]


async def _since(since: datetime, now: datetime, place_filter: dict[str, Any]) -> list[tuple[int, int]]:
    of_them: dict[str, Any] = {
        f"volunteer__volunteer__{name}": value for name, value in {**RANKED_VOLUNTEERS, **place_filter}.items()
    }
    # Service that ends at midnight belongs to the day before.
    records = ServiceRecord.filter(status=RecordStatus.APPROVED, ended_at__gt=since, ended_at__lte=now)
    sums = records.filter(minutes__gt=0, **of_them).annotate(served=Sum("minutes")).group_by("volunteer_id")
    rows = sums.order_by("-served", "volunteer_id").limit(MAX_ROWS)
    return [(person_id, int(minutes)) for person_id, minutes in await rows.values_list("volunteer_id", "served")]


def _start_of(period: Period, now: datetime) -> datetime:
    today = now.astimezone(SHANGHAI).date()
    first = today.replace(day=1) if period == Period.MONTH else today.replace(month=1, day=1)
    return midnight(first)


async def _with_ranks(found: list[tuple[int, int]]) -> list[RankingRow]:
    people = await Person.in_bulk([person_id for person_id, _ in found], "id")
    minutes = [served for _, served in found]
    # The rank is one more than the number of people who served longer.
    return [RankingRow(1 + minutes.index(served), people[person_id], served) for person_id, served in found]
