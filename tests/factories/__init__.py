"""Rows for tests: a small city with its stations, its people and a need."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from server.database import db
from server.domain import categories, staff
from server.domain.needs import submit
from server.domain.needs.submit import NeedSubmission
from server.domain.staff import Staff
from server.models import (
    Area,
    AreaLevel,
    Category,
    Coverage,
    Need,
    Person,
    Role,
    RoleKind,
    Station,
    StationCategory,
    StationLevel,
    StationStatus,
    Urgency,
)

SINCE = date(2021, 1, 1)


async def area(name: str, level: AreaLevel, parent: Area | None = None) -> Area:
    ancestry = f"{parent.ancestry}{parent.id}/" if parent else "/"
    return await Area.create(name=name, level=level, parent=parent, ancestry=ancestry, valid_from=SINCE)


async def station(name: str, level: StationLevel, area: Area, **more: Any) -> Station:
    """Create a station that offers every category; by default it is open. It covers the areas in `covers`."""
    covers = more.pop("covers", [])
    counties = [*area.ancestor_ids, area.id]
    county = await Area.get_or_none(id__in=counties, level=AreaLevel.COUNTY)
    made = await Station.create(
        name=name, level=level, area=area, county=county,
        **{"status": StationStatus.OPEN, "address": "便民服务中心一楼", "phone": "0830-2000000",
           "duty_phone": "13900000000", **more},
    )  # fmt: skip
    for covered in covers:
        await Coverage.create(station=made, area=covered, level=level, valid_from=SINCE)
    await StationCategory.bulk_create(
        StationCategory(station=made, category=category) for category in await Category.all()
    )
    return made


async def person(name: str, now: datetime, home: Area | None = None, **more: Any) -> Person:
    return await Person.create(name=name, home=home, created_at=now, **more)


async def role(person: Person, kind: RoleKind, now: datetime, **where: Any) -> Role:
    scope = (
        f"station:{where['station'].id}"
        if "station" in where
        else f"area:{where['area'].id}"
        if "area" in where
        else "city"
    )
    return await Role.create(person=person, kind=kind, scope=scope, granted_at=now, **where)


async def worker(name: str, station: Station, now: datetime, *, head: bool = False) -> Staff:
    """Create a social worker or head of the station and return their scope."""
    made = await person(name, now)
    await role(made, RoleKind.STATION_HEAD if head else RoleKind.SOCIAL_WORKER, now, station=station)
    return await staff.of_person(made.id)


async def employ(city: "City", *stations: str) -> None:
    """Have somebody work at these stations of the city, such as the planned one, so that it may open."""
    for name in stations:
        await worker("贺社工", city.stations[name], city.now)


@dataclass
class City:
    """Two counties. 江阳区 has two towns; in the first, 团结村 has a planned room and 和平社区 an open one."""

    now: datetime
    areas: dict[str, Area] = field(default_factory=dict)
    stations: dict[str, Station] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    grandma: Person = field(default=None)  # type: ignore[assignment]

    async def need(self, **fields: Any) -> Need:
        """Submit a need from 王奶奶's phone."""
        by = fields.pop("by", None) or self.grandma.id
        filing_ = NeedSubmission(
            **{
                "category": "elder_care",
                "text": "家里老人独居，腿脚不便，想请人帮忙买药。",
                "urgency": Urgency.NORMAL,
                "contact_name": "王秀英",
                "contact_phone": "13812345678",
                **fields,
            }
        )
        return await submit.submit_by_resident(filing_, by=by, now=self.now)


