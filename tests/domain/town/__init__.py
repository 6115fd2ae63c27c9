"""A town that lives: two households, what they ask, serve, give and fetch, and the laws that hold whatever they do."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.domain.ledger import account_keys
from server.domain.staff import Staff
from server.models import Policy, Station
from tests import factories
from tests.factories import City, points, supermarket, timebank, volunteers
from tests.factories import tasks as make_tasks
from tests.factories.households import household

HERE = "邻玉社工站"
# Two households: who is to be helped, and who helps and lives with them or not.
GRANDMA, LI, ZHANG, FANG = range(4)
LIVES_WITH = {GRANDMA: ZHANG, ZHANG: GRANDMA, LI: FANG, FANG: LI}
KEPT_MOST = 300
PERSON_LIMIT, HOUSEHOLD_LIMIT = 2, 3


@dataclass(frozen=True)
class Chosen:
    """Which thing of those there are, who of the four, and how much."""

    which: int
    who: int
    amount: int


@dataclass
class Town:
    """The ids of everything that is done something to, in the order in which it came."""

    city: City
    now: datetime
    rule: int = 0
    people: list[int] = field(default_factory=list)
    needs: list[int] = field(default_factory=list)
    goods: list[int] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    donations: list[int] = field(default_factory=list)
    deeds: list[int] = field(default_factory=list)

    @property
    def station(self) -> Station:
        return self.city.stations[HERE]

    def staff(self, name: str) -> Staff:
        return self.city.staff[name]

    def owner_of(self, need_id: int) -> int:
        """Whose need it is."""
        return self.people[(GRANDMA, FANG)[self.needs.index(need_id)]]


async def town(now: datetime) -> Town:
    """The town as it is before anything was done."""
    made = Town(await factories.city(now), now)
    home = made.city.areas["团结村"]
    made.people = [made.city.grandma.id]
    for name in ("李志强", "张伟"):
        made.people.append((await volunteers.volunteer(name, made.station, now, home)).person_id)
    made.people.append((await factories.person("王小芳", now, home)).id)
    await household(made.people[GRANDMA], made.people[ZHANG], now=now)
    await household(made.people[LI], made.people[FANG], now=now)
    await _needs_and_goods(made)
    # So few that it is often too much.
    await Policy.create(name="minutes_balance_limit", scope="city", value=KEPT_MOST, source="")
    for who in (GRANDMA, FANG):
        await timebank.minutes(120, made.people[who], made.station, now)
        await timebank.points(100, made.people[who], made.station, now)
    await make_tasks.fund(account_keys.pool(made.station.id), 100, made.city)
    return made


async def _needs_and_goods(made: Town) -> None:
    for who in (GRANDMA, FANG):
        filed: dict[str, Any] = {"by": made.people[who], "may_share_contact": True}
        made.needs.append((await make_tasks.accepted_need(made.city, made.now, **filed)).id)
    made.rule = (await points.rule(made.city)).id
    limits = {"person_month_limit": PERSON_LIMIT, "household_month_limit": HOUSEHOLD_LIMIT}
    for name, price, more in (("大米", 20, limits), ("香皂", 8, {})):
        good = await supermarket.good(made.station, 0, made.now, name=name, points_price=price, **more)
        made.goods.append(good.id)
