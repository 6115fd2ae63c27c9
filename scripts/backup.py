"""Save database and photos into a new folder, while everything is in use."""

import shutil
import sys
from pathlib import Path

from scripts import backups
from scripts.environment import settings_of_environment
from scripts.services import NotStarted

USAGE = "Usage: scripts/backup FOLDER (a new one)"


def make(folder: Path) -> Path:
    """Create the folder under the name of an unfinished backup, readable by its owner only.

    Raises `NotPossible` if a finished backup exists: it is never overwritten. An unfinished one is.
    """
    if folder.exists():
        raise backups.NotPossible(f"{folder} is there already; name a new folder")
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    return unfinished


def main(arguments: list[str]) -> int:
    """Return 0 for a finished backup, 1 if it failed (stderr has the reason), 2 if no folder was named."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return 2
    settings, folder = settings_of_environment(), Path(arguments[0])
    try:
        unfinished = make(folder)
        size = backups.save_database(settings.database_url, unfinished).stat().st_size
        # After the database: a photo is stored before its row is written.
        photos = backups.save_photos(settings.photo_store, unfinished)
        backups.write_list(unfinished)
        unfinished.rename(folder)
    except (backups.NotPossible, NotStarted, OSError) as error:
        print(f"The backup failed: {error}", file=sys.stderr)
        return 1
    print(f"{folder}: the database ({size:,} bytes), {photos:,} photo files.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
