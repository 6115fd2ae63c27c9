"""A ledger of many entries: made up, then read, then audited."""

import itertools
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from scripts.benchmarks.measuring import Measured, Work, measure
from scripts.services import MariaDB
from server.database import db, schema
from server.domain import ledger
from server.domain.ledger import POINTS, account_keys
from server.domain.ledger.transfers import chain_hash

NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)
WRITTEN = NOW.strftime("%Y-%m-%d %H:%M:%S.%f")
STATIONS = 135
READINGS = 2000
LIST_LENGTH = 20


async def filled(server: MariaDB, name: str, entries: int, folder: Path) -> str:
    """A database with so many entries: stations give points to people, as honest to the hash as the ledger's own."""
    url = server.create_database(name)
    await schema.migrate(url)
    transfers, people = entries // 2, max(entries // 100, 20)
    names = [account_keys.issuing(number, POINTS).owner for number in range(1, STATIONS + 1)]
    names += [account_keys.person(number, POINTS).owner for number in range(1, people + 1)]
    state: list[list[Any]] = [[0, 0, ""] for _ in names]  # balance, entries, hash
    with (folder / "transfer.csv").open("w") as moved, (folder / "entry.csv").open("w") as lines:
        for number in range(1, transfers + 1):
            source, target = number % STATIONS, STATIONS + number % people
            moved.write(f"{number},made:{number},points_deed,10,{source + 1},{target + 1},{WRITTEN},,,,\n")
            for account, amount in ((source, -10), (target, 10)):
                one = state[account]
                one[0] += amount
                one[1] += 1
                one[2] = chain_hash(one[2], (account + 1, one[1], number, amount, one[0]), NOW)
                lines.write(f"{account + 1},{one[1]},{number},{amount},{one[0]},{WRITTEN},{one[2]}\n")
    with (folder / "account.csv").open("w") as accounts:
        for number, (owner, (balance, count, chain)) in enumerate(zip(names, state, strict=True), start=1):
            accounts.write(f"{number},{owner},points,{int(number <= STATIONS)},{balance},0,{count},{chain}\n")
    _load(server, name, folder)
    return url


COLUMNS = {
    "account": "id,owner,unit,may_overdraw,balance,held,entry_count,chain",
    "transfer": "id,cause,kind,amount,source_id,target_id,at,@by,note,@reverses,@hold",
    "entry": "account_id,number,transfer_id,amount,balance,at,chain",
}


def _load(server: MariaDB, name: str, folder: Path) -> None:
    import pymysql

    with (
        pymysql.connect(host="127.0.0.1", port=server.port, user="root", database=name, local_infile=True) as link,
        link.cursor() as cursor,
    ):
        cursor.execute("SET foreign_key_checks=0, unique_checks=0, SESSION max_statement_time=0")
        for table, columns in COLUMNS.items():
            file = folder / f"{table}.csv"
            cursor.execute(f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {table} FIELDS TERMINATED BY ',' ({columns})")
            file.unlink()
        cursor.execute("SELECT COUNT(*) FROM entry")
        link.commit()
        for table in COLUMNS:
            cursor.execute(f"ANALYZE TABLE {table}")


async def read(url: str, entries: int) -> dict[str, Measured]:
    """How long a balance, and the first page of a statement, take."""
    people = max(entries // 100, 20)
    chosen = random.Random(7)  # noqa: S311 - the same readers each time

    async with db.connected(url, pool=3):
        wanted = [account_keys.person(chosen.randint(1, people), POINTS) for _ in range(READINGS)]
        stations = itertools.cycle(account_keys.issuing(number, POINTS) for number in range(1, STATIONS + 1))
        works: dict[str, list[Work]] = {
            "balance": [partial(ledger.get_balance, key) for key in wanted],
            "statement": [partial(ledger.list_entries, key, before=None, limit=LIST_LENGTH) for key in wanted],
            "station's statement": [
                partial(ledger.list_entries, key, before=None, limit=LIST_LENGTH)
                for key in itertools.islice(stations, READINGS)
            ],
        }
        found = {}
        for name, pieces in works.items():
            await measure(pieces[: READINGS // 4], hands=1)
            found[name] = await measure(pieces, hands=1)
    return found


# Between us and the audit: Linux counts the memory of who starts a program as the program's.
SMALL_PARENT = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""


def audited(url: str) -> tuple[float, float, str]:
    """Seconds and megabytes that scripts/audit_ledger took, and what it said."""
    began = time.perf_counter()
    command = [sys.executable, "-c", SMALL_PARENT, sys.executable, "-m", "scripts.audit_ledger"]
    environ = {**os.environ, "DATABASE_URL": url}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    said, kilobytes = done.stdout.splitlines()
    return time.perf_counter() - began, int(kilobytes) / 1024, said


def fill(server: MariaDB, name: str, entries: int, folder: Path) -> str:
    return uvloop.run(filled(server, name, entries, folder))
