"""Stand-ins 代管: where nobody works at a station, its parent's head and the officers of its area are its staff.

The officers of an area are those of its county; where the county has none, and for the city desk, those of the city.
Where nobody works at the parent either, the head of the next station above takes its place. A person works at a station
with a current role of social worker or head, if they are not shut out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.database import db
from server.domain.reference import Snapshot
from server.models import RoleKind, StandIn, Station

CAPACITIES = {
    RoleKind.STATION_HEAD: StandIn.PARENT_HEAD,
    RoleKind.COUNTY_OFFICER: StandIn.COUNTY_OFFICER,
    RoleKind.CITY_OFFICER: StandIn.CITY_OFFICER,
}

WORKS_AT = """
    SELECT 1 FROM role w JOIN person wp ON wp.id = w.person_id AND wp.disabled_at IS NULL
    WHERE w.scope = {scope} AND w.kind IN ('station_head', 'social_worker') AND w.current = 1
"""
# A planned station has nothing that somebody would have to do.
UNSTAFFED = """
    SELECT GROUP_CONCAT(u.id) FROM station u WHERE {within} AND u.status <> 'planned' AND NOT EXISTS ({works_there})
"""
COUNTIES_WITH_OFFICER = """
    SELECT o.area_id FROM role o JOIN person op ON op.id = o.person_id AND op.disabled_at IS NULL
    WHERE o.scope >= 'area:' AND o.scope < 'area;' AND o.kind = 'county_officer' AND o.current = 1
"""
# The stations that a role could stand in for: of its county, or of the city.
REACH = {
    "r.kind = 'county_officer'": "u.county_id = r.area_id",
    "r.kind = 'station_head' AND h.county_id IS NOT NULL": "u.county_id = h.county_id",
    "r.kind = 'station_head'": "u.id <> h.id",
    "r.kind = 'city_officer'": f"(u.county_id IS NULL OR u.county_id NOT IN ({COUNTIES_WITH_OFFICER}))",
}


@dataclass(frozen=True)
class CurrentRole:
    """The columns of a current role that give a scope. `unstaffed`: the stations in reach at which nobody works."""

    kind: RoleKind
    station_id: int | None
    area_id: int | None
    unstaffed: frozenset[int] = frozenset()


def columns() -> str:
    """Return the columns of a `CurrentRole`, from a role `r` and its station `h`."""
    there = works_at("u.id")
    cases = (f"WHEN {role} THEN ({UNSTAFFED.format(within=one, works_there=there)})" for role, one in REACH.items())
    return f"r.kind, r.station_id, r.area_id, CASE {' '.join(cases)} END unstaffed"


def works_at(station: str) -> str:
    """Return the statement that finds a row if a person works at the station whose id is in this column."""
    scope = f"'station:' || {station}" if db.dialect() == "sqlite" else f"CONCAT('station:', {station})"
    return WORKS_AT.format(scope=scope)


def role_of(row: Mapping[str, object]) -> CurrentRole:
    """Return the role in a row with `columns`."""
    unstaffed = frozenset(int(one) for one in str(row["unstaffed"] or "").split(",") if one)
    return CurrentRole(RoleKind(row["kind"]), row["station_id"], row["area_id"], unstaffed)  # type: ignore[arg-type]


def stations_of(roles: Sequence[CurrentRole], setup: Snapshot) -> dict[int, StandIn]:
    """Return the stations that a person with these roles stands in for, with the capacity in which they do."""
    found: dict[int, StandIn] = {}
    for role in sorted(roles, key=lambda role: list(RoleKind).index(role.kind), reverse=True):
        for station in (setup.stations[one] for one in role.unstaffed if one in setup.stations):
            if role.kind != RoleKind.STATION_HEAD or role.station_id == _staffed_above(station, role.unstaffed, setup):
                found[station.id] = CAPACITIES[role.kind]
    return found


def _staffed_above(station: Station, unstaffed: Collection[int], setup: Snapshot) -> int | None:
    return next((one.id for one in setup.all_above(station) if one.id not in unstaffed), None)


def people_of(
    heads_above: Iterable[tuple[Sequence[int], Sequence[int]]], county: Sequence[int], city: Sequence[int]
) -> list[int]:
    """Return the people who stand in for a station, by heads and workers of each station above it, and its officers."""
    heads = next((heads for heads, workers in heads_above if workers), [])
    return sorted({*heads, *(county or city)})
