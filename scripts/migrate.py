"""Bring the database up to date and show what was applied; for developers, write or check for migrations."""

import argparse
import asyncio
import re
from pathlib import Path

from scripts.environment import run_with_database, settings_of_environment
from server.database import schema
from server.migrations import __file__ as written

# Tortoise leaves checks out of the tables it creates, without a word: each becomes an operation, which is obeyed.
ONE_CHECK = re.compile(r"CheckConstraint\(check='[^']*', name='[^']*'\)")
CHECKS = re.compile(rf", 'constraints': \[(?P<checks>{ONE_CHECK.pattern}(?:, {ONE_CHECK.pattern})*)\]")
MODEL = re.compile(r"name='(\w+)',\n            fields=\[")


async def apply(url: str) -> None:
    applied: list[str] = []

    def show(event: str, _: str, name: str) -> None:
        if event == "apply_start":
            print(f"applying {name} ...", flush=True)
            applied.append(name)

    await schema.migrate(url, show)
    newest = max(path.stem for path in Path(written).parent.glob("0*.py"))
    print(f"{len(applied)} applied; the database is at {newest}")


async def check() -> int:
    """Print the missing migrations and return how many there are."""
    missing = await schema.unwritten()
    for migration in missing:
        print(f"the models ask for a migration nobody wrote: {migration.name}; scripts/migrate --write writes it")
    return len(missing)


def write() -> None:
    for migration in asyncio.run(schema.unwritten()):
        path = Path(migration.write())
        text = with_checks(mended(path.read_text()))
        path.write_text(first(text) if migration.name.startswith("0001") else text)
        print(f"wrote {path}: read it before you keep it")


def mended(text: str) -> str:
    """Return the migration with `generated=False` where the models have it.

    Tortoise does not write it, reads True back, and would find the same change again and again.
    """
    return re.sub(r"(IntField)\(primary_key=True", r"\1(generated=False, primary_key=True", text)


def first(text: str) -> str:
    """Return the first migration, which only creates tables, in the form that is applied in two seconds."""
    imported = "from server.database.schema import FirstMigration\n"
    text = text.replace("from tortoise import migrations\n", imported)
    return text.replace("(migrations.Migration):", "(FirstMigration):")


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/migrate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when the models ask for a migration nobody wrote")
    parser.add_argument("--write", action="store_true", help="write the migrations the models ask for")
    arguments = parser.parse_args()
    if arguments.check:
        return min(asyncio.run(check()), 1)
    if arguments.write:
        write()
    else:
        run_with_database(apply(settings_of_environment().database_url))
    return 0


def with_checks(text: str) -> str:
    """The migration with each check of a created table as an operation behind it."""
    added: list[str] = []
    for found in CHECKS.finditer(text):
        model = MODEL.findall(text[: found.start()])[-1]
        added += [
            f"        AddCheck(model_name='{model}', constraint={check}),\n"
            for check in ONE_CHECK.findall(found["checks"])
        ]
    bare = CHECKS.sub("", text)
    if added:
        bare = bare.replace(
            "from tortoise import migrations\n",
            "from tortoise import migrations\nfrom server.database.schema import AddCheck\n",
            1,
        )
    return re.sub(r"    \]\n*\Z", "".join(added) + "    ]\n", bare)


if __name__ == "__main__":
    raise SystemExit(main())
