"""Satisfaction figures of whole months, always with the response rate, and comments without names.

They are read as they were fixed (`month_fixing.py`). Below the policy `min_ratings_for_average` no average, tag or
comment is shown, because it could be traced to a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain import policies, reference
from server.domain.policies import Scope
from server.domain.satisfaction import months
from server.domain.satisfaction.averages import RatingAverages, averages_of, list_stations, percent
from server.domain.satisfaction.month_fixing import CITY, LEAST
from server.domain.staff import Staff
from server.errors.satisfaction import MonthOpen
from server.models import Area, FigureSubject, MonthlySatisfaction, Rating, Station

# So many stars and more are a satisfied resident.
SATISFIED_STARS = 4


@dataclass(frozen=True)
class Rate:
    """A part of a whole, in needs or ratings."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        return percent(self.part, self.whole)


@dataclass(frozen=True)
class Rates:
    """The three rates 三率: answered in time 响应率, solved 解决率, satisfied 满意率."""

    in_time: Rate
    solved: Rate | None
    satisfied: Rate | None


@dataclass(frozen=True)
class Figures:
    """Figures of a month; `averages` is None below `min_ratings` ratings, and where they would reveal fewer."""

    finished: int
    asked: int
    rated: int
    ratings: int
    min_ratings: int
    averages: RatingAverages | None
    due: int = 0
    in_time: int = 0
    solved: tuple[int, ...] = ()

    @property
    def rates(self) -> "Rates":
        """Return the three rates 三率. Those made from ratings are None where averages are not shown."""
        satisfied = sum(self.averages.distribution[SATISFIED_STARS - 1 :]) if self.averages else None
        return Rates(
            in_time=Rate(self.in_time, self.due),
            solved=Rate(self.solved[0], sum(self.solved)) if self.averages else None,
            satisfied=Rate(satisfied, self.ratings) if satisfied is not None else None,
        )

    @property
    def response_percent(self) -> int | None:
        return percent(self.rated, self.asked)


@dataclass(frozen=True)
class StationFigures:
    """A station's figures of a month: of its needs, without confidential ones, and of its activities."""

    station: Station
    month: str
    needs: Figures
    activities: Figures


@dataclass(frozen=True)
class CountyFigures:
    """A county's figures of a month: of all needs, confidential ones too."""

    county: Area
    month: str
    needs: Figures


async def list_figures(
    month: str | None, *, station_id: int | None, after: int, limit: int, by: Staff
) -> list[StationFigures]:
    """Return the figures of a page of the caller's stations, of the newest month if none is given.

    Empty while no month is fixed. Raises `MonthOpen` for a month that is not fixed, and as `averages.list_stations`.
    """
    stations = await list_stations(by, station_id=station_id, after=after, limit=limit)
    chosen = await _fixed_month(month)
    if chosen is None:
        return []
    found = await _read(chosen, [Scope(station_id=one.id).key for one in stations])
    least = await policies.number_at(LEAST, stations)
    return [
        StationFigures(
            one,
            chosen,
            *(_figures(found.get((Scope(station_id=one.id).key, of)), least[one.id]) for of in FigureSubject),
        )
        for one in stations
    ]


async def list_counties(month: str | None, *, after: int, limit: int, by: Staff) -> list[CountyFigures]:
    """Return the figures of a page of the officer's counties, by id, of the newest month if none is given.

    Empty while no month is fixed. Raises `MonthOpen`.
    """
    chosen = await _fixed_month(month)
    if chosen is None:
        return []
    known = await reference.snapshot()
    everywhere = {one.county_id for one in known.stations.values() if one.county_id is not None}
    theirs = sorted(one for one in everywhere if one > after and (by.is_city or one in by.county_ids))[:limit]
    found = await _read(chosen, [Scope(county_id=one).key for one in theirs])
    return [
        CountyFigures(
            known.areas[one],
            chosen,
            _figures(
                found.get((Scope(county_id=one).key, FigureSubject.NEEDS)), await policies.number(LEAST, county_id=one)
            ),
        )
        for one in theirs
    ]


async def _fixed_month(month: str | None) -> str | None:
    """Return the month if it is fixed, or the newest that is. Raises `MonthOpen`."""
    fixed = MonthlySatisfaction.filter(scope=CITY, subject=FigureSubject.NEEDS)
    newest = await (fixed.filter(month=month) if month else fixed).order_by("-month").first()
    if newest is None and month is not None:
        raise MonthOpen(possible_from=await months.known_from(month))
    return newest.month if newest else None


async def _read(month: str, scopes: Sequence[str]) -> dict[tuple[str, FigureSubject], MonthlySatisfaction]:
    found = await MonthlySatisfaction.filter(scope__in=list(scopes), subject__in=list(FigureSubject), month=month)
    return {(one.scope, one.subject): one for one in found}


def _figures(row: MonthlySatisfaction | None, least: int) -> Figures:
    if row is None:
        return Figures(0, 0, 0, 0, least, None)
    counts = (row.finished, row.asked, row.rated, row.ratings, row.min_ratings)
    return Figures(*counts, averages_of(row), row.due, row.in_time, tuple(row.solved))


async def list_comments(month: str | None, *, station_id: int, after: int, limit: int, by: Staff) -> list[Rating]:
    """Return a page of the month's ratings with comments, after the rating `after`.

    Their order is that of random ids: it says nothing about when they were given. Confidential needs are left out.
    While the station's averages are not shown the list is empty.
    """
    found = await list_figures(month, station_id=station_id, after=0, limit=1, by=by)
    if not found or found[0].needs.averages is None:
        return []
    theirs = Rating.filter(station_id=station_id, figure_month=found[0].month, confidential=False, id__gt=after)
    return await theirs.exclude(comment="").order_by("id").limit(limit)
