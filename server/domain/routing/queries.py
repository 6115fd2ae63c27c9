"""Routes as the city's set-up gives them."""

from datetime import date

from server.domain import areas, reference, wordings
from server.domain.reference import Snapshot
from server.domain.routing.routing_rule import NOT_SURE, AreaFacts, AreaStep, CoverFact, Route, route
from server.errors import NotFound
from server.models import Area, Coverage, Station, StationLevel


async def explained(area_id: int, code: str, on: date) -> tuple[Route, Station]:
    """Return the route of a category in the area on that day, and the station's page. Raises `NotFound`."""
    snapshot = await reference.snapshot()
    path = await area_path(area_id)
    category = snapshot.category(code)
    if category is None:
        raise NotFound(kind="category", codes=[code])
    found = _route(snapshot, path, category.id, on)
    return found, snapshot.stations[found.station_id]


async def responsible(area_id: int, category_id: int, on: date) -> Route:
    """Return the route of a need of the category in the area on that day. Raises `NotFound` for no such area.

    A dissolved area follows its successor.
    """
    return _route(await reference.snapshot(), await area_path(area_id), category_id, on)


async def settled(area_id: int, category_id: int, on: date) -> Route:
    """As `responsible`, and unchanged until the transaction ends."""
    return _route(await reference.lock_shared(), await area_path(area_id), category_id, on)


async def offers(station_id: int, category_id: int) -> bool:
    """Return whether the station offers the category. All offer `not_sure`; the city desk offers everything."""
    snapshot = await reference.snapshot()
    station = snapshot.stations.get(station_id)
    return station is not None and category_id in _offered(snapshot, station, category_id)


async def area_path(area_id: int) -> AreaFacts:
    """Return the present area with all areas above it. Raises `NotFound`."""
    area = await areas.current_area(area_id)
    above = await reference.areas(area.ancestor_ids)
    upwards = [area, *(above[ancestor] for ancestor in reversed(area.ancestor_ids))]
    return AreaFacts(tuple(_step(one) for one in upwards))


def _step(area: Area) -> AreaStep:
    # Residents read the short name: 团结村, not 团结村村民委员会.
    return AreaStep(area.id, area.level, areas.short_name(area.name))


def _route(snapshot: Snapshot, path: AreaFacts, category_id: int, on: date) -> Route:
    covering = [
        _fact(snapshot, snapshot.stations[row.station_id], category_id, row)
        for area_id in path.ids
        for row in snapshot.coverage.get(area_id, ())
    ]
    desk = snapshot.city_desk
    assert desk is not None, "the city desk is created by the set-up, before anybody can submit a need"
    return route(path, category_id, [*covering, _fact(snapshot, desk, category_id)], on, wordings.level_names(snapshot))


def _fact(snapshot: Snapshot, station: Station, category_id: int, covers: Coverage | None = None) -> CoverFact:
    return CoverFact(
        station_id=station.id,
        station_name=station.name,
        level=station.level,
        status=station.status,
        category_ids=_offered(snapshot, station, category_id),
        area_id=covers.area_id if covers else None,
        valid_from=covers.valid_from if covers else date.min,
        valid_until=covers.valid_until if covers else None,
    )


def _offered(snapshot: Snapshot, station: Station, category_id: int) -> frozenset[int]:
    """Return the ids of the categories that the station offers, among them `category_id` if all stations offer it."""
    offered = snapshot.offers.get(station.id, frozenset())
    category = snapshot.categories.get(category_id)
    if station.level == StationLevel.CITY_DESK or (category is not None and category.code == NOT_SURE):
        return offered | {category_id}
    return offered
