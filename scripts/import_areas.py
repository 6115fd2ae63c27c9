"""Import an authority's list of areas: show what it would change, and apply it after a confirmation.

The CSV has the columns code and name, and optionally level, parent_code, predecessors and aliases.
"""

import argparse
import re
import sys
import time
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

from scripts.environment import run_with_database, settings_of_environment
from server.adapters.clock import SystemClock
from server.database import db
from server.domain import areas
from server.domain.areas import Change, NewEdition
from server.errors import InvalidAreaFile, Refusal
from server.models import AreaChange, AreaEdition, AreaLevel
from server.settings import Settings

SHOWN_OF_EACH_KIND = 20
NEWS_EVERY_SECONDS = 1


class News:
    """Reports the progress of the import, once a second at most."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()
        self._step, self._rows = "", 0

    def __call__(self, step: str, rows: int) -> None:
        if step != self._step:
            self._step, self._rows = step, 0
            self._said = 0
        self._rows += rows
        if time.monotonic() - self._said >= NEWS_EVERY_SECONDS:
            self._said = time.monotonic()
            print(f"{self._said - self._began:5.0f} s  {step} ... {self._rows} rows", flush=True)


async def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Propose, show, and apply or discard. Returns the exit status."""
    news = News()
    new = NewEdition(arguments.name, arguments.code_system, arguments.valid_from, tuple(arguments.covers))
    open_file = partial(arguments.file.open, encoding="utf-8-sig", newline="")
    async with db.connected(settings.database_url, pool=2):
        edition = await areas.propose(open_file, new, by=None, now=SystemClock().now(), progress=news)
        await show(edition)
        if not (arguments.apply or confirmed()):
            await areas.discard(edition.id, by=None, now=SystemClock().now())
            print("nothing was changed")
            return 1
        applied = await areas.apply(edition.id, by=None, now=SystemClock().now(), progress=news)
    print(f"applied: edition {applied.id}")
    for one in applied.undecided:
        print(f"an officer must decide who covers area {one['area_id']} at level {one['level']}: {one['station_ids']}")
    return 0


async def show(edition: AreaEdition) -> None:
    """Print the change set: the number of areas of each kind, and the first ones."""
    print(f"{edition.name}, valid from {edition.valid_from}, covers {', '.join(edition.covers)}")
    for kind, count in edition.counts.items():
        print(f"  {count} {kind}")
        if kind != AreaChange.UNCHANGED:
            for change in await areas.changes(edition.id, kind=AreaChange(kind), limit=SHOWN_OF_EACH_KIND):
                print(f"    {told(change)}")
            if count > SHOWN_OF_EACH_KIND:
                print(f"    ... and {count - SHOWN_OF_EACH_KIND} more")


def told(change: Change) -> str:
    """Return one change as a line."""
    row = change.row
    parts = [f"{row.code} {change.path}"]
    parts += [f"was {row.before_name}"] if row.before_name else []
    parts += [f"had {row.before_code}"] if row.before_code else []
    parts += [f"from {change.before_path}"] if "moved" in row.changes else []
    parts += [f"now {', '.join(change.heirs)}"] if change.heirs else []
    return "; ".join(parts)


def confirmed() -> bool:
    """Return whether the administrator typed yes."""
    try:
        return input("Apply this? Type yes: ").strip().lower() == "yes"
    except EOFError:
        return False


def read(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the arguments."""
    parser = argparse.ArgumentParser(prog="scripts/import_areas", description=__doc__)
    parser.add_argument("file", type=Path, help="csv in UTF-8")
    parser.add_argument("--name", required=True, help="what to call this edition")
    parser.add_argument("--code-system", required=True, type=code_system, help="whose codes these are: nbs, mca ...")
    parser.add_argument("--valid-from", required=True, type=date.fromisoformat, help="from when it holds: 2026-01-01")
    parser.add_argument(
        "--covers",
        nargs="+",
        default=[],
        type=AreaLevel,
        choices=list(AreaLevel),
        help="levels in which an area missing from the list is dissolved; those the list has, unless told",
    )
    parser.add_argument("--apply", action="store_true", help="apply without asking")
    arguments = parser.parse_args(words)
    if not arguments.file.is_file():
        parser.error(f"there is no file {arguments.file}")
    return arguments


def code_system(word: str) -> str:
    if not re.fullmatch("[a-z]{2,10}", word):
        raise argparse.ArgumentTypeError("two to ten small letters")
    return word


def main() -> int:
    try:
        return run_with_database(run(read(), settings_of_environment()))
    except InvalidAreaFile as wrong:
        for one in wrong.details["lines"]:
            print(f"line {one['line']}: {one['problem']}", file=sys.stderr)
        print("... and more" if wrong.details["more"] else "nothing was changed", file=sys.stderr)
    except Refusal as refusal:
        print(f"refused, {refusal.code}: {refusal.message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
