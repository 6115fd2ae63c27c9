"""The administrator's audit: one line, and an exit status for a timer."""

import os
import subprocess
import sys

from server.models import Account
from tests.domain.ledger.moving import give, points_of


def audited(url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.audit_ledger"]
    return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=False)


async def test_audit_of_a_balanced_ledger_prints_one_line(database):
    await give(100, points_of(1))

    said = audited(database)

    assert (said.returncode, said.stdout) == (0, "The ledger holds: 2 accounts, 1 transfers, 2 entries.\n")


async def test_audit_of_a_broken_ledger_names_the_places(database):
    await give(100, points_of(1))
    await Account.filter(owner="person:1").update(balance=1000)

    said = audited(database)

    assert said.returncode == 1
    assert "(person:1, points): says 1000 after 1 entries, they add up to 100 after 1" in said.stdout


def test_missing_ledger_is_reported_as_missing(tmp_path):
    said = audited(f"sqlite:///{tmp_path}/empty.db")

    assert (said.returncode, said.stdout) == (2, "")
    assert "does not answer" in said.stderr
