"""Serve with the settings of the environment: single-process instances side by side, restarted when one ends."""

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator
from subprocess import Popen

from scripts.environment import settings_of_environment
from scripts.programs import Group, start, stop
from server.settings import Settings

FIRST_DELAY_SECONDS = 1
LONGEST_DELAY_SECONDS = 60
LOOK_EVERY_SECONDS = 0.1


class Instance:
    """One process of the server on its own port. The sooner it ends, the longer the delay before it is restarted."""

    def __init__(self, number: int, settings: Settings) -> None:
        self._port = settings.port + number
        metrics_port = settings.metrics_port + number if settings.metrics_port else 0
        self._environ = {"PORT": str(self._port), "METRICS_PORT": str(metrics_port)}
        self._delay_seconds = FIRST_DELAY_SECONDS
        self.start()

    def start(self) -> None:
        self._began = time.monotonic()
        self._starts_at: float | None = None
        self.process: Popen[bytes] = start([sys.executable, "-m", "server"], environ=self._environ)

    def start_again_if_ended(self) -> None:
        status = self.process.poll()
        if status is None:
            return
        if self._starts_at is None:
            self._wait_a_while(status)
        elif time.monotonic() >= self._starts_at:
            self.start()

    def _wait_a_while(self, status: int) -> None:
        now = time.monotonic()
        if now - self._began > LONGEST_DELAY_SECONDS:
            self._delay_seconds = FIRST_DELAY_SECONDS
        print(
            f"the instance on port {self._port} ended with status {status} and starts again in {self._delay_seconds} s",
            file=sys.stderr,
            flush=True,
        )
        self._starts_at = now + self._delay_seconds
        self._delay_seconds = min(self._delay_seconds * 2, LONGEST_DELAY_SECONDS)


@contextlib.contextmanager
def instances(count: int, settings: Settings) -> Iterator[list[Instance]]:
    """Run a number of instances. At the end all of them drain at the same time."""
    running: list[Instance] = []
    try:
        for number in range(count):
            running.append(Instance(number, settings))  # noqa: PERF401 - each must be stopped, also half way
        yield running
    finally:
        for instance in running:
            instance.process.terminate()
        for instance in running:
            stop(instance.process)


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/serve", description=__doc__)
    parser.add_argument("--instances", type=int, default=1, help="how many, on PORT, PORT + 1, ...")
    arguments = parser.parse_args()
    settings = settings_of_environment()
    with Group() as group:
        running = group.enter_context(instances(arguments.instances, settings))
        while True:
            for instance in running:
                instance.start_again_if_ended()
            time.sleep(LOOK_EVERY_SECONDS)


if __name__ == "__main__":
    main()
