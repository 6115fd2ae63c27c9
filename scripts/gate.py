"""The test command: every step by name with its time, and all of them to the end.

`scripts/test` is what must hold before a change is good. `scripts/test --all` also runs what takes long and rarely
fails for a change elsewhere: the long forms of tests, all tests on SQLite too, and coverage.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from scripts import services
from scripts.nginx import install_nginx

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
KEPT = ROOT / ".data" / "gate"
CONTRACT = ROOT / "scripts" / "contract"
HELP = """\
scripts/test                            all checks and tests, 10 to 12 minutes on two cores
scripts/test --all                      also long forms of tests and coverage, about an hour
scripts/test tests/domain -k routing    only some tests, on SQLite; other options are pytest's
TEST_DATABASE=mariadb scripts/test …    only some tests, on a private MariaDB
Steps and reports: tests/README.md"""
TOTAL_PERCENT = 95
# Every line and branch but those that only the loser of a race reaches, which no run is sure to meet.
DOMAIN_PERCENT = 99

STATIC: dict[str, Sequence[str | Path]] = {
    "types": [BIN / "mypy"],
    "formatting": [BIN / "ruff", "format", "--check", "."],
    "lint": [BIN / "ruff", "check", "."],
    "import rules": [BIN / "lint-imports"],
    "contract fresh": [CONTRACT, "--check"],
    "migrations up to date": [sys.executable, "-m", "scripts.migrate", "--check"],
}
# Each worker begins with a part of its own, so that what its tests share is mostly made once, and later helps others.
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal"]
MEASURED = ["--cov", "--cov-report="]
# From this version on Python itself tells which branches run; before, measuring costs half as much as testing.
CHEAP_COVERAGE_SINCE = (3, 14)
# MariaDB runs everything. SQLite runs what it does in its own way, and what a newcomer sees.
ON_SQLITE = [
    *("tests/database", "tests/test_races.py"),
    *("tests/test_backups.py", "tests/test_check_data.py", "tests/test_audit_ledger.py"),
    *("tests/domain/test_areas_*.py", "tests/domain/test_coverage.py", "tests/domain/test_routing*.py"),
    *("tests/domain/ledger", "tests/domain/supermarket", "tests/domain/test_policies.py"),
    *("tests/handlers/test_full_disk.py", "tests/faults/test_clocks.py", "tests/test_readme.py"),
    *("tests/test_one_*.py", "tests/test_demonstration*.py"),
]
# Tests that know no database, or choose their own: `--all` runs them on MariaDB alone.
ON_MARIADB_ALONE = [
    *("tests/adapters", "tests/test_scripts.py", "tests/jobs/test_worker.py", "tests/contract/test_schemathesis.py"),
    *("tests/contract/test_fresh.py", "tests/contract/test_docs.py", "tests/contract/test_text.py"),
]


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    status: int
    seconds: float
    output: str = ""


class Gate:
    """Runs steps, and remembers which failed and which could not be run."""

    def __init__(self, *, everything: bool) -> None:
        self.everything = everything
        self.took: list[str] = []
        self.failed: list[str] = []
        self.left_out: list[str] = []

    def step(self, name: str, command: Sequence[str | Path], **environ: str) -> None:
        print(f"\n== {name}", flush=True)
        self._judge(name, _run(command, environ))

    def together(self, steps: Mapping[str, Sequence[str | Path]]) -> None:
        """Run steps two at a time; each says what it has to say when it has ended."""
        with ThreadPoolExecutor(2) as pool:
            running = {name: pool.submit(_run, command, {}, captured=True) for name, command in steps.items()}
            for name, step in running.items():
                done = step.result()
                print(f"\n== {name}\n{done.output}", end="")
                self._judge(name, done)

    def _judge(self, name: str, done: Done) -> None:
        verdict = f"FAILED with status {done.status}" if done.status else "ok"
        if done.status:
            self.failed.append(name)
        self.took.append(f"{done.seconds:7.1f} s  {name}: {verdict}")
        print(f"== {name}: {verdict}", flush=True)

    def leave_out(self, name: str, reason: str) -> None:
        """Say loudly that a step is not run; where everything must be, that is a failure."""
        print(f"\n{'!' * 80}\n{name} is NOT run: {reason}\n{'!' * 80}", flush=True)
        (self.failed if os.environ.get("CI") == "true" else self.left_out).append(name)
        self.took.append(f"{'-':>7}    {name}: NOT RUN")

    def tests(self, database: str, *arguments: str) -> None:
        self.step(
            f"tests on {database}",
            [*PYTEST, f"--junitxml={KEPT / database}.xml", *arguments],
            TEST_DATABASE=database,
            TEST_ALL="1" if self.everything else "",
            COVERAGE_FILE=str(KEPT / f".coverage.{database}"),
            COVERAGE_CORE="sysmon" if sys.version_info >= CHEAP_COVERAGE_SINCE else "ctrace",
        )

    def close(self) -> int:
        """Print what took how long and what failed; return the exit status."""
        print("\n" + "\n".join(self.took))
        if self.left_out:
            print(f"\nNOT RUN: {', '.join(self.left_out)}")
        print(f"\nFAILED: {', '.join(self.failed)}" if self.failed else "\nEverything that ran passed.")
        return 1 if self.failed else 0


def _run(command: Sequence[str | Path], environ: Mapping[str, str], *, captured: bool = False) -> Done:
    began = time.monotonic()
    output = subprocess.PIPE if captured else None
    error = subprocess.STDOUT if captured else None
    environ = {**os.environ, **environ}
    done = subprocess.run(command, cwd=ROOT, env=environ, stdout=output, stderr=error, check=False, text=True)
    return Done(done.returncode, time.monotonic() - began, done.stdout or "")


def main(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(HELP)
        return 0
    everything = "--all" in arguments
    chosen = [one for one in arguments if one != "--all"]
    if chosen:
        environ = {"TEST_ALL": "1"} if everything else {}
        return _run([sys.executable, "-m", "pytest", *chosen], environ).status
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    gate = Gate(everything=everything)
    _check(gate)
    _test(gate)
    status = gate.close()
    print(_counts())
    return status


def _check(gate: Gate) -> None:
    has_npm = shutil.which("npm") is not None
    gate.together(STATIC | ({"contract lint": [CONTRACT, "--lint"]} if has_npm else {}))
    if not has_npm:
        gate.leave_out("contract lint", "Node.js and npm are missing; install Node.js 20 or newer")


def _test(gate: Gate) -> None:
    measured = gate.everything or sys.version_info >= CHEAP_COVERAGE_SINCE
    coverage = MEASURED if measured else []
    if services.install_mariadb():
        if not install_nginx():
            gate.leave_out("tests behind a proxy", "nginx is missing")
        if not services.install_faketime():
            gate.leave_out("tests of clocks that jump", "libfaketime is missing")
        gate.tests("mariadb", *coverage)
        gate.tests("sqlite", *_on_sqlite(everything=gate.everything))
    else:
        gate.leave_out("tests on mariadb", "MariaDB is missing")
        gate.tests("sqlite", *coverage)
    if measured:
        _judge_coverage(gate)


def _on_sqlite(*, everything: bool) -> list[str]:
    if everything:
        return [f"--ignore={path}" for path in ON_MARIADB_ALONE]
    return [str(path) for pattern in ON_SQLITE for path in sorted(ROOT.glob(pattern))]


def _judge_coverage(gate: Gate) -> None:
    """Judge the run that was measured, with the programs it started."""
    environ = {"COVERAGE_FILE": str(KEPT / ".coverage")}
    coverage = [sys.executable, "-m", "coverage"]
    report = [*coverage, "report", "--skip-covered", "--show-missing"]
    gate.step("coverage together", [*coverage, "combine", "--keep", KEPT], **environ)
    gate.step("coverage", [*report, f"--fail-under={TOTAL_PERCENT}"], **environ)
    domain = [*report, "--include=server/domain/*", f"--fail-under={DOMAIN_PERCENT}"]
    gate.step("coverage of the domain", domain, **environ)


def _counts() -> str:
    """Return both runs' tests in one line, as pytest counts them."""
    suites = [suite for path in KEPT.glob("*.xml") for suite in ET.parse(path).iter("testsuite")]  # noqa: S314
    all_, skipped, errors, failures = (
        sum(int(suite.get(kind, 0)) for suite in suites) for kind in ("tests", "skipped", "errors", "failures")
    )
    failed = errors + failures
    return f"{all_ - skipped - failed} passed, {failed} failed, {skipped} skipped"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
