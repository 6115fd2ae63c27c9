"""Fixtures of the jobs' tests: a context on the fake clock, and real worker processes."""

import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from server.jobs.context import JobContext, job_context
from server.settings import Settings
from tests.conftest import FakeClock

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def context(settings: Settings, clock: FakeClock) -> AsyncIterator[JobContext]:
    """The worker's context, with the fake clock and the fake gateway."""
    made = job_context(settings, clock)
    yield made
    await made.close()


class Process:
    """A worker as administrators run it, with its own clock: the real one."""

    def __init__(self, settings: Settings, log: Path) -> None:
        names = ("database_url", "alarm_url", "photo_store", "log_level")
        environ = {name.upper(): str(getattr(settings, name)) for name in names}
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server.jobs.worker"],
                cwd=ROOT,
                env={**os.environ, **environ},
                stderr=output,
            )

    def said(self) -> str:
        return self._log.read_text()

    def kill(self) -> None:
        """As a power cut does it: nothing of its own runs any more."""
        self._process.kill()
        self._process.wait()

    def terminate(self) -> int:
        """As systemd does it: the exit status."""
        self._process.terminate()
        return self._process.wait(timeout=300)

    def running(self) -> bool:
        return self._process.poll() is None


@pytest.fixture
def worker_process(settings: Settings, tmp_path: Path) -> Iterator[Callable[[], Process]]:
    """Start as many workers as wanted; what is left of them is killed at the end."""
    with contextlib.ExitStack() as stack:

        def start() -> Process:
            process = Process(settings, tmp_path / f"worker-{len(stack._exit_callbacks)}.log")
            stack.callback(process.kill)
            return process

        yield start
