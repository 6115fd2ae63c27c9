"""Read the whole set-up from the database: a few thousand rows in a dozen statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from tortoise.models import Model

from server.database import db
from server.domain.reference.snapshot import Snapshot
from server.errors import Busy
from server.models import (
    Area,
    AreaSuccessor,
    CalendarDay,
    Category,
    Coverage,
    Policy,
    ServicePromise,
    Station,
    StationCategory,
    StationLevel,
    Wording,
)

ROW = 1  # the only row of `reference_version`
NUMBER = f"SELECT number FROM reference_version WHERE id = {ROW}"  # noqa: S608 - a constant of ours
ATTEMPTS = 5
BATCH = 1_000


async def number() -> int | None:
    """Return the number of the present set-up; None before the first."""
    return number_in((await db.execute(NUMBER))[1])


def number_in(rows: Sequence[Mapping[str, int]]) -> int | None:
    return rows[0]["number"] if rows else None


async def load(areas_of: Snapshot | None = None) -> Snapshot:
    """Return the set-up as committed, all of it under one number; its areas are those of the other snapshot, if given.

    Raises `Busy` if it does not stop changing.
    """
    for _ in range(ATTEMPTS):
        found = await _read(await number(), areas_of)
        if found.number == await number():
            return found
    raise Busy


async def _read(number: int | None, areas_of: Snapshot | None) -> Snapshot:
    stations = {one.id: one for one in await Station.all().order_by("id")}
    coverage = await Coverage.all().order_by("id")
    areas = dict(areas_of.areas) if areas_of else await _areas_of_city(stations.values())
    areas |= await _linked(areas, stations.values(), "area", "county") | await _linked(areas, coverage, "area")
    return Snapshot(
        number=number,
        areas=areas,
        successors=areas_of.successors if areas_of else await _successors(areas.values()),
        stations=stations,
        coverage=_by_area(coverage),
        offers=await _offers(),
        categories={one.id: one for one in await Category.all().order_by("position", "id")},
        promises={(one.category_id, one.urgency): one for one in await ServicePromise.all()},
        policies={(one.name, one.scope): one for one in await Policy.all()},
        wordings={one.name: one for one in await Wording.all()},
        calendar_days={one.day: one.working for one in await CalendarDay.all()},
    )


async def _areas_of_city(stations: Iterable[Station]) -> dict[int, Area]:
    """Return the area of the city desk with all areas below and above it. Other areas are looked up by their ids.

    A database may hold the areas of a whole country; the people of the city live in these.
    """
    desk = next((one for one in stations if one.level == StationLevel.CITY_DESK), None)
    if desk is None:
        return {}
    city = await Area.get(id=desk.area_id)
    found = {one.id: one for one in await Area.filter(id__in=[city.id, *city.ancestor_ids])}
    parents = [city.id]
    while parents:
        below = [one for some in _batches(parents) for one in await Area.filter(parent_id__in=some)]
        found |= {one.id: one for one in below}
        parents = [one.id for one in below]
    return found


async def _linked(areas: Mapping[int, Area], rows: Collection[Model], *names: str) -> dict[int, Area]:
    """Link the rows to their areas, and return those areas that are outside the city."""
    ids = {getattr(row, f"{name}_id") for row in rows for name in names} - areas.keys() - {None}
    others = {one.id: one for some in _batches(sorted(ids)) for one in await Area.filter(id__in=some)}
    known = {**areas, **others}
    for row in rows:
        for name in names:
            setattr(row, name, known.get(getattr(row, f"{name}_id")))
    return others


async def _successors(areas: Iterable[Area]) -> dict[int, list[int]]:
    ended = [one.id for one in areas if one.valid_until is not None]
    found = defaultdict(list)
    for some in _batches(ended):
        for row in await AreaSuccessor.filter(area_id__in=some).order_by("successor_id"):
            found[row.area_id].append(row.successor_id)
    return dict(found)


def _by_area(coverage: Iterable[Coverage]) -> dict[int, list[Coverage]]:
    found = defaultdict(list)
    for row in coverage:
        found[row.area_id].append(row)
    return dict(found)


async def _offers() -> dict[int, frozenset[int]]:
    found = defaultdict(set)
    for row in await StationCategory.all():
        found[row.station_id].add(row.category_id)
    return {station_id: frozenset(category_ids) for station_id, category_ids in found.items()}


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
