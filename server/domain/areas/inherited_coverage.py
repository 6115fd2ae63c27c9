"""Coverage of areas that replace others."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from server.domain.areas import sql
from server.models import AreaEdition, AreaEditionRow, AreaSuccessor, Coverage, StationLevel


async def pass_on_coverage(edition: AreaEdition, *, today: date) -> list[dict[str, Any]]:
    """Give each successor the station that covers all its predecessors. Returns what an officer must decide.

    Coverage of the ended areas stays: people who still give the old area reach the same station as before.
    """
    sources = await _sources(edition)
    covering = await _covering(sources.keys() | {area for areas in sources.values() for area in areas}, today)
    undecided: list[dict[str, Any]] = []
    new: list[Coverage] = []
    for successor, areas in sorted(sources.items()):
        for level in StationLevel:
            rows = [covering[area, level] for area in areas if (area, level) in covering]
            stations = {row.station_id for row in rows}
            if len(stations) == 1 and (successor, level) in covering:
                continue  # covered already, and nobody loses a station
            if len(stations) == 1 and len(rows) == len(areas):
                begins = max(edition.valid_from, *(row.valid_from for row in rows))
                new.append(Coverage(area_id=successor, station_id=stations.pop(), level=level, valid_from=begins))
            elif stations:
                undecided.append({"area_id": successor, "level": level.value, "station_ids": sorted(stations)})
    await Coverage.bulk_create(new, batch_size=500)
    return undecided


async def _sources(edition: AreaEdition) -> dict[int, list[int]]:
    """Return the predecessors of each successor: the areas that ended and, if it existed before, itself."""
    pairs = await AreaSuccessor.filter(edition_id=edition.id).order_by("area_id").values("area_id", "successor_id")
    sources: dict[int, list[int]] = {}
    for pair in pairs:
        sources.setdefault(pair["successor_id"], []).append(pair["area_id"])
    for some in sql.batches(sources):
        for row in await AreaEditionRow.filter(edition_id=edition.id, area_id__in=some).values("area_id"):
            sources[row["area_id"]].append(row["area_id"])
    return sources


async def _covering(areas: Iterable[int], today: date) -> dict[tuple[int, str], Coverage]:
    """Return the coverage without an end, by area and level."""
    found: dict[tuple[int, str], Coverage] = {}
    for some in sql.batches(sorted(areas)):
        rows = await Coverage.filter(area_id__in=some, current=1, valid_from__lte=today)
        found |= {(row.area_id, row.level): row for row in rows}
    return found
