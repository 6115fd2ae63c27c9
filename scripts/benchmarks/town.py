"""A town as it looks after a while: its station with a few hundred needs, residents and staff signed in."""

from dataclasses import dataclass, field
from datetime import date, datetime

from scripts.benchmarks import town_offers as offered
from scripts.benchmarks.serving import signed_in
from server.adapters.clock import SystemClock
from server.database import db, schema
from server.domain import categories, staff
from server.domain.needs import submit, triage
from server.domain.needs.submit import NeedSubmission
from server.domain.staff import Staff
from server.models import (
    Area,
    AreaLevel,
    Category,
    Coverage,
    Person,
    Role,
    RoleKind,
    Station,
    StationCategory,
    StationLevel,
    StationStatus,
    Urgency,
)

COMMUNITIES, KNOWN, WORKERS, NEEDS = 12, 64, 32, 320
SINCE = date(2021, 1, 1)
CATEGORY = "elder_care"
TEXT = "家里老人独居，腿脚不便，想请人帮忙买药，最好是工作日上午。"


@dataclass
class Town:
    """The people of the town: tokens of residents and workers, a begun need of each of the first residents."""

    now: datetime
    communities: list[int] = field(default_factory=list)
    station_id: int = 0
    residents: list[str] = field(default_factory=list)
    resident_ids: list[int] = field(default_factory=list)
    workers: list[str] = field(default_factory=list)
    worker_ids: list[int] = field(default_factory=list)
    needs: list[int] = field(default_factory=list)
    activities: list[int] = field(default_factory=list)
    good_id: int = 0


async def built(url: str, *, residents: int = KNOWN) -> Town:
    """Fill a database with the town; `residents` live there, of whom the first `KNOWN` had to do with the station."""
    await schema.migrate(url)
    town = Town(SystemClock().now())
    async with db.connected(url, pool=2):
        await categories.seed(town.now)
        await _places(town)
        await _people(town, residents)
        await _staff(town)
        await _needs(town)
        town.activities = await offered.activities(town.station_id, town.worker_ids[0], town.now)
        town.good_id = await offered.goods(town.station_id, town.now)
        await offered.points(town.station_id, town.resident_ids, lines_of=town.resident_ids[:KNOWN], now=town.now)
    return town


async def _people(town: Town, count: int) -> None:
    people = await signed_in([f"居民{number}" for number in range(count)], town.now)
    for number, home in enumerate(town.communities):
        mine = [person.id for person, _ in people[number::COMMUNITIES]]
        await Person.filter(id__in=mine).update(home_id=home)
    town.resident_ids, town.residents = [person.id for person, _ in people], [token for _, token in people]


async def _places(town: Town) -> None:
    above = None
    for name, level in PLACES.items():
        above = await _area(name, level, above)
        if level != AreaLevel.PROVINCE:
            stands = await _station(f"{name}站", STATIONS[level], above)
    town.station_id = stands.id
    communities = [await _area(f"第{number}社区", AreaLevel.COMMUNITY, above) for number in range(COMMUNITIES)]
    town.communities = [one.id for one in communities]


PLACES = {
    "四川省": AreaLevel.PROVINCE,
    "泸州市": AreaLevel.CITY,
    "江阳区": AreaLevel.COUNTY,
    "邻玉街道": AreaLevel.TOWN,
}
STATIONS = {
    AreaLevel.CITY: StationLevel.CITY_DESK,
    AreaLevel.COUNTY: StationLevel.HEAD_STATION,
    AreaLevel.TOWN: StationLevel.TOWN_STATION,
}


async def _area(name: str, level: AreaLevel, parent: Area | None) -> Area:
    ancestry = "/" if parent is None else f"{parent.ancestry}{parent.id}/"
    return await Area.create(name=name, level=level, parent=parent, ancestry=ancestry, valid_from=SINCE)


async def _station(name: str, level: StationLevel, area: Area) -> Station:
    county = (
        area.id
        if level == StationLevel.HEAD_STATION
        else area.parent_id
        if level == StationLevel.TOWN_STATION
        else None
    )
    made = await Station.create(
        name=name, level=level, area=area, county_id=county, status=StationStatus.OPEN, phone="0830-2000000"
    )
    if level != StationLevel.CITY_DESK:
        await Coverage.create(station=made, area=area, level=level, valid_from=SINCE)
    kinds = await Category.all()
    await StationCategory.bulk_create(StationCategory(station=made, category=one) for one in kinds)
    return made


async def _staff(town: Town) -> None:
    """Workers of the town's station; the last one heads it."""
    people = await signed_in([f"社工{number}" for number in range(WORKERS)], town.now)
    town.worker_ids, town.workers = [person.id for person, _ in people], [token for _, token in people]
    kinds = [RoleKind.SOCIAL_WORKER] * (WORKERS - 1) + [RoleKind.STATION_HEAD]
    scope = f"station:{town.station_id}"
    for person_id, kind in zip(town.worker_ids, kinds, strict=True):
        await Role.create(person_id=person_id, kind=kind, scope=scope, station_id=town.station_id, granted_at=town.now)


async def _needs(town: Town) -> None:
    """Needs of everybody known in turn; the first of each is begun: a timeline of four lines."""
    workers = [await staff.of_person(one) for one in town.worker_ids[:-1]]
    for number in range(NEEDS):
        whose = number % KNOWN
        told = NeedSubmission(CATEGORY, TEXT, Urgency.NORMAL, f"居民{whose}", phone_of(whose), help_times="工作日上午")
        need = await submit.submit_by_resident(told, by=town.resident_ids[whose], now=town.now)
        if number < KNOWN:
            await _begin(need.id, workers[number % len(workers)], town.now)
            town.needs.append(need.id)


async def _begin(need_id: int, worker: Staff, now: datetime) -> None:
    await triage.accept(need_id, by=worker, now=now)
    await triage.assign(need_id, worker_id=worker.person_id, by=worker, now=now)
    await triage.start(need_id, by=worker, now=now)


def phone_of(number: int) -> str:
    """Everybody's own: whom a phone number connects is shown to the staff as alike."""
    return f"138{number:08}"
