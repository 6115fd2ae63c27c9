"""Data that is slow to create is created once for each session; later its rows are copied into the empty database."""

from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeVar

from server.database import db

T = TypeVar("T")
_MADE: dict[tuple[str, str], tuple[Any, list[str]]] = {}


async def made_once(name: str, make: Callable[[], Awaitable[T]]) -> T:
    """Fill the empty database as `make` does, and return what `make` returned the first time."""
    key = (db.dialect(), name)
    if key in _MADE:
        made, tables = _MADE[key]
        await _across(name, [f"INSERT INTO {table} SELECT * FROM kept.{table}" for table in tables])
        return deepcopy(made)
    made = await make()
    tables = await _used_tables()
    if db.dialect() == "mysql":
        await db.execute(f"CREATE DATABASE `kept {name}`")
    await _across(name, [f"CREATE TABLE kept.{table} AS SELECT * FROM {table}" for table in tables])
    _MADE[key] = deepcopy(made), tables
    return made


async def _used_tables() -> list[str]:
    listed = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        "mysql": "SELECT table_name name FROM information_schema.tables WHERE table_schema = DATABASE()",
    }
    _, tables = await db.execute(listed[db.dialect()])
    names = [row["name"] for row in tables if row["name"] != "tortoise_migrations"]
    return [name for name in names if (await db.execute(f"SELECT EXISTS (SELECT 1 FROM {name}) used"))[1][0]["used"]]


async def _across(name: str, statements: Sequence[str]) -> None:
    """Run statements between this database and the one that keeps `name`, without checking references."""
    if db.dialect() == "sqlite":
        _, [main, *_] = await db.execute("PRAGMA database_list")
        kept = Path(main["file"]).with_name(f"kept-{name}.db")
        around = [f"ATTACH '{kept}' AS kept", "PRAGMA foreign_keys=OFF"], ["PRAGMA foreign_keys=ON", "DETACH kept"]
    else:
        kept = f"`kept {name}`"
        around = ["SET foreign_key_checks=0"], ["SET foreign_key_checks=1"]
        statements = [statement.replace("kept.", f"{kept}.") for statement in statements]
    async with db.connection().acquire_connection() as link, link.cursor() as cursor:
        for statement in [*around[0], *statements, *around[1]]:
            await cursor.execute(statement)
