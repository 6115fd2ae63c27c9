"""scripts/jobs: what an administrator sees of job runners and of jobs that failed for good, and does about them."""

import os
import subprocess
import sys

import pytest

from server.adapters.clock import SystemClock
from server.domain import job_runners
from server.domain.job_runners import Identity
from server.models import Job, JobRunnerHeartbeat
from tests.conftest import NOW
from tests.jobs.conftest import ROOT


@pytest.fixture
def jobs(settings):
    """Run `scripts/jobs` with the packages at hand."""

    def run(*words):
        environ = {**os.environ, "DATABASE_URL": settings.database_url}
        command = [sys.executable, "-m", "scripts.jobs", *map(str, words)]
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
async def parked(database):
    job = {"due_at": NOW, "leased_until": NOW, "attempts": 12, "kind": "delete_photo"}
    await Job.create(subject="0f", state="waiting", **job)
    return await Job.create(subject="1e", state="parked", last_error="PhotosUnavailable", **job)


async def test_parked_jobs_are_listed_with_their_trouble(parked, jobs):
    line = f"{parked.id}  delete_photo 1e  due 2026-03-10 02:00 UTC, 12 attempts: PhotosUnavailable"

    listed = jobs().stdout.splitlines()
    assert listed[0] == line
    assert listed[-1] == "0 runners, 1 overdue, 1 parked"


async def test_a_parked_job_is_released(parked, jobs):
    assert "released" in jobs("release", parked.id).stdout

    assert (await Job.get(id=parked.id)).state == "waiting"
    assert jobs().stdout.endswith(" 0 parked\n")


async def test_job_that_is_not_parked_is_not_released(parked, jobs):
    other = await Job.get(subject="0f")

    done = jobs("release", other.id)

    assert (done.returncode, done.stderr) == (1, f"no job {other.id} is parked\n")


@pytest.fixture
async def runner(database):
    """A job runner that is alive, as far as its heartbeat says."""
    now = SystemClock().now()
    await job_runners.beat(Identity(7, "host:1", now), "crises: idle; others: audit_ledger 2026-03-10", now=now)
    return now


async def test_runner_is_listed_with_what_it_does(runner, jobs):
    line, last = jobs().stdout.splitlines()

    assert line.startswith("runner host:1  since ")
    assert line.endswith("  crises: idle; others: audit_ledger 2026-03-10")
    assert last == "1 runners, 0 overdue, 0 parked"


async def test_check_passes_while_a_runner_is_alive(runner, jobs):
    done = jobs("check")

    assert (done.returncode, done.stdout) == (0, "job runners work\n")


async def test_check_fails_when_the_last_heartbeat_is_old(runner, jobs):
    await JobRunnerHeartbeat.all().update(beat_at=runner - job_runners.ALIVE * 2)

    done = jobs("check")

    assert (done.returncode, done.stderr) == (1, "no job runner has given a sign of life in the last half minute\n")
    assert "SILENT" in jobs().stdout


async def test_check_fails_when_a_job_is_parked(runner, parked, jobs):
    assert "delete_photo: 1 parked" in jobs("check").stderr


async def test_check_fails_when_a_deadline_is_late(runner, jobs):
    await Job.create(kind="watch_need", subject="1", due_at=NOW, leased_until=NOW)

    assert jobs("check").stderr == "watch_need: 1 overdue\n"
