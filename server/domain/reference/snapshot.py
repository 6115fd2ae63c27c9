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
    Urgency,
)


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
