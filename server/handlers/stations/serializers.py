"""Serialize stations."""

from collections.abc import Collection
from typing import Any

from miniprogram_contract import stations as contract
from miniprogram_contract.stations import (
    AreaName,
    CategoryName,
    CoveredArea,
    Location,
    ResponsibleStation,
    StaffStationDetail,
    StationAction,
    StationDetail,
    StationProfile,
    StationSummary,
)
from server.domain import station_lifecycle, wordings
from server.domain.areas import short_name
from server.domain.coordinates import Coordinates, Point
from server.domain.routing import Route
from server.domain.staff import Staff
from server.domain.station_search import Page
from server.handlers.duty_state import duty_state
from server.models import Area, Category, Coverage, Station


def station_line(station: Station, metres: int | None = None) -> StationSummary:
    return StationSummary(**_line(station, metres))


def station_shape(page: Page) -> StationDetail:
    return StationDetail(**_public(page))


def staff_station(page: Page, by: Staff) -> StaffStationDetail:
    may = station_lifecycle.allowed_actions(page.station, page.people, page.covering, by=by)
    return StaffStationDetail(
        **_public(page),
        duty_phone=page.station.duty_phone,
        allowed_actions=[StationAction(action) for action in may],
    )


def responsible(route: Route, station: Station) -> ResponsibleStation:
    return ResponsibleStation(station=station_line(station), is_coverage_gap=route.gap, words=route.words)


def area_name(area: Area) -> AreaName:
    return AreaName(id=area.id, name=short_name(area.name))


def category_name(category: Category) -> CategoryName:
    return CategoryName(code=category.code, name=category.name)


def page_of(body: StationProfile, *, besides: Collection[str] = ()) -> dict[str, Any]:
    """Return the given facts of the page as the domain takes them, without the named ones."""
    given = {name: getattr(body, name) for name in body.model_fields_set.difference(besides)}
    if (place := given.get("place")) is not None:
        given["place"] = Point(place.longitude, place.latitude, Coordinates(place.coordinates))
    given |= {name: given[name] or "" for name in ("phone", "duty_phone") if name in given}
    return given


def _line(station: Station, metres: int | None = None) -> dict[str, Any]:
    level, status = contract.StationLevel(station.level), contract.StationStatus(station.status)
    return {
        "id": station.id,
        "level": level,
        "level_words": wordings.level_name(station.level),
        "status": status,
        "status_words": contract.STATUS_WORDS[status],
        "name": station.name,
        "address": station.address,
        "opening_hours": station.opening_hours,
        "phone": station.phone,
        "place": location(station),
        "distance_metres": metres,
    }


def _public(page: Page) -> dict[str, Any]:
    station = page.station
    return _line(station) | {
        "area": area_name(station.area),
        "county": area_name(station.county) if station.county_id and station.county else None,
        "operator": station.operator,
        "origin": station.origin,
        "categories": [category_name(one) for one in page.categories],
        "covers": [_covered(one) for one in page.covering],
        "duty": duty_state(page.duty),
    }


def _covered(row: Coverage) -> CoveredArea:
    until = row.valid_until.isoformat() if row.valid_until else None
    return CoveredArea(
        id=row.area_id, name=short_name(row.area.name), valid_from=row.valid_from.isoformat(), valid_until=until
    )


def location(station: Station) -> Location | None:
    if station.longitude is None or station.latitude is None:
        return None
    return Location(longitude=station.longitude, latitude=station.latitude, coordinates=contract.Coordinates.GCJ02)
