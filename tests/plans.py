"""MariaDB's plans for statements, as if every growing table were large."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pymysql
from aiomysql import DictCursor

from server.database import db

# Tables that do not grow over the years, with their size and the reason. All other tables count as growing, new ones
# included.
FIXED = {
    "area": (1623, "the areas of a city; an edition changes a few of them a year"),
    "area_code": (3000, "two or so an area"),
    "area_name": (3000, "two or so an area"),
    "area_successor": (100, "a row for each area that was dissolved"),
    "area_change": (200, "a few for each area that was renamed or dissolved"),
    "area_edition": (10, "one or two a year"),
    "area_edition_row": (5000, "a row an area and edition, read by the officer who takes it in"),
    "area_edition_heir": (100, "a row for each area an edition dissolves"),
    "calendar_day": (300, "the exceptions of a year, thirty or so"),
    "category": (22, "those of the plan, and few more"),
    "coverage": (2000, "the areas a station covers, and those it once did"),
    "duty_gap": (1000, "the gaps of the next days, a few a station; a closed one is deleted"),
    "earning_rule": (1000, "a few a station"),
    "good": (20_000, "what the stations give away, and what they once had"),
    "job_runner_heartbeat": (20, "the job runners that were seen in the last day"),
    "policy": (100, "some twenty names, and where a station or a county has its own"),
    "role": (5000, "a few people a station, and those who once worked there"),
    "service_promise": (66, "three a category"),
    "station": (135, "the plan's"),
    "station_category": (3000, "22 a station"),
    "team": (1000, "a few a station"),
    "tortoise_migrations": (10, "the migrations"),
    "venue": (500, "a few a station"),
    "wording": (10, "those that the city changed"),
}
# Indexes on open rows: the statistics assume that every status is equally frequent, but open rows are few.
LASTING = {
    "need_of_station_by_status",
    "need_by_status",
    "need_of_station_by_due",
    "need_by_due",
    "idx_service_rec_station_b47307",  # station, status, time of the claim
    "idx_service_rec_status_b71d24",  # status, time of the claim
}
MANY, FEW, ROWS_A_PAGE = 1_000_000, 11, 50
# Columns with few different values: an index on one alone matches a large part of the table.
SAYING = {"accepted", "at_counter", "channel", "current", "due_rank", "granted", "kind", "level", "listed", "open", "show_in_rankings",
          "source", "state", "status", "unit", "urgency", "way"}  # fmt: skip
# This many rows may be read and sorted for an answer: the open rows of a station, or the rows of a person.
READ = 2000
SPEAKS = re.compile(r"\s*\(?\s*(SELECT|UPDATE|DELETE|WITH|INSERT\b.*\bSELECT)\b", re.DOTALL | re.IGNORECASE)
NAMED = re.compile(r"(?:FROM|JOIN|UPDATE)\s+`?(\w+)`?(?:\s+(?:AS\s+)?`?(\w+)`?)?", re.IGNORECASE)
OF_TABLE = "WHERE database_name = %s AND table_name = %s"
REFERENCES = (
    "SELECT table_name, column_name, referenced_table_name FROM information_schema.key_column_usage"
    " WHERE table_schema = %s AND referenced_table_name IS NOT NULL"
)


def grow(link: pymysql.Connection, database: str) -> None:
    """Write statistics that say every growing table is large; the server uses them from its next start on."""
    with link.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [database])
        for (table,) in cursor.fetchall():
            cursor.execute(f"ANALYZE TABLE `{database}`.`{table}`")
            pages = max(_size(table) // ROWS_A_PAGE, 1)
            rows = f"UPDATE mysql.innodb_table_stats SET n_rows = %s, clustered_index_size = %s {OF_TABLE}"
            cursor.execute(rows, [_size(table), pages, database, table])
            size = f"UPDATE mysql.innodb_index_stats SET stat_value = %s {OF_TABLE} AND stat_name NOT LIKE 'n_diff%%'"
            cursor.execute(size, [pages, database, table])
        _spread(cursor, database)
        link.commit()


def _spread(cursor: pymysql.cursors.Cursor, database: str) -> None:
    """Write the number of different values of every index and of each prefix of it."""
    cursor.execute(REFERENCES, [database])
    references = {(table, column): of for table, column, of in cursor.fetchall()}
    cursor.execute(
        "SELECT table_name, index_name, stat_name, stat_description FROM mysql.innodb_index_stats"
        " WHERE database_name = %s AND stat_name LIKE 'n_diff%%'",
        [database],
    )
    for table, index, prefix, columns in cursor.fetchall():
        different = math.prod(_values(column, references.get((table, column))) for column in columns.split(","))
        cursor.execute(
            f"UPDATE mysql.innodb_index_stats SET stat_value = %s {OF_TABLE} AND index_name = %s AND stat_name = %s",
            [min(different, _size(table)), database, table, index, prefix],
        )


def _size(table: str) -> int:
    return FIXED[table][0] if table in FIXED else MANY


def _values(column: str, of: str | None) -> int:
    if of in FIXED:
        return FIXED[of][0]
    return FEW if column in SAYING else MANY if column == "id" else MANY // 5


@dataclass(frozen=True)
class Step:
    """A step of a plan: the table and how it is read; `streams` if it stops as soon as a page is full."""

    table: str
    reads: str
    key: str
    rows: int
    streams: bool

    def trouble(self) -> str | None:
        """Return what is slow about the step in a growing table, or nothing."""
        if self.table in FIXED or self.table.startswith("<"):
            return None
        if self.reads == "ALL":
            return f"reads all of {self.table}"
        if self.rows > READ and not self.streams and self.key not in LASTING:
            return f"reads {self.rows} of {self.table} by {self.key}"
        return None


async def plan(statement: str, values: Any) -> list[Step]:
    """Return the plan of a statement."""
    async with db.connection().acquire_connection() as link, link.cursor(DictCursor) as cursor:
        # Equality conditions are estimated from the statistics, not from the few rows that exist.
        await cursor.execute("SET eq_range_index_dive_limit = 1")
        await cursor.execute(f"EXPLAIN {statement}", values)
        lines = await cursor.fetchall()
        await cursor.execute("SET eq_range_index_dive_limit = DEFAULT")
    return list(_steps(statement, lines))


def _steps(statement: str, lines: Sequence[dict[str, Any]]) -> Iterator[Step]:
    names = {alias or table: table for table, alias in NAMED.findall(statement)}
    names |= {table: table for table, _ in NAMED.findall(statement) if table not in names}
    for line in lines:
        if line["table"] is not None:
            rows = int(str(line["rows"] or 0).split()[0])
            table, reads = names.get(line["table"], line["table"]), line["type"].partition("|")[0]
            # The page itself may stream although a column of it counts other rows.
            beside = [other for other in lines if other["id"] == line["id"] or line["id"] != 1]
            extra = " ".join(other["Extra"] or "" for other in beside)
            streams = "LIMIT" in statement and "filesort" not in extra and "temporary" not in extra
            yield Step(table, reads, line["key"] or "", rows, streams)
