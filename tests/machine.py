"""Base of the stateful tests: an empty database for each example, and an event loop."""

import asyncio
import shutil
from collections.abc import Awaitable, Coroutine
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from server.database import db
from server.errors import Refusal
from tests.conftest import NOW, _empty


class Machine(RuleBasedStateMachine):
    """A state machine with an empty database and a clock of its own."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.url = _fresh(self.url)
        self.connected = db.connected(self.url, pool=8)
        self.run(self.connected.__aenter__())
        self.run(_empty(self.url))
        self.now = NOW

    def teardown(self) -> None:
        self.run(self.connected.__aexit__(None, None, None))
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def tried(self, work: Awaitable[Any]) -> Any:
        """Return the result of the work, or None if it was refused."""

        async def one() -> Any:
            try:
                return await work
            except Refusal:
                return None

        return self.run(one())


def _fresh(url: str) -> str:
    """Return a new database on SQLite; on MariaDB return the same one, to be emptied."""
    if not url.startswith("sqlite"):
        return url
    file = Path(url.removeprefix("sqlite:///"))
    return f"sqlite:///{shutil.copy(file, file.with_suffix('.copy'))}"


def check_in_any_order(machine: type[Machine], url: str, *, examples: int, steps: int) -> None:
    """Run the machine on the database so many times, with at most so many steps."""
    run_state_machine_as_test(
        type(f"{machine.__name__}Here", (machine,), {"url": url}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            # Failures are shown as found: shrinking them takes longer than a test may.
            phases=[Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
