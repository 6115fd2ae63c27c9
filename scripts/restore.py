"""Restore a backup into an empty database and a photo folder, end all sessions, and check that everything holds."""

import asyncio
import sys
from pathlib import Path

from tortoise.exceptions import OperationalError

from scripts import backups
from scripts.check_data import checked
from scripts.environment import settings_of_environment
from scripts.services import NotStarted
from server.adapters.clock import SystemClock
from server.database import db
from server.domain import accounts
from server.settings import Settings

# What a backup cannot know: it is older than these decisions.
SINCE_THE_BACKUP = """\
No session is valid any more: everybody signs in again.
People who were shut out, and roles that ended, since the backup was made are as they were before. Repeat it now:
./scripts/accounts shut-out, and POST /roles/ID/ending. Only then let phones reach this server."""

OLDER = """\
Restored, from an older version. Now ./scripts/migrate, then ./scripts/accounts end-sessions --everybody, then
./scripts/check_data"""


def restore(folder: Path, settings: Settings) -> None:
    """Fill the empty database and the photo store of the settings from a finished backup."""
    [saved, *_] = [name for name in backups.read_list(folder) if name.startswith("stations.")]
    if backups.is_sqlite(settings.database_url) != saved.endswith(".db"):
        raise backups.NotPossible(f"{saved} is of another kind of database than DATABASE_URL")
    backups.must_be_empty(settings.database_url)
    backups.must_have_no_photos(settings.photo_store)
    backups.load_photos(folder, settings.photo_store)
    backups.load_database(settings.database_url, folder / saved)


async def start_over(url: str) -> None:
    async with db.connected(url, pool=1):
        await accounts.start_over(now=SystemClock().now())


def main(arguments: list[str]) -> int:
    """Return 0 if restored and every invariant and the ledger hold, 1 if not, 2 if no folder was named."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("Usage: scripts/restore FOLDER (written by scripts/backup)", file=sys.stderr)
        return 2
    settings, folder = settings_of_environment(), Path(arguments[0])
    try:
        restore(folder, settings)
    except (backups.NotPossible, NotStarted, OSError) as error:
        print(f"Not restored: {error}", file=sys.stderr)
        return 1
    try:
        asyncio.run(start_over(settings.database_url))
        print(SINCE_THE_BACKUP)
        reports = asyncio.run(checked(settings.database_url))
    except OperationalError:
        print(OLDER, file=sys.stderr)
        return 1
    print("Restored.", *reports, sep="\n")
    return 0 if all(report.holds for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
