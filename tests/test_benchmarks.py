"""The benchmarks ask the server as clients do: a rule that refuses their requests would break them unnoticed."""

import subprocess
import sys
from pathlib import Path

import pytest

from miniprogram_contract import bookings, needs, needs_staff
from scripts.benchmarks.peers import fastapi_schemas
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


@pytest.mark.parametrize("name", ["NeedDetail", "TimelineEntry", "NeedRow", "BookingDetail", "BookedActivity"])
def test_peers_answer_with_the_fields_of_the_contract(name):
    ours = next(vars(one)[name] for one in (needs, needs_staff, bookings) if name in vars(one))

    theirs = vars(fastapi_schemas)[name].model_fields
    required = {field for field, told in ours.model_fields.items() if told.is_required()}
    assert required <= set(theirs) <= set(ours.model_fields)
