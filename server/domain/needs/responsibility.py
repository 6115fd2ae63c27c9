"""The station that is responsible for a need: the one that routing finds, unless nobody there may handle it.

Nobody works on their own need (four eyes): a room whose only worker is the resident could do nothing for them. And only
a head reads and assigns a confidential need. So the nearest station above takes such a need, at which somebody may.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from server.domain import reference, routing, staff
from server.domain.routing import Route
from server.domain.staff import StationStaff
from server.models import Need, Station, Urgency


@dataclass(frozen=True)
class Responsible:
    """Where a need belongs: its area and category, the route to the responsible station, and that station's people.

    `kept`: the people who do not handle it.
    """

    area_id: int
    category_id: int
    route: Route
    staff: StationStaff
    kept: Collection[int]


async def find(
    area_id: int, category_id: int, on: date, *, kept: Collection[int], is_plea: bool = False
) -> Responsible:
    """Return who is responsible for a need of the category in the area on that day.

    `kept`: the people who are kept from it, such as its residents (`access.kept_from`).

    A confidential need, which only a head reads and assigns, goes to a station with one. A plea stays with the nearest
    people: they may open it. Raises `NotFound` for no such area.
    """
    route = await routing.responsible(area_id, category_id, on)
    snapshot = await reference.snapshot()
    routed, confidential = snapshot.stations[route.station_id], snapshot.categories[category_id].confidential
    station, people = await _where_others_act(routed, kept, needs_head=confidential and not is_plea)
    if station.id != routed.id:
        route = _moved(route, routed, station)
    return Responsible(area_id, category_id, route, people, kept)


async def find_from(need: Need, *, kept: Collection[int]) -> Route:
    """Return the route of a need that people gave to its station: it stays, unless nobody there may handle it."""
    given = (await reference.snapshot()).stations[need.station_id]
    station, _ = await _where_others_act(given, kept, needs_head=await needs_head(need))
    stays = Route(given.id, given.level, gap=False, words="")
    return stays if station.id == given.id else _moved(stays, given, station)


async def where_others_act(station: Station, kept: Collection[int], *, needs_head: bool = False) -> Station:
    """Return the station, or the nearest above it at which others than the `kept` may handle a need."""
    return (await _where_others_act(station, kept, needs_head=needs_head))[0]


async def kept_housemates(lived: Mapping[int, set[int]], station_id: int, *, needs_head: bool) -> set[int]:
    """Return those of the people who lived with a resident, by who entered them, who are kept from the need.

    A place that others gave them does not count where it would leave the need to those alone who gave such places:
    else a worker could seat all colleagues with a person whom nobody is to hear.
    """
    chose = {id_ for id_, entered_by in lived.items() if id_ in entered_by}
    given_by = set[int]().union(*(lived[id_] for id_ in lived if id_ not in chose))
    if not given_by:
        return chose
    setup = await reference.snapshot()
    station = setup.stations[station_id]
    # Where the station has nobody else, the nearest one above with somebody takes the need.
    for one in (station, *setup.all_above(station)):
        if left := _others(await staff.of_station(one.id), lived.keys(), needs_head=needs_head):
            return chose if left <= given_by else set(lived)
    return chose


async def needs_head(need: Need) -> bool:
    """Return whether only a head reads and assigns the need: a confidential one that is no plea."""
    category = (await reference.snapshot()).categories[need.category_id]
    return category.confidential and need.urgency != Urgency.EMERGENCY


async def _where_others_act(
    station: Station, kept: Collection[int], *, needs_head: bool = False
) -> tuple[Station, StationStaff]:
    people = await staff.of_station(station.id)
    # Where nobody acts at all, the station keeps the need: somebody may be appointed.
    if not people.acting or _others(people, kept, needs_head=needs_head):
        return station, people
    for above in (await reference.snapshot()).all_above(station):
        there = await staff.of_station(above.id)
        if _others(there, kept, needs_head=needs_head):
            return above, there
    return station, people


def _others(people: StationStaff, kept: Collection[int], *, needs_head: bool) -> set[int]:
    """Return those who may handle the need, without those who are kept from it."""
    return set(people.heading if needs_head else people.acting) - set(kept)


def _moved(route: Route, routed: Station, above: Station) -> Route:
    words = f"{route.words}{routed.name}没有可以为您办理的其他工作人员，由{above.name}办理。"
    return replace(route, station_id=above.id, level=above.level, words=words)