PLACES = {
    "四川省": (AreaLevel.PROVINCE, None),
    "泸州市": (AreaLevel.CITY, "四川省"),
    "江阳区": (AreaLevel.COUNTY, "泸州市"),
    "龙马潭区": (AreaLevel.COUNTY, "泸州市"),
    "邻玉街道": (AreaLevel.TOWN, "江阳区"),
    "蓝田街道": (AreaLevel.TOWN, "江阳区"),
    "小市街道": (AreaLevel.TOWN, "龙马潭区"),
    "团结村": (AreaLevel.COMMUNITY, "邻玉街道"),
    "和平社区": (AreaLevel.COMMUNITY, "邻玉街道"),
    "宪桥社区": (AreaLevel.COMMUNITY, "蓝田街道"),
    "码头社区": (AreaLevel.COMMUNITY, "小市街道"),
}
STATIONS = {
    "市级服务台": (StationLevel.CITY_DESK, "泸州市", []),
    "江阳总站": (StationLevel.HEAD_STATION, "江阳区", ["江阳区"]),
    "龙马潭总站": (StationLevel.HEAD_STATION, "龙马潭区", ["龙马潭区"]),
    "邻玉社工站": (StationLevel.TOWN_STATION, "邻玉街道", ["邻玉街道"]),
    "蓝田社工站": (StationLevel.TOWN_STATION, "蓝田街道", ["蓝田街道"]),
    "团结社工室": (StationLevel.COMMUNITY_ROOM, "团结村", ["团结村"]),
    "和平社工室": (StationLevel.COMMUNITY_ROOM, "和平社区", ["和平社区"]),
}
WORKERS = {
    "陈社工": ("邻玉社工站", False),
    "林社工": ("邻玉社工站", False),
    "赵站长": ("邻玉社工站", True),
    "周社工": ("蓝田社工站", False),
    "吴站长": ("蓝田社工站", True),
    "孙站长": ("江阳总站", True),
    "郑社工": ("江阳总站", False),
    "钱社工": ("龙马潭总站", False),
}


async def city(now: datetime) -> City:
    """Return the small city, with its categories, stations, staff, and 王奶奶 at home in 团结村.

    The verbs create it the first time. Later its rows are copied into a database that lacks them.
    """
    clean = await _is_clean()
    kept = _KEPT.get((db.dialect(), now))
    if clean and kept is not None:
        for table, (columns, rows) in kept.rows.items():
            await db.insert_rows(table, columns, rows)
        return deepcopy(kept.city)
    made = await _found(now)
    if clean:
        _KEPT[db.dialect(), now] = _Kept(deepcopy(made), {table: await _rows_of(table) for table in TABLES})
    return made


@dataclass(frozen=True)
class _Kept:
    """A city and its rows: for each table, the columns and the values of each row."""

    city: City
    rows: dict[str, tuple[list[str], list[list[Any]]]]


TABLES = (
    "reference_version",
    "category",
    "service_promise",
    "audit_entry",
    "area",
    "station",
    "station_category",
    "coverage",
    "person",
    "role",
)
_KEPT: dict[tuple[str, datetime], _Kept] = {}


async def _is_clean() -> bool:
    nothing = " AND ".join(f"NOT EXISTS (SELECT 1 FROM {table})" for table in TABLES)
    _, [row] = await db.execute(f"SELECT {nothing} AS clean")
    return bool(row["clean"])


async def _rows_of(table: str) -> tuple[list[str], list[list[Any]]]:
    _, rows = await db.execute(f"SELECT * FROM {table} ORDER BY id")
    return list(rows[0].keys()), [[_aware(value) for value in dict(row).values()] for row in rows]


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


async def _found(now: datetime) -> City:
    await categories.seed(now)
    made = City(now)
    for name, (level, parent) in PLACES.items():
        made.areas[name] = await area(name, level, made.areas.get(parent or ""))
    for name, (level, place, covers) in STATIONS.items():
        made.stations[name] = await station(
            name, level, made.areas[place], covers=[made.areas[area] for area in covers]
        )
    await Station.filter(id=made.stations["团结社工室"].id).update(status=StationStatus.PLANNED)
    for name, (where, head) in WORKERS.items():
        made.staff[name] = await worker(name, made.stations[where], now, head=head)
    for name, kind, where in (
        ("冯科长", RoleKind.COUNTY_OFFICER, {"area": made.areas["江阳区"]}),
        ("褚科长", RoleKind.COUNTY_OFFICER, {"area": made.areas["龙马潭区"]}),
        ("卫处长", RoleKind.CITY_OFFICER, {}),
    ):
        officer = await person(name, now)
        await role(officer, kind, now, **where)
        made.staff[name] = await staff.of_person(officer.id)
    made.grandma = await person("王秀英", now, made.areas["团结村"], phone="13812345678", openid="openid-grandma")
    return made
