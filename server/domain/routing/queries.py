"""Routes as the database gives them: one statement for the area, one for its coverage."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from tortoise.expressions import Q

from server.database import db
from server.domain.routing import area_paths
from server.domain.routing.routing_rule import NOT_SURE, AreaFacts, CoverFact, Route, route
from server.errors import NotFound
from server.models import Category, Station, StationLevel, StationStatus

# Stations that cover one of the areas on a day, whether each offers the category, and the city desk, which is the
# only one of no county: an index finds it. No row at all: there is no such category.
COVERING = """
    SELECT k.id asked_category_id, c.area_id covered_area_id, (o.id IS NOT NULL OR k.code = ?) offered, s.*
    FROM category k JOIN coverage c JOIN station s ON s.id = c.station_id
    LEFT JOIN station_category o ON o.station_id = s.id AND o.category_id = k.id
    WHERE k.{by} = ? AND c.area_id IN ({areas}) AND c.valid_from <= ? AND (c.valid_until IS NULL OR c.valid_until > ?)
    UNION ALL
    SELECT k.id, NULL, 1, s.* FROM category k JOIN station s
    WHERE k.{by} = ? AND s.county_id IS NULL AND s.level = ?
"""
OF_THE_ROUTE = {"asked_category_id", "covered_area_id", "offered"}

Row = Mapping[str, Any]


async def explained(area_id: int, code: str, on: date) -> tuple[Route, Station]:
    """Return the route of a category in the area on that day, and the station's page. Raises `NotFound`."""
    area = await area_paths.facts_of(area_id)
    rows = await _covering(area, "code", code, on)
    if not rows:
        raise NotFound(kind="category", codes=[code])
    found = route(area, rows[0]["asked_category_id"], _facts(rows), on)
    return found, next(_station(row) for row in rows if row["id"] == found.station_id)


async def responsible(area_id: int, category_id: int, on: date) -> Route:
    """Return the route of a need of the category in the area on that day. Raises `NotFound` for no such area.

    A dissolved area follows its successor.
    """
    area = await area_paths.facts_of(area_id)
    return route(area, category_id, _facts(await _covering(area, "id", category_id, on)), on)


async def settled(area_id: int, category_id: int, on: date) -> Route:
    """As `responsible`, and unchanged until the transaction ends.

    A verb that changes coverage, or opens or closes a station, locks the covered areas. Sharing the rows of the whole
    path excludes such verbs, and does not make two filings wait for each other.
    """
    area = await area_paths.held(area_id)
    return route(area, category_id, _facts(await _covering(area, "id", category_id, on)), on)


async def offers(station_id: int, category_id: int) -> bool:
    """Return whether the station offers the category. All offer `not_sure`; the city desk offers everything."""
    listed = Q(level=StationLevel.CITY_DESK) | Q(offers__category_id=category_id)
    if await Station.filter(listed, id=station_id).exists():
        return True
    return await Category.filter(id=category_id, code=NOT_SURE).exists()


async def _covering(area: AreaFacts, by: Literal["id", "code"], category: int | str, on: date) -> Sequence[Row]:
    statement = COVERING.format(by=by, areas=db.placeholders(area.ids))
    day = on.isoformat()
    values = [NOT_SURE, category, *area.ids, day, day, category, StationLevel.CITY_DESK.value]
    return (await db.execute(statement, values))[1]


def _facts(rows: Iterable[Row]) -> list[CoverFact]:
    return [
        CoverFact(
            station_id=row["id"],
            station_name=row["name"],
            level=StationLevel(row["level"]),
            status=StationStatus(row["status"]),
            category_ids=frozenset({row["asked_category_id"]} if row["offered"] else ()),
            area_id=row["covered_area_id"],
        )
        for row in rows
    ]


def _station(row: Row) -> Station:
    return Station(**{name: value for name, value in dict(row).items() if name not in OF_THE_ROUTE})
