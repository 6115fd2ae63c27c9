"""Write `openapi.json` and `errors.json` of the contract, or check that they are up to date."""

import argparse
import fcntl
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import server.handlers.http.registry  # noqa: F401 - declares every path
from server.handlers.http.openapi import document, every_refusal

FOLDER = Path(__file__).parents[1] / "miniprogram_contract"
INSTALLED = FOLDER / "node_modules" / ".package-lock.json"
TYPES = "api.d.ts"
# A mini-program that uses the generated types; only required fields are in the request.
USE = """\
import type { components } from "./api";

export const need: components["schemas"]["NewNeed"] = {
  category: "elder_care",
  text: "请人帮忙买药",
  contact_name: "王秀英",
  contact_phone: "13812345678",
};
"""
STRICT = {
    "compilerOptions": {
        "strict": True,
        "exactOptionalPropertyTypes": True,
        "skipLibCheck": False,
        "noEmit": True,
        "target": "es2020",
        "module": "esnext",
        "moduleResolution": "bundler",
        "types": [],
    },
    "files": [TYPES, "use.ts"],
}
# Redocly reports home and looks for newer versions of itself otherwise.
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def generated() -> dict[str, str]:
    """The text of each generated file by its name."""
    return {"openapi.json": _as_text(document()), "errors.json": _as_text(every_refusal())}


def _as_text(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def stale(folder: Path) -> list[str]:
    """Return the names of files that differ from the declarations."""
    return [name for name, text in generated().items() if _read(folder / name) != text]


def _read(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


def write(folder: Path) -> list[str]:
    """Bring the folder's files up to date; returns which of them changed."""
    changed = stale(folder)
    for name in changed:
        (folder / name).write_text(generated()[name], encoding="utf-8")
    return changed


def lint() -> tuple[bool, str]:
    """Check `openapi.json` with Redocly and, as TypeScript, with a strict compiler; return whether it passes, and why.

    Installs both, as locked, if they are not there yet.
    """
    _install()
    checked = [_run("redocly", "lint", cwd=FOLDER)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tsconfig.json").write_text(json.dumps(STRICT), encoding="utf-8")
        (folder / "use.ts").write_text(USE, encoding="utf-8")
        # A field with a default may be left out of a request.
        types = ("--default-non-nullable=false", "-o", TYPES)
        checked += [_run("openapi-typescript", str(FOLDER / "openapi.json"), *types, cwd=folder)]
        checked += [_run("tsc", "-p", "tsconfig.json", cwd=folder)]
    return all(one.returncode == 0 for one in checked), "".join(one.stdout + one.stderr for one in checked)


def _run(tool: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(FOLDER / "node_modules" / ".bin" / tool), *arguments]
    return subprocess.run(command, cwd=cwd, env=os.environ | QUIET, capture_output=True, text=True, check=False)


def _install() -> None:
    lock_file = FOLDER / "package-lock.json"
    with lock_file.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test workers may need it at the same time
        if not INSTALLED.exists() or INSTALLED.stat().st_mtime < lock_file.stat().st_mtime:
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=FOLDER, check=True, stdout=sys.stderr)


def main() -> int:
    arguments = _arguments()
    if arguments.lint:
        passed, said = lint()
        print(said)
        return 0 if passed else 1
    if arguments.check:
        old = stale(FOLDER)
        print("\n".join(f"{name} is stale: run scripts/contract" for name in old) or "The contract is up to date.")
        return 1 if old else 0
    print("\n".join(f"{name} written" for name in write(FOLDER)) or "Nothing to write: the contract is up to date.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a file is stale")
    parser.add_argument(
        "--lint", action="store_true", help="fail when Redocly or the TypeScript compiler finds a problem"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
