"""A town with two households, verbs for its people, and invariants that hold whatever they do."""

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
# Two households; in each a resident with a need and a volunteer.
GRANDMA, LI, ZHANG, FANG = range(4)
LIVES_WITH = {GRANDMA: ZHANG, ZHANG: GRANDMA, LI: FANG, FANG: LI}
BALANCE_LIMIT = 300
PERSON_LIMIT, HOUSEHOLD_LIMIT = 2, 3


@dataclass(frozen=True)
class Choice:
    """A random choice: which subject, which of the four people, which amount."""

    which: int
    who: int
    amount: int


@dataclass
class Town:
    """The ids of all subjects of verbs, in the order of their creation."""

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
        """Return the id of the person who has the need."""
        return self.people[(GRANDMA, FANG)[self.needs.index(need_id)]]


async def town(now: datetime) -> Town:
    """Create the town as it is before the first verb."""
    made = Town(await factories.city(now), now)
    home = made.city.areas["团结村"]
    made.people = [made.city.grandma.id]
    for name in ("李志强", "张伟"):
        made.people.append((await volunteers.volunteer(name, made.station, now, home)).person_id)
    made.people.append((await factories.person("王小芳", now, home)).id)
    await household(made.people[GRANDMA], made.people[ZHANG], now=now)
    await household(made.people[LI], made.people[FANG], now=now)
    await _needs_and_goods(made)
    # A low limit, so that it is often reached.
    await Policy.create(name="minutes_balance_limit", scope="city", value=BALANCE_LIMIT, source="")
    for who in (GRANDMA, FANG):
        await timebank.minutes(120, made.people[who], made.station, now)
        await timebank.points(100, made.people[who], made.station, now)
    await make_tasks.fund(account_keys.pool(made.station.id), 100, made.city)
    return made


async def _needs_and_goods(made: Town) -> None:
    for who in (GRANDMA, FANG):
        fields: dict[str, Any] = {"by": made.people[who], "may_share_contact": True}
        made.needs.append((await make_tasks.accepted_need(made.city, made.now, **fields)).id)
    made.rule = (await points.rule(made.city)).id
    limits = {"person_month_limit": PERSON_LIMIT, "household_month_limit": HOUSEHOLD_LIMIT}
    for name, price, more in (("大米", 20, limits), ("香皂", 8, {})):
        good = await supermarket.good(made.station, 0, made.now, name=name, points_price=price, **more)
        made.goods.append(good.id)
