"""The set-up of the city as one immutable snapshot, and the functions that answer from it alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from server.models import (
    Area,
    Category,
    Coverage,
    Policy,
    ServicePromise,
    Station,
    StationLevel,
    StationStatus,
    Urgency,
    Wording,
)

# The levels above each level, nearest first. The city desk is above all of them.
ABOVE: dict[StationLevel, tuple[StationLevel, ...]] = {
    StationLevel.COMMUNITY_ROOM: (StationLevel.TOWN_STATION, StationLevel.HEAD_STATION),
    StationLevel.TOWN_STATION: (StationLevel.HEAD_STATION,),
    StationLevel.HEAD_STATION: (),
    StationLevel.CITY_DESK: (),
}


@dataclass(frozen=True)
class Snapshot:
    """The set-up under one number. Its rows are shared by all requests of the process: nobody changes them.

    `areas` holds the city's areas, present and ended, those above the city, and those of stations and coverage.
    Stations and coverage are linked to their areas.
    """

    number: int | None
    areas: Mapping[int, Area] = field(default_factory=dict)
    successors: Mapping[int, Sequence[int]] = field(default_factory=dict)  # ids by the id of the ended area
    stations: Mapping[int, Station] = field(default_factory=dict)
    coverage: Mapping[int, Sequence[Coverage]] = field(default_factory=dict)  # by area, ended ones too
    offers: Mapping[int, frozenset[int]] = field(default_factory=dict)  # ids of categories by station
    categories: Mapping[int, Category] = field(default_factory=dict)
    promises: Mapping[tuple[int, Urgency], ServicePromise] = field(default_factory=dict)
    policies: Mapping[tuple[str, str], Policy] = field(default_factory=dict)  # by name and scope
    wordings: Mapping[str, Wording] = field(default_factory=dict)  # by name
    calendar_days: Mapping[date, bool] = field(default_factory=dict)  # entered by hand: is it a working day?

    @property
    def city_desk(self) -> Station | None:
        """The station that takes what no other station takes; None before the set-up."""
        return next((one for one in self.stations.values() if one.level == StationLevel.CITY_DESK), None)

    def has_all_of(self, area: Area) -> bool:
        """Return whether `areas` holds everything below the area, because it is of the city."""
        desk = self.city_desk
        return desk is not None and desk.area_id in (area.id, *area.ancestor_ids)

    def stations_in(self, county_ids: Collection[int]) -> list[Station]:
        """Return the stations of the counties, of any status, by id."""
        return [one for one in self.stations.values() if one.county_id in county_ids]

    def category(self, code: str) -> Category | None:
        """Return the category with the code, active or not."""
        return next((one for one in self.categories.values() if one.code == code), None)

    def category_ids(self, *, confidential: bool) -> list[int]:
        """Return the ids of the confidential categories, or of all others; [0], which none has, if there is none."""
        return [one.id for one in self.categories.values() if one.confidential == confidential] or [0]

    def covering(self, area_id: int) -> list[Coverage]:
        """Return the coverage of the area by open stations that has no end."""
        rows = self.coverage.get(area_id, ())
        return [row for row in rows if row.current and self.stations[row.station_id].status == StationStatus.OPEN]

    def parent_of(self, station: Station, area: Area) -> Station | None:
        """Return the nearest open station that covers the area of the station from a level above, else the city desk.

        It is a room's town station, else the county's head station. The desk is above itself; None before the set-up.
        """
        within, levels = [area.id, *reversed(area.ancestor_ids)], ABOVE[station.level]
        found = [row for one in within for row in self.covering(one) if row.level in levels]
        above = [row for row in found if row.station_id != station.id]
        if not above:
            return self.city_desk
        nearest = min(above, key=lambda row: (levels.index(row.level), within.index(row.area_id)))
        return self.stations[nearest.station_id]

    def all_above(self, station: Station) -> list[Station]:
        """Return the station's parent, the parent's parent, and so on, without the station."""
        found: list[Station] = []
        parent = self.parent_of(station, station.area)
        while parent is not None and parent.id not in {station.id, *(one.id for one in found)}:
            found.append(parent)
            parent = self.parent_of(parent, parent.area)
        return found
