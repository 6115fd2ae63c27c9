"""A city with signed-in people on both of its sides, and needs in each state."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from server.domain.needs import appeals, crisis_openings, extensions, referrals, triage
from server.domain.staff import Staff
from server.handlers.http.auth import token_hash
from server.models import Appeal, Area, Extension, Need, Person, RoleKind, Session, Station, StationLevel
from tests import factories


@dataclass
class Side:
    """A part of the city, with the people by their relation to one resident, the owner."""

    city: factories.City
    community: Area
    station: Station
    other_station: Station
    people: dict[str, int]
    staff: dict[str, Staff]
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.city.now

    async def submitted(self, by: int | None = None, **fields: str) -> Need:
        return await self.city.need(by=by or self.people["owner"], **fields)

    async def accepted(self, by: int | None = None) -> Need:
        need = await self.submitted(by)
        return await triage.accept(need.id, by=self.staff["worker"], now=self.now)

    async def assigned(self, by: int | None = None) -> Need:
        need, worker = await self.accepted(by), self.staff["worker"].person_id
        return await triage.assign(need.id, worker_id=worker, by=self.staff["head"], now=self.now)

    async def started(self, by: int | None = None) -> Need:
        need = await self.assigned(by)
        return await triage.start(need.id, by=self.staff["worker"], now=self.now)

    async def resolved(self, by: int | None = None) -> Need:
        need, worker = await self.started(by), self.staff["worker"]
        return await triage.resolve(need.id, outcome="已办好", service_minutes=30, by=worker, now=self.now)

    async def declined(self, by: int | None = None) -> Need:
        need, worker = await self.submitted(by), self.staff["worker"]
        helper = {"reason": "不属于服务范围", "alternative_help": "街道便民服务中心"}
        return await triage.decline(need.id, **helper, by=worker, now=self.now)

    async def referred(self, by: int | None = None) -> Need:
        """Refer a need to the other station, which has not answered yet."""
        need, to = await self.submitted(by), self.other_station.id
        return await referrals.refer(need.id, to_station=to, reason="已搬家", by=self.staff["worker"], now=self.now)

    async def crisis(self, by: int | None = None) -> Need:
        return await self.submitted(by, text="我不想活了")

    async def opened_crisis(self, by: int | None = None) -> Need:
        """Submit a plea that the worker and the head have opened."""
        need = await self.crisis(by)
        for opener in ("worker", "head"):
            await crisis_openings.open_crisis(need.id, reason="接到报警", by=self.staff[opener], now=self.now)
        return need

    async def extension(self, by: int | None = None) -> Extension:
        """Request an extension as the worker; it is undecided."""
        need, worker = await self.assigned(by), self.staff["worker"]
        until = need.completion_due_at + timedelta(hours=1)
        return await extensions.request(need.id, until=until, reason="等待回复", by=worker, now=self.now)

    async def appeal(self, by: int | None = None) -> Appeal:
        """Appeal against a declined need as the resident; it is undecided."""
        need = await self.declined(by)
        return await appeals.submit(need.id, reason="请再看看", by=need.person_id, now=self.now)


async def sign_in(person_id: int, now: datetime) -> str:
    """Sign the person in and return the token."""
    token = secrets.token_urlsafe(32)
    moments = {"created_at": now, "last_used_at": now, "expires_at": now + timedelta(days=30)}
    await Session.create(person_id=person_id, token_hash=token_hash(token), device="微信", **moments)
    return token


async def two_sides(now: datetime) -> list[Side]:
    """Return the sides of 王奶奶 in 江阳区 and of 李大爷 in 龙马潭区; each is a stranger on the other side."""
    city = await factories.city(now)
    homes = {"刘婶": "团结村", "李大爷": "码头社区", "何婶": "码头社区"}
    residents = {
        name: (await factories.person(name, now, city.areas[home], phone="13812345678")).id
        for name, home in homes.items()
    }
    residents["王奶奶"] = city.grandma.id
    town = city.areas["小市街道"]
    city.stations["小市社工站"] = station = await factories.station(
        "小市社工站", StationLevel.TOWN_STATION, town, covers=[town]
    )
    for name, head in (("田社工", False), ("龙站长", True)):
        city.staff[name] = await factories.worker(name, station, now, head=head)
    # Somebody works everywhere, so that no persona stands in for a station: see test_standing_in.py.
    for name in ("和平社工室", "市级服务台"):
        await factories.worker("贺社工", city.stations[name], now)
    sides = [
        _side(
            city,
            residents,
            "王奶奶 刘婶 李大爷",
            "陈社工 赵站长 周社工 冯科长 褚科长",
            "邻玉社工站 蓝田社工站 团结村",
        ),
        _side(
            city,
            residents,
            "李大爷 何婶 王奶奶",
            "田社工 龙站长 陈社工 褚科长 冯科长",
            "小市社工站 邻玉社工站 码头社区",
        ),
    ]
    people = {person_id for side in sides for person_id in side.people.values()}
    tokens = {person_id: await sign_in(person_id, now) for person_id in people}
    for side in sides:
        side.tokens = {persona: tokens[person] for persona, person in side.people.items()}
    return sides


def _side(city: factories.City, ids: dict[str, int], residents: str, staff_names: str, places: str) -> Side:
    people = dict(zip(("owner", "neighbour", "stranger"), (ids[name] for name in residents.split()), strict=True))
    kinds = ("worker", "head", "other", "county", "other_county", "city")
    staff = dict(zip(kinds, (city.staff[name] for name in [*staff_names.split(), "卫处长"]), strict=True))
    station, other_station, community = places.split()
    return Side(
        city=city,
        community=city.areas[community],
        station=city.stations[station],
        other_station=city.stations[other_station],
        people=people | {persona: scope.person_id for persona, scope in staff.items()},
        staff=staff,
    )


async def crowd(city: factories.City, kind: str, count: int, now: datetime) -> list[Person]:
    """Create people of the kind: residents of 团结村, workers or heads of 邻玉社工站, officers of 江阳区 or of the city."""
    people = [await factories.person(f"{kind}{number}", now, city.areas["团结村"]) for number in range(count)]
    roles = {
        "worker": (RoleKind.SOCIAL_WORKER, {"station": city.stations["邻玉社工站"]}),
        "head": (RoleKind.STATION_HEAD, {"station": city.stations["邻玉社工站"]}),
        "county": (RoleKind.COUNTY_OFFICER, {"area": city.areas["江阳区"]}),
        "city": (RoleKind.CITY_OFFICER, {}),
    }
    if kind in roles:
        role, where = roles[kind]
        for person in people:
            await factories.role(person, role, now, **where)
    return people
