"""Who covers an area that took over from others."""

from collections.abc import Iterable
from typing import Any

from server.domain.areas import sql
from server.models import AreaEdition, AreaEditionRow, AreaSuccessor, Coverage, StationLevel


async def pass_on_coverage(edition: AreaEdition) -> list[dict[str, Any]]:
    """Give each successor the station that covers all it came from; returns what an officer must decide.

    Coverage of the areas that ended stays: whoever still lives “there” reaches the same station as before.
    """
    sources = await _sources(edition)
    stations = await _stations({area for areas in sources.values() for area in areas})
    undecided: list[dict[str, Any]] = []
    new: list[Coverage] = []
    for successor, areas in sorted(sources.items()):
        for level in StationLevel:
            found = [stations.get((area, level)) for area in areas]
            if (successor, level) in stations and set(found) <= {None, stations[successor, level]}:
                continue  # covered already, and nobody loses a station
            if None not in found and len(set(found)) == 1:
                new.append(_coverage(edition, successor, level, found[0]))
            elif any(found):
                undecided.append({"area_id": successor, "level": level.value, "station_ids": _known(found)})
    await Coverage.bulk_create(new, batch_size=500)
    return undecided


async def _sources(edition: AreaEdition) -> dict[int, list[int]]:
    """What each successor of this edition came from: the areas that ended and, if it was there before, itself."""
    pairs = await AreaSuccessor.filter(edition_id=edition.id).order_by("area_id").values("area_id", "successor_id")
    sources: dict[int, list[int]] = {}
    for pair in pairs:
        sources.setdefault(pair["successor_id"], []).append(pair["area_id"])
    for some in sql.batches(sources):
        there = AreaEditionRow.filter(edition_id=edition.id, area_id__in=some)
        for area in await there.values_list("area_id", flat=True):
            sources[area].append(area)  # type: ignore[index, arg-type]
    return sources


async def _stations(areas: Iterable[int]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for some in sql.batches(sorted(areas)):
        for row in await Coverage.filter(area_id__in=some, current=1).values("area_id", "level", "station_id"):
            found[row["area_id"], row["level"]] = row["station_id"]
    return found


def _coverage(edition: AreaEdition, area: int, level: StationLevel, station: int | None) -> Coverage:
    assert station is not None
    return Coverage(area_id=area, station_id=station, level=level, valid_from=edition.valid_from)


def _known(stations: Iterable[int | None]) -> list[int]:
    return sorted({station for station in stations if station is not None})
