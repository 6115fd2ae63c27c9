"""Each instance is restarted in turn behind the administrator's nginx: no request fails and no answer is lost."""

import asyncio
import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts import services
from scripts.nginx import nginx
from tests.faults.history import History, under_load
from tests.faults.instances import Instance, durable_database, environ_of, instances
from tests.faults.town import BOOK, REDEEM, SUBMIT, settle
from tests.scale import FULL, scaled
from tests.services import chosen_database, require_nginx

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="several instances share a MariaDB")

NGINX = (Path(__file__).parents[2] / "scripts" / "deploy" / "nginx.conf").read_text()
LOG = "/var/log/nginx/access.log"
INSTANCES, ROUNDS = scaled(2, full=3), scaled(1, full=2)
# So long may leaving take; systemd kills after 20.
EXIT_SECONDS = 15
# Enough people that nobody asks for more needs than one may; few hands, so that instances start while they work.
PEOPLE, HANDS = 100, 2


def test_rolling_restart_fails_no_request(tmp_path: Path, valkey_url: str, fake_wechat_process: Any):
    require_nginx()
    history, port = History(), services.free_port()
    with durable_database(tmp_path / "mariadb") as database:
        town = asyncio.run(settle(database.url, people=PEOPLE))
        environ = environ_of(database, valkey_url, fake_wechat_process) | {"PROXIES": "1"}
        url = f"http://127.0.0.1:{port}/api/v1"
        with (
            instances(INSTANCES, environ, tmp_path) as servers,
            nginx(tmp_path / "nginx", _as_told(servers, port, log=tmp_path / "access.log"), port=port),
            under_load(history, [url], lambda: town.something(SUBMIT, REDEEM, BOOK), hands=HANDS) as load,
        ):
            for server in servers * ROUNDS:
                load.wait_for(scaled(10, full=20))
                _restart(server)
            load.wait_for(scaled(10, full=20))
            httpx.get(f"{url}/photos/1?signature=secret", trust_env=False)
        assert set(history.statuses) == {201}, history.statuses
        logged = (tmp_path / "access.log").read_text()
        assert "GET /api/v1/photos/1" in logged
        assert "signature" not in logged  # a reader of the log could use the link for an hour
        asyncio.run(history.must_agree_with(database.url))


def _as_told(servers: list[Instance], port: int, *, log: Path) -> str:
    """Return the administrator's settings, without TLS, for these instances and with this log."""
    assert LOG in NGINX
    without_tls = re.sub(r"    ssl_certificate.*;\n", "", NGINX.replace(LOG, str(log)))
    without_tls = without_tls.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    first, *others = re.findall(r"    server 127\.0\.0\.1:\d+.*;.*\n", without_tls)
    for line in others:
        without_tls = without_tls.replace(line, "")
    return without_tls.replace(first, "".join(re.sub(r":\d+", f":{one.port}", first) for one in servers))


def _restart(server: Instance) -> None:
    began = time.monotonic()
    server.process.terminate()
    assert _says_that_it_leaves(server)
    assert server.process.wait() == 0
    if FULL:
        assert time.monotonic() - began < EXIT_SECONDS
    server.start()


def _says_that_it_leaves(server: Instance) -> bool:
    """Return whether /ready says no while the instance still serves."""
    while True:
        try:
            answer = httpx.get(f"{server.url}/ready", trust_env=False)
        except httpx.TransportError:
            return False
        if answer.status_code == 503:
            return bool(answer.json()["details"] == {"stopping": True})
