"""Save database and photos into a new folder, while everything is in use."""

import sys
from pathlib import Path

from scripts import backups
from scripts.environment import settings_of_environment


def make(folder: Path) -> None:
    """Make the folder, which nobody else may read; NotPossible where there is one: a backup is never written over."""
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError as error:
        raise backups.NotPossible(f"{error.filename} is there already; name a new folder") from error


def main(arguments: list[str]) -> int:
    """0: the folder holds a finished backup; 1: it does not, and stderr says why; 2: no folder was named."""
    if len(arguments) != 1:
        print("Usage: scripts/backup FOLDER (a new one)", file=sys.stderr)
        return 2
    settings, folder = settings_of_environment(), Path(arguments[0])
    try:
        make(folder)
        saved = backups.save_database(settings.database_url, folder)
        # After the database: a photo is stored before its row is written.
        photos = backups.save_photos(settings.photo_store, folder)
        backups.write_list(folder)
    except (backups.NotPossible, OSError) as error:
        print(f"The backup failed: {error}", file=sys.stderr)
        return 1
    size = saved.stat().st_size
    print(f"{folder}: the database ({size:,} bytes), {photos:,} photo files.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
