"""Facts and phones for tests of stations, coverage and roles."""

from collections.abc import Callable
from datetime import date
from typing import Any

from server.domain.routing import AreaFacts, AreaStep, CoverFact
from server.models import AreaLevel, Person, RoleKind, StationLevel, StationStatus
from tests import factories
from tests.conftest import NOW
from tests.people import Phone

TODAY = date(2026, 3, 10)
CARE, JOBS = 1, 2
VILLAGE = AreaFacts(
    (
        AreaStep(50, AreaLevel.COMMUNITY, "团结村"),
        AreaStep(20, AreaLevel.TOWN, "邻玉街道"),
        AreaStep(3, AreaLevel.COUNTY, "江阳区"),
        AreaStep(2, AreaLevel.CITY, "泸州市"),
    )
)
AREA_OF = {
    StationLevel.COMMUNITY_ROOM: 50,
    StationLevel.TOWN_STATION: 20,
    StationLevel.HEAD_STATION: 3,
    StationLevel.CITY_DESK: None,
}
NAMES = {
    StationLevel.COMMUNITY_ROOM: "团结社工室",
    StationLevel.TOWN_STATION: "邻玉社工站",
    StationLevel.HEAD_STATION: "江阳总站",
    StationLevel.CITY_DESK: "市级服务台",
}
LEVELS = {
    StationLevel.COMMUNITY_ROOM: "社工室",
    StationLevel.TOWN_STATION: "社工站",
    StationLevel.HEAD_STATION: "社工总站",
}
NUMBERS = {
    StationLevel.COMMUNITY_ROOM: 500,
    StationLevel.TOWN_STATION: 200,
    StationLevel.HEAD_STATION: 30,
    StationLevel.CITY_DESK: 1,
}


def fact(level: StationLevel, **other: Any) -> CoverFact:
    """Return a station of the level: open, covering its own area, offering care and jobs."""
    usual = {
        "station_id": NUMBERS[level],
        "station_name": NAMES[level],
        "level": level,
        "status": StationStatus.OPEN,
        "category_ids": frozenset({CARE, JOBS}),
        "area_id": AREA_OF[level],
    }
    return CoverFact(**(usual | other))


def all_levels(**changed: dict[str, Any]) -> list[CoverFact]:
    """Return one station of each level; `community_room={"status": …}` changes one, `community_room=None` omits it."""
    return [
        fact(level, **(changed.get(level.value) or {}))
        for level in StationLevel
        if changed.get(level.value, {}) is not None
    ]


PhoneOf = Callable[[str], Any]


async def phone_with_role(phone_of: PhoneOf, name: str, kind: RoleKind, **where: Any) -> Phone:
    """Return the phone of a person who signed in through WeChat and has the role."""
    phone = await phone_of(f"staff-{name.encode().hex()}")  # WeChat's codes are plain letters
    await Person.filter(id=phone.person_id).update(name=name)
    await factories.role(await Person.get(id=phone.person_id), kind, NOW, **where)
    return phone
