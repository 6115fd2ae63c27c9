"""scripts/jobs: what an administrator sees of jobs that failed for good, and does about them."""

import os
import subprocess
import sys

import pytest

from server.models import Job
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

    assert jobs().stdout.splitlines() == [line, "1 parked"]


async def test_a_parked_job_is_released(parked, jobs):
    assert "released" in jobs("release", parked.id).stdout

    assert (await Job.get(id=parked.id)).state == "waiting"
    assert jobs().stdout == "0 parked\n"


async def test_job_that_is_not_parked_is_not_released(parked, jobs):
    other = await Job.get(subject="0f")

    done = jobs("release", other.id)

    assert (done.returncode, done.stderr) == (1, f"no job {other.id} is parked\n")
