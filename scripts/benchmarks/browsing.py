"""Browsing many activities: made up, half of them over and half to come, and read through HTTP, filter by filter."""

import itertools
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pymysql
import uvloop

from scripts import services
from scripts.benchmarks import serving
from scripts.benchmarks.hall import API
from scripts.benchmarks.measuring import Measured, measure
from scripts.services import MariaDB
from server.adapters.clock import SystemClock
from server.database import db, schema
from server.domain import categories
from server.models import Area, AreaLevel, Category, Person, Station, StationLevel, StationStatus

READINGS, WARM = 400, 60
COUNTIES, TOWNS, COMMUNITIES = 2, 4, 20
PAST, TO_COME = timedelta(days=1800), timedelta(days=60)
# Every tenth is a health check; a few, as many at every size, are what somebody may look for in vain for long.
COMMON, RARE, USUAL, RARE_ONES = "体检", "皮影戏", "合唱团", 24
PAGE = 20

Places = list[Area]
Row = dict[str, Any]


async def _places(url: str, now: datetime) -> tuple[Places, Station, list[Category], Person]:
    """A city with its communities, a station, the categories, and who made everything."""
    await schema.migrate(url)
    async with db.connected(url, pool=2):
        await categories.seed(now)
        city = await _area("泸州市", AreaLevel.CITY, None)
        counties = [await _area(f"区县{number}", AreaLevel.COUNTY, city) for number in range(COUNTIES)]
        towns = [await _area(f"镇{number}", AreaLevel.TOWN, counties[number % COUNTIES]) for number in range(TOWNS)]
        communities = [
            await _area(f"社区{number}", AreaLevel.COMMUNITY, towns[number % TOWNS]) for number in range(COMMUNITIES)
        ]
        station = await Station.create(
            name="社工站", level=StationLevel.TOWN_STATION, area=towns[0], status=StationStatus.OPEN
        )
        return communities, station, await Category.all(), await Person.create(name="社工", created_at=now)


async def _area(name: str, level: AreaLevel, parent: Area | None) -> Area:
    ancestry = "/" if parent is None else f"{parent.ancestry}{parent.id}/"
    return await Area.create(name=name, level=level, parent=parent, ancestry=ancestry, valid_from=date(2021, 1, 1))


def _rows(count: int, now: datetime, communities: Places, of_all: Row, category_ids: list[int]) -> Iterator[Row]:
    """As many that are over, during five years, as are to come in two months."""
    for number in range(count):
        turn, ahead = number // 2, number % 2
        share = (turn + 1) / (count // 2)
        starts = now + TO_COME * share if ahead else now - timedelta(hours=3) - PAST * share
        area = communities[turn % COMMUNITIES]
        what = RARE if turn % (count // 2 // RARE_ONES) == 1 else COMMON if turn % 10 == 0 else USUAL
        yield of_all | {
            "id": number + 1,
            "status": "published" if ahead else "finished",
            "category_id": category_ids[turn % len(category_ids)],
            "area_id": area.id,
            "town_id": area.parent_id,
            "county_id": area.ancestor_ids[1],
            "title": f"{what}第{number}期",
            "starts_at": starts,
            "ends_at": starts + timedelta(hours=2),
            "booking_opens_at": starts - timedelta(days=90),
            "booking_closes_at": starts,
            "cancellation_until": starts - timedelta(days=1),
        }


def filled(server: MariaDB, count: int) -> tuple[str, dict[str, dict[str, Any]]]:
    """A database with so many activities, and what people ask for, by what it narrows to."""
    now = SystemClock().now().replace(tzinfo=None)
    name = f"activities_{count}"
    url = server.create_database(name)
    communities, station, kinds, person = uvloop.run(_places(url, SystemClock().now()))
    of_all: Row = {"listed": 1, "station_id": station.id, "text": "欢迎居民前来参加，请提前十分钟到场。" * 8}
    of_all |= {"place": "一楼", "seats": 50, "check_in_secret": "", "questions": "[]", "end_reason": ""}
    of_all |= {"seats_taken": 0, "seats_held": 0, "waiting": 0, "last_number": 0, "max_party_size": 1}
    of_all |= dict.fromkeys(("created_by_id", "published_by_id"), person.id) | dict.fromkeys(
        ("created_at", "published_at"), now
    )
    _insert(server.port, name, list(_rows(count, now, communities, of_all, [one.id for one in kinds])))
    community = communities[0]
    return url, {
        "all": {},
        "area: a community": {"area": community.id},
        "area: a town": {"area": community.parent_id},
        "area: a county": {"area": community.ancestor_ids[1]},
        "category": {"category": kinds[0].code},
        "text: a word of every tenth": {"query": COMMON},
        f"text: a word of {RARE_ONES}": {"query": RARE},
    }


def _insert(port: int, name: str, rows: list[Row]) -> None:
    columns = list(rows[0])
    statement = f"INSERT INTO activity ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"  # noqa: S608
    with pymysql.connect(host=services.HOST, port=port, user="root", database=name) as link, link.cursor() as cursor:
        cursor.executemany(statement, [list(row.values()) for row in rows])
        link.commit()
        cursor.execute("ANALYZE TABLE activity")


async def _read(base: str, asked: dict[str, dict[str, Any]]) -> dict[str, Measured]:
    addresses = itertools.count(1)
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=30) as client:

        async def read(query: dict[str, Any]) -> None:
            # Each from an address of its own: nobody asks too often.
            number = next(addresses)
            sender = {"X-Forwarded-For": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"}
            answer = await client.get(f"{API}/activities", params=query | {"limit": PAGE}, headers=sender)
            assert len(answer.json()["items"]) == PAGE, (query, answer.text[:500])

        found = {}
        for name, query in asked.items():
            await measure([partial(read, query)] * WARM, hands=1)
            found[name] = await measure([partial(read, query)] * READINGS, hands=1)
    return found


def measured(server: MariaDB, count: int, folder: Path) -> dict[str, Measured]:
    """How long a page of twenty takes among so many activities, by what is asked for."""
    url, asked = filled(server, count)
    with services.valkey(folder / f"valkey-{count}") as valkey:
        environ = {"DATABASE_URL": url, "REDIS_URL": valkey.url, "LOG_LEVEL": "WARNING", "PROXIES": "1"}
        with serving.ours(environ) as [instance]:
            return uvloop.run(_read(instance.base, asked))
