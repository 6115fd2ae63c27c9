"""The benchmarks ask the server as clients do: a rule that refuses their requests would break them unnoticed."""

import subprocess
import sys
from pathlib import Path

from tests.scale import full_only
from tests.services import require_mariadb

ROOT = Path(__file__).parents[1]


@full_only
def test_every_request_of_the_benchmarks_is_answered():
    require_mariadb()
    command = [sys.executable, "-m", "scripts.bench", "endpoints", "--statements"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-3000:]
    assert "submit a need" in done.stdout
