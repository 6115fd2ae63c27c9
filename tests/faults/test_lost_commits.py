"""The link dies between COMMIT and its answer: the client is not told yes or no, and the key tells the truth."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.history import History
from tests.faults.instances import durable_database, environ_of, instances
from tests.faults.town import BOOK, REDEEM, SUBMIT, settle
from tests.faults.wire import Trap, Wire, cut, elsewhere
from tests.services import chosen_database

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="it sits on the wire to a MariaDB")


def test_lost_answer_of_a_commit_is_repeated_by_its_key(tmp_path: Path, valkey_url: str, fake_wechat_process: Any):
    history = History()
    with durable_database(tmp_path / "mariadb") as database:
        town = asyncio.run(settle(database.url))
        wire = Wire(database.port)
        with (
            elsewhere(wire),
            instances(1, environ_of(database, valkey_url, fake_wechat_process, port=wire.port), tmp_path) as [server],
        ):
            for kind in (SUBMIT, BOOK, REDEEM):
                for after in (False, True):
                    trap = wire.set(Trap("COMMIT", cut, after=after))
                    told = asyncio.run(_ask_once(history, server.url, town.something(kind)))
                    assert trap.sprung.is_set()
                    assert (told.status, told.body["code"]) == (503, "outcome_unknown"), (kind, told)
            asyncio.run(history.repeat_all([server.url]))
        asyncio.run(history.must_agree_with(database.url))


async def _ask_once(history: History, url: str, wanted: Any) -> Any:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        return await history.ask(client, url, wanted)
