"""The station that is responsible for a need: the one that routing finds, unless only residents of the need act there.

Nobody works on their own need (four eyes). A room whose only worker is the resident could do nothing for them, so the
nearest station above takes the need, at which somebody else acts.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from server.domain import reference, routing, staff
from server.domain.routing import Route
from server.domain.staff import StationStaff
from server.models import Station


@dataclass(frozen=True)
class Responsible:
    """Where a need belongs: its area and category, the route to the responsible station, and that station's people."""

    area_id: int
    category_id: int
    route: Route
    staff: StationStaff


async def find(area_id: int, category_id: int, on: date, *, residents: Collection[int]) -> Responsible:
    """Return who is responsible for a need of the category in the area, of these residents, on that day.

    Raises `NotFound` for no such area.
    """
    route = await routing.responsible(area_id, category_id, on)
    people = await staff.of_station(route.station_id)
    if not only_residents(people, residents):
        return Responsible(area_id, category_id, route, people)
    setup = await reference.snapshot()
    routed = setup.stations[route.station_id]
    for above in setup.all_above(routed):
        there = await staff.of_station(above.id)
        if there.acting and not only_residents(there, residents):
            return Responsible(area_id, category_id, _moved(route, routed, above), there)
    return Responsible(area_id, category_id, route, people)


def only_residents(people: StationStaff, residents: Collection[int]) -> bool:
    """Return whether somebody acts for the station, and all of them are residents of the need."""
    return bool(people.acting) and set(people.acting) <= set(residents)


def _moved(route: Route, routed: Station, above: Station) -> Route:
    words = f"{route.words}{routed.name}只有您本人或家人值守，由{above.name}办理。"
    return replace(route, station_id=above.id, level=above.level, words=words)
