"""County borders: find the county of a point, if borders are installed.

Borders may not be redistributed, so none are included. They come from a GeoJSON file of the administrator, or from the
package `geotool-cn` if it is installed (dependency group `geo`). Otherwise no point has a county.
"""

import importlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

Position = tuple[float, float]
Ring = Sequence[Position]

SYSTEMS = ("gcj02", "wgs84")
# Names of the official code in published files. Some put the country's number before it.
CODE_NAMES = ("code", "adcode", "gb")
CODE_DIGITS = 6


class CountyBorders(Protocol):
    def county_code(self, *, gcj02: Position, wgs84: Position) -> str | None:
        """Return the six-digit code of the county around a point, (longitude, latitude) in both systems."""


class NoBorders:
    """The answer if no borders are installed."""

    def county_code(self, *, gcj02: Position, wgs84: Position) -> None:  # noqa: ARG002
        return None


@dataclass(frozen=True)
class _County:
    code: str
    rings: tuple[Ring, ...]
    west: float
    south: float
    east: float
    north: float

    def holds(self, at: Position) -> bool:
        if not (self.west <= at[0] <= self.east and self.south <= at[1] <= self.north):
            return False
        # A point in a hole crosses its ring too, which makes the count even.
        return sum(_crossings(ring, at) for ring in self.rings) % 2 == 1


class FileBorders:
    """Borders of a GeoJSON FeatureCollection.

    Its member `coordinates` names the coordinate system (`gcj02` or `wgs84`). Features are polygons with the county's
    code in the property `code`, `adcode` or `gb`. Raises `ValueError` for anything else.
    """

    def __init__(self, path: Path) -> None:
        drawn = json.loads(path.read_text("utf-8"))
        self._system = drawn.get("coordinates")
        if self._system not in SYSTEMS:
            raise ValueError(f"{path.name}: the member `coordinates` must say gcj02 or wgs84")
        self._counties = [_county(feature, path.name) for feature in drawn["features"]]

    def county_code(self, *, gcj02: Position, wgs84: Position) -> str | None:
        at = gcj02 if self._system == "gcj02" else wgs84
        return next((county.code for county in self._counties if county.holds(at)), None)


class PackageBorders:
    """Borders as `geotool-cn` ships them, drawn in wgs84; its map of the country is opened when first asked."""

    def __init__(self, tool: Callable[[], Any]) -> None:
        self._tool = cache(tool)

    def county_code(self, *, gcj02: Position, wgs84: Position) -> str | None:  # noqa: ARG002
        found = self._tool().reverse(wgs84[1], wgs84[0]).district
        return str(found.code) if found else None


def county_borders(path: str) -> CountyBorders:
    """Borders of the file at `path`; without one those of an installed package, or none."""
    if path:
        return FileBorders(Path(path))
    try:
        package = importlib.import_module("GeoToolCN")
    except ModuleNotFoundError:
        return NoBorders()
    return PackageBorders(package.GeoTool)


def _county(feature: dict[str, Any], where: str) -> _County:
    shape, properties = feature["geometry"], feature["properties"]
    code = next((str(properties[name]) for name in CODE_NAMES if properties.get(name)), "")
    if shape["type"] not in {"Polygon", "MultiPolygon"} or len(code) < CODE_DIGITS:
        raise ValueError(f"{where}: every feature needs a polygon and its county's code")
    polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    rings = tuple(tuple((x, y) for x, y, *_ in ring) for polygon in polygons for ring in polygon)
    longitudes = [x for ring in rings for x, _ in ring]
    latitudes = [y for ring in rings for _, y in ring]
    box = min(longitudes), min(latitudes), max(longitudes), max(latitudes)
    return _County(code[-CODE_DIGITS:], rings, *box)


def _crossings(ring: Ring, at: Position) -> int:
    """Count how often the ring crosses the line from the point to the east."""
    return sum(
        (south > at[1]) != (north > at[1]) and at[0] < west + (at[1] - south) * (east - west) / (north - south)
        for (west, south), (east, north) in _sides(ring)
    )


def _sides(ring: Ring) -> Iterator[tuple[Position, Position]]:
    return zip(ring, [*ring[1:], ring[0]], strict=True)
