"""The place of a shift: a station or a county. Who may offer shifts there, and who may be on duty."""

from dataclasses import dataclass
from typing import Any

from server.database import db
from server.domain import reference, stations
from server.domain.areas import short_name
from server.domain.duty import cover
from server.domain.staff import Staff
from server.errors import HeadRequired, NotAllowed, NotFound
from server.models import AreaLevel, DutyShift, RoleKind, Station, StationLevel

WORKERS = (RoleKind.SOCIAL_WORKER, RoleKind.STATION_HEAD)


@dataclass(frozen=True)
class Place:
    """A station, or a county without a station. `county_id` is the county of both; None for the city desk."""

    name: str
    county_id: int | None
    station: Station | None = None

    @property
    def scope(self) -> str:
        return cover.scope_of(station_id=self.station.id if self.station else None, county_id=self.county_id)

    @property
    def scopes(self) -> list[str]:
        """The scopes of the shifts that cover it."""
        return cover.scopes_covering(self.station) if self.station else [self.scope]

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of a shift at this place."""
        at_station = self.station is not None
        return {
            "scope": self.scope,
            "station_id": self.station.id if self.station else None,
            "county_id": None if at_station else self.county_id,
        }

    @property
    def policy_scope(self) -> dict[str, int | None]:
        """The scope of policies about its shifts."""
        return {"station_id": self.station.id} if self.station else {"county_id": self.county_id}


async def get_place(*, station_id: int | None, county_id: int | None) -> Place:
    """Return the station or the county. Raises `NotFound`."""
    if station_id is not None:
        station = await stations.get(station_id)
        return Place(station.name, station.county_id, station)
    area = await reference.area(county_id)
    if area is None or area.level != AreaLevel.COUNTY:
        raise NotFound(kind="area", ids=[county_id])
    return Place(short_name(area.name), area.id)


async def place_of(shift: DutyShift) -> Place:
    """Return the place of the shift."""
    return await get_place(station_id=shift.station_id, county_id=shift.county_id)


def manages(by: Staff, place: Place) -> bool:
    """Return whether the caller offers shifts there: the station's head, or an officer of the county or the city."""
    heads = place.station is not None and place.station.id in by.head_of
    return heads or by.is_city or place.county_id in by.county_ids


def require_manager(by: Staff, place: Place) -> None:
    """Raise `HeadRequired` for other staff of the station, `NotAllowed` for anybody else who may not offer shifts."""
    if manages(by, place):
        return
    if place.station is not None and place.station.id in by.station_ids:
        raise HeadRequired
    raise NotAllowed


def may_see(by: Staff, place: Place) -> bool:
    """Return whether the caller may see the roster: people who offer shifts there, and staff of the station."""
    if manages(by, place):
        return True
    return place.station is not None and place.station.id in by.station_ids


ON_ROSTER = """
    SELECT 1 FROM person p JOIN role r ON r.person_id = p.id
    WHERE p.id = ? AND p.disabled_at IS NULL AND r.current = 1 AND r.scope IN ({scopes}) AND r.kind IN ({kinds})
"""


async def is_on_roster(person_id: int, place: Place) -> bool:
    """Return whether the person may be on duty there.

    At a station its workers may; in a county its officers and the workers of its head station; at the city desk the
    city's officers too.
    """
    kinds: list[str] = [*WORKERS, RoleKind.COUNTY_OFFICER]
    scopes = [place.scope, *([] if place.station else await _head_station_of(place))]
    if place.station is not None and place.station.level == StationLevel.CITY_DESK:
        scopes, kinds = [place.scope, "city"], [*WORKERS, RoleKind.CITY_OFFICER]
    statement = ON_ROSTER.format(scopes=db.placeholders(scopes), kinds=db.placeholders(kinds))
    return bool((await db.execute(statement, [person_id, *scopes, *kinds]))[1])


async def _head_station_of(county: Place) -> list[str]:
    found = (await reference.snapshot()).stations_in([county.county_id] if county.county_id else [])
    return [cover.scope_of(station_id=one.id) for one in found if one.level == StationLevel.HEAD_STATION]
