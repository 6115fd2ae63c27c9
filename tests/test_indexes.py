"""Nothing a request sends reads a growing table from end to end: asked of MariaDB about every statement of every path."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
import pytest
from aiomysql import DictCursor

from scripts.benchmarks.replay import TURNS, listening, recorded
from server import db
from tests.authorisation import TABLE
from tests.services import chosen_database
from tests.test_authorisation import _asked
from tests.world import two_sides

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="MariaDB says how it would read")
# What a city has some of, and not more every day: read whole, they are a page or two.
BOUNDED = {
    "area",  # 2,000, replaced when authorities publish a new list
    "area_code",
    "area_edition",
    "calendar_day",
    "category",
    "coverage",  # one for every area and level
    "earning_rule",  # a few for every station
    "policy",
    "room",
    "service_promise",
    "station",  # some two hundred
    "station_category",
    "team",
}
SAID = re.compile(
    r"(?:FROM|JOIN|UPDATE|INTO)\s+`?(\w+)`?(?:\s+(?:AS\s+)?`?(?!ON\b|WHERE\b|SET\b|LEFT\b|JOIN\b)(\w+)`?)?",
    re.IGNORECASE,
)


# A table of three rows is always read whole: so MariaDB is told of what a city may have after ten years.
_FEW = ", ".join(f"'{name}'" for name in sorted(BOUNDED))
_HERE = "WHERE table_schema = DATABASE()"
MILLIONS = (
    (
        "REPLACE INTO mysql.table_stats"
        f" SELECT table_schema, table_name, IF(table_name IN ({_FEW}), 200, 1000000) FROM information_schema.tables {_HERE}"
    ),
    (
        "REPLACE INTO mysql.index_stats SELECT table_schema, table_name, index_name, seq_in_index,"
        f" ROUND(IF(non_unique, GREATEST(1, 3000 / POW(30, seq_in_index)), 1), 2) FROM information_schema.statistics {_HERE}"
    ),
    "FLUSH TABLES",
    "SET SESSION use_stat_tables = 'preferably'",
)
NOTHING = (
    "DELETE FROM mysql.table_stats",
    "DELETE FROM mysql.index_stats",
    "FLUSH TABLES",
    "SET SESSION use_stat_tables = DEFAULT",
)


async def _sent_by(client: httpx.AsyncClient, clock) -> dict[str, tuple[str, object, str]]:
    """Every statement once, with values it was sent with, and the path that sent it."""
    [side, _] = await two_sides(clock.now())
    found: dict[str, tuple[str, object, str]] = {}
    for operation, row in TABLE.items():
        for persona in (one for one, status in row.statuses.items() if status < 300):
            for statement, values in await _of_one_request(client, operation, row, side, persona):
                found.setdefault(_shape(statement), (statement, values, f"{operation} by {persona}"))
        side.city.now = clock.forward(minutes=2)
    return found


async def _of_one_request(client, operation, row, side, persona) -> list[tuple[str, object]]:
    given = await row.given(side)

    class Given:
        """What was prepared a moment ago, so that only the request itself is listened to."""

        async def given(self, _):
            return given

    with listening():
        sent = await recorded(lambda: _asked(client, operation, Given(), side, persona))
    return [(str(what), values) for what, values in sent if what not in TURNS]


def _shape(statement: str) -> str:
    return re.sub(r"(%s(, )?)+", "%s", statement)


ORDER = re.compile(r" ORDER BY (.+) LIMIT \S+$")


def _growing(
    steps: Sequence[dict[str, Any]], statement: str, orders: Mapping[str, Sequence[Sequence[str]]]
) -> Iterator[str]:
    """What of these steps of a plan reads a growing table from end to end, or an index of it."""
    named = {name: name for name, _ in SAID.findall(statement)} | {
        alias: name for name, alias in SAID.findall(statement) if alias
    }
    for step in steps:
        table = named.get(step["table"], "")
        whole = step["type"] in {"ALL", "index"} and int(step["rows"] or 0) > 10_000
        if whole and table and table not in BOUNDED and not _a_page_in_order(statement, orders.get(table, ())):
            yield f"{table} ({step['type']}, {step['Extra']})"


def _a_page_in_order(statement: str, indexes: Sequence[Sequence[str]]) -> bool:
    """A page in the order of an index, whose columns before are all asked for: MariaDB reads as far as the page goes.

    How soon a table of three rows is read whole it knows better than what it was told.
    """
    said = ORDER.search(statement)
    if said is None:
        return False
    asked = statement.rpartition(" JOIN ")[2].partition(" WHERE ")[2]
    wanted = [one.split(".")[-1].split()[0].strip("`") for one in said[1].split(", ")]
    for index in indexes:
        before, order = index[: -len(wanted)], list(index[-len(wanted) :])
        if order == wanted and bool(before) == bool(asked) and all(f"`{column}`" in asked for column in before):
            return True
    return False


async def _indexes() -> dict[str, list[list[str]]]:
    """The columns of every index, by table."""
    _, rows = await db.execute(
        "SELECT table_name t, GROUP_CONCAT(column_name ORDER BY seq_in_index) columns FROM information_schema.statistics"
        " WHERE table_schema = DATABASE() GROUP BY table_name, index_name"
    )
    found: dict[str, list[list[str]]] = {}
    for row in rows:
        found.setdefault(row["t"], []).append(row["columns"].split(","))
    return found


async def test_no_request_reads_a_growing_table_from_end_to_end(client: httpx.AsyncClient, clock):
    found, indexes, wrong = await _sent_by(client, clock), await _indexes(), []
    async with db.connection().acquire_connection() as link, link.cursor(DictCursor) as cursor:
        for statement in MILLIONS:
            await cursor.execute(statement)
        for statement, values, sender in found.values():
            if statement.lstrip().split()[0].upper() in {"SELECT", "UPDATE", "DELETE", "WITH"}:
                await cursor.execute(f"EXPLAIN {statement}", values)
                wrong += [
                    f"{sender}: {one}: {statement}" for one in _growing(await cursor.fetchall(), statement, indexes)
                ]
        for statement in NOTHING:
            await cursor.execute(statement)
    assert not wrong, "\n\n".join(wrong)
