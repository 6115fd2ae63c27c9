"""Write `openapi.json` and `errors.json` of the contract, or tell whether they are up to date."""

import argparse
import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import server.handlers.http.registry  # noqa: F401 - declares every path
from server.handlers.http.openapi import document, every_refusal

FOLDER = Path(__file__).parents[1] / "miniprogram_contract"
INSTALLED = FOLDER / "node_modules" / ".package-lock.json"
# Redocly reports home and looks for newer versions of itself otherwise.
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def generated() -> dict[str, str]:
    """The text of each generated file by its name."""
    return {"openapi.json": _as_text(document()), "errors.json": _as_text(every_refusal())}


def _as_text(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def stale(folder: Path) -> list[str]:
    """Names of files in the folder that differ from what the declarations say."""
    return [name for name, text in generated().items() if _read(folder / name) != text]


def _read(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


def write(folder: Path) -> list[str]:
    """Bring the folder's files up to date; returns which of them changed."""
    changed = stale(folder)
    for name in changed:
        (folder / name).write_text(generated()[name], encoding="utf-8")
    return changed


def lint() -> subprocess.CompletedProcess[str]:
    """What Redocly says of `openapi.json`; installs it, as locked, where it is not there yet."""
    _install()
    command = ["node_modules/.bin/redocly", "lint"]
    return subprocess.run(command, cwd=FOLDER, env=os.environ | QUIET, capture_output=True, text=True, check=False)


def _install() -> None:
    lock_file = FOLDER / "package-lock.json"
    with lock_file.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test workers may want it at once
        if not INSTALLED.exists() or INSTALLED.stat().st_mtime < lock_file.stat().st_mtime:
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=FOLDER, check=True, stdout=sys.stderr)


def main() -> int:
    arguments = _arguments()
    if arguments.lint:
        said = lint()
        print(said.stdout + said.stderr)
        return said.returncode
    if arguments.check:
        old = stale(FOLDER)
        print("\n".join(f"{name} is stale: run scripts/contract" for name in old) or "The contract is up to date.")
        return 1 if old else 0
    print("\n".join(f"{name} written" for name in write(FOLDER)) or "Nothing to write: the contract is up to date.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a file is stale")
    parser.add_argument("--lint", action="store_true", help="fail when Redocly finds a problem")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
