"""Everything that must hold before a change is good: each step by name with its time, and all of them to the end."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from scripts import services
from scripts.nginx import install_nginx

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
KEPT = ROOT / ".data" / "gate"
CONTRACT = ROOT / "scripts" / "contract"
TOTAL_PERCENT = 95
# Every line and branch but those that only a lost race walks, which no run can be sure to meet.
DOMAIN_PERCENT = 99

STATIC: dict[str, Sequence[str | Path]] = {
    "formatting": [BIN / "ruff", "format", "--check", "."],
    "lint": [BIN / "ruff", "check", "."],
    "types": [BIN / "mypy"],
    "import rules": [BIN / "lint-imports"],
    "contract fresh": [CONTRACT, "--check"],
    "migrations up to date": [sys.executable, "-m", "scripts.migrate", "--check"],
}
# Each worker begins with a part of its own, so that what its tests share is mostly made once, and later helps others.
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal"]
# Measuring costs half as much as testing: where all tests are run it is done, and not again where most are.
MEASURED = ["--cov", "--cov-report="]
# What knows no database, or chooses its own, is tested once.
# Thousands of made-up requests are tried once, where the database is the stricter one.
ONCE = [
    *("tests/outside", "tests/test_scripts.py", "tests/jobs/test_worker.py", "tests/contract/test_schemathesis.py"),
    *("tests/contract/test_fresh.py", "tests/contract/test_docs.py", "tests/contract/test_writing.py"),
]


class Gate:
    """Runs steps, and remembers which failed and which could not be run."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.failed: list[str] = []
        self.left_out: list[str] = []

    def step(self, name: str, command: Sequence[str | Path], **environ: str) -> None:
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environ}, check=False)
        verdict = "ok" if done.returncode == 0 else f"FAILED with status {done.returncode}"
        if done.returncode:
            self.failed.append(name)
        self.took.append(f"{time.monotonic() - began:7.1f} s  {name}: {verdict}")
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
            COVERAGE_FILE=str(KEPT / f".coverage.{database}"),
        )

    def close(self) -> int:
        """Print what took how long and what failed; give the exit status."""
        print("\n" + "\n".join(self.took))
        if self.left_out:
            print(f"\nNOT RUN: {', '.join(self.left_out)}")
        print(f"\nFAILED: {', '.join(self.failed)}" if self.failed else "\nAll that was run is well.")
        return 1 if self.failed else 0


def main(arguments: list[str]) -> int:
    if arguments:
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    gate = Gate()
    for name, command in STATIC.items():
        gate.step(name, command)
    _lint_contract(gate)
    _test(gate)
    _judge_coverage(gate)
    status = gate.close()
    print(_counts())
    return status


def _lint_contract(gate: Gate) -> None:
    if shutil.which("npm"):
        gate.step("contract lint", [CONTRACT, "--lint"])
    else:
        gate.leave_out("contract lint", "Node.js and npm are missing; install Node.js 20 or newer")


def _test(gate: Gate) -> None:
    if services.install_mariadb():
        if not install_nginx():
            gate.leave_out("tests behind a proxy", "nginx is missing")
        if not services.install_faketime():
            gate.leave_out("tests of clocks that jump", "libfaketime is missing")
        gate.tests("mariadb", *MEASURED)
        gate.tests("sqlite", *(f"--ignore={path}" for path in ONCE))
    else:
        gate.leave_out("tests on mariadb", "MariaDB is missing")
        gate.tests("sqlite", *MEASURED)


def _judge_coverage(gate: Gate) -> None:
    """Of the run that was measured, with the programs it started."""
    environ = {"COVERAGE_FILE": str(KEPT / ".coverage")}
    coverage = [sys.executable, "-m", "coverage"]
    report = [*coverage, "report", "--skip-covered", "--show-missing"]
    gate.step("coverage together", [*coverage, "combine", "--keep", KEPT], **environ)
    gate.step("coverage", [*report, f"--fail-under={TOTAL_PERCENT}"], **environ)
    domain = [*report, "--include=server/domain/*", f"--fail-under={DOMAIN_PERCENT}"]
    gate.step("coverage of the domain", domain, **environ)


def _counts() -> str:
    """Both runs' tests in one line, as pytest counts them."""
    suites = [suite for path in KEPT.glob("*.xml") for suite in ET.parse(path).iter("testsuite")]  # noqa: S314
    all_, skipped, errors, failures = (
        sum(int(suite.get(kind, 0)) for suite in suites) for kind in ("tests", "skipped", "errors", "failures")
    )
    failed = errors + failures
    return f"{all_ - skipped - failed} passed, {failed} failed, {skipped} skipped"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
