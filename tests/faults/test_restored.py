"""A town is backed up while in use, lost, and restored elsewhere: everything answered before the backup is there."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts import services
from server.database import db
from server.models import Session
from tests.adapters.proxy import Proxy
from tests.faults.album import a_picture, upload, whole_photos
from tests.faults.history import History, under_load
from tests.faults.instances import Database, Instance, durable_database, environ_of, instances
from tests.faults.town import Town, settle
from tests.faults.wire import elsewhere
from tests.services import chosen_database

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="it loses a MariaDB of its own")

# So slowly does MariaDB answer the backup: much is changed between the first table that is copied and the last.
STEP_SECONDS = 0.001
CHANGED = 20
PATIENCE_SECONDS = 300
URL = "DATABASE_URL"


@dataclass
class Album:
    """Photos uploaded one after the other, with the links that were answered."""

    links: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def filling(self, url: str, town: Town) -> Iterator[None]:
        sending = threading.Thread(target=lambda: asyncio.run(self._send(url, town)))
        sending.start()
        try:
            yield
        finally:
            self.over.set()
            sending.join()

    async def _send(self, url: str, town: Town) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            while not self.over.is_set():
                number = len(self.links)
                token = town.residents[number % len(town.residents)]
                answer = await upload(client, url, token, f"photo-number-{number:09}", a_picture(number))
                assert answer.status_code == 201, answer.text
                self.links.append(answer.json()["large"])

    def wait_for(self, photos: int) -> int:
        """Wait until there are so many. Returns how many there are."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while len(self.links) < photos:
            assert time.monotonic() < ends, "nobody could send in photos"
            time.sleep(0.02)
        return len(self.links)


def test_restored_town_has_everything_answered_before_the_backup(
    tmp_path: Path, valkey_url: str, fake_wechat_process: Any
):
    history, album, backup = History(), Album(), tmp_path / "backup"
    with durable_database(tmp_path / "mariadb") as lost:
        town = asyncio.run(settle(lost.url))
        environ = environ_of(lost, valkey_url, fake_wechat_process) | {"PHOTO_STORE": str(tmp_path / "photos")}
        with instances(1, environ, tmp_path) as [server]:
            with under_load(history, [server.url], town.something, hands=4) as load, album.filling(server.url, town):
                load.wait_for(60)
                known = album.wait_for(3)
                began, answered = time.monotonic(), history.answered
                _back_up(lost, environ, backup, album)
                assert history.answered >= answered + CHANGED, "little was changed while it was copied"
            server.kill()
            sessions = asyncio.run(_sessions(lost.url))
        lost.kill()
    with durable_database(tmp_path / "new") as new, services.valkey(tmp_path / "valkey") as memory:
        environ = environ_of(new, memory.url, fake_wechat_process) | {"PHOTO_STORE": str(tmp_path / "new-photos")}
        environ[URL] = new.server.create_database("restored")
        assert "invariants hold" in _restore(backup, environ)
        assert asyncio.run(whole_photos(environ[URL], tmp_path / "new-photos")) >= known
        told_before = _told_before(history, began)
        with instances(1, environ, tmp_path / "new") as [server]:
            _are_shown(album.links[:known], server)
            assert {_status(server, token) for token in town.residents} == {401}
            asyncio.run(_sign_in_again(environ[URL], sessions))
            # The stored answers are there, without the Redis of before.
            asyncio.run(told_before.repeat_all([server.url]))
        asyncio.run(told_before.must_agree_with(environ[URL]))


def _back_up(database: Database, environ: dict[str, str], folder: Path, album: Album) -> None:
    """Start the backup. Photos must be copied after the database: files copied first would miss later photos."""
    slow = Proxy(database.port, delay_seconds=STEP_SECONDS)
    with elsewhere(slow) as act:
        act(slow.stall)
        url = database.url.replace(f":{database.port}/", f":{slow.port}/")
        environ = os.environ | environ | {URL: url}
        command = [sys.executable, "-m", "scripts.backup", str(folder)]
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as backup:
            while not slow.connections:
                assert backup.poll() is None, backup.communicate()
                time.sleep(0.02)
            album.wait_for(len(album.links) + 2)
            act(slow.flow)
            said, _ = backup.communicate()
    assert backup.returncode == 0, said


def _restore(folder: Path, environ: dict[str, str]) -> str:
    command = [sys.executable, "-m", "scripts.restore", str(folder)]
    done = subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _told_before(history: History, began: float) -> History:
    """Return the requests answered before the backup began; later answers may be lost."""
    told = {
        wanted: [one for one in answers if one.definite and one.at < began] for wanted, answers in history.told.items()
    }
    assert any(told.values())
    return History(told)


def _status(server: Instance, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{server.url}/me", headers=headers, trust_env=False, timeout=60).status_code


async def _sessions(url: str) -> list[dict[str, Any]]:
    async with db.connected(url, pool=1):
        return await Session.all().values()


async def _sign_in_again(url: str, sessions: list[dict[str, Any]]) -> None:
    """Let the phones keep their tokens, so that their requests can be repeated as they were."""
    async with db.connected(url, pool=1):
        await Session.bulk_create([Session(**one) for one in sessions])


def _are_shown(links: list[str], server: Instance) -> None:
    for link in links:
        assert (
            httpx.get(httpx.URL(server.url).copy_with(raw_path=httpx.URL(link).raw_path), trust_env=False).status_code
            == 200
        ), link
