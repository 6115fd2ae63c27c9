"""A running fake WeChat for tests: a real process on a free loopback port, used over HTTP."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from scripts.fake_wechat_server import APP_ID, APP_SECRET
from server.adapters.wechat import WeChatApp

ROOT = Path(__file__).parents[1]
START_SECONDS = 300


class FakeWeChat:
    """The fake's admin interface: order faults and read its calls."""

    def __init__(self, url: str, console: Path) -> None:
        self.url = url
        self.app_id = APP_ID
        self.app_secret = APP_SECRET
        self._console = console
        self._http = httpx.Client(base_url=url, trust_env=False)

    def reset(self) -> None:
        self._steer("reset")

    def new_code(self, openid: str, unionid: str | None = None) -> str:
        """Return a sign-in code that works once, within five minutes."""
        return self._steer("codes", openid=openid, unionid=unionid)["code"]

    def fault(self, kind: str, **wanted) -> None:
        """Order a fault: `times`, `path`, `seconds`, `errcode`, `errmsg`; the fake's faults.py lists the kinds."""
        self._steer("faults", kind=kind, **wanted)

    def pass_time(self, seconds: float) -> None:
        self._steer("clock", seconds=seconds)

    def calls(self, path: str | None = None) -> list[dict]:
        """Return every call to WeChat, with method, path, query, body and reply, secrets included."""
        found = self._http.get("/admin/calls").json()
        return [call for call in found if path in {None, call["path"]}]

    async def is_called(self, times: int) -> None:
        """Wait until the fake has had this number of calls; pytest ends a test that waits too long."""
        while len(self.calls()) < times:  # noqa: ASYNC110 - it is another process that is waited for
            await asyncio.sleep(0.01)

    def alarms(self) -> list[dict]:
        return self._http.get("/alarms").json()

    def console(self) -> str:
        return self._console.read_text()

    def close(self) -> None:
        self._http.close()

    def _steer(self, what: str, **wanted):
        return self._http.post(f"/admin/{what}", json=wanted).raise_for_status().json()


class Tokens:
    """A token cache in memory that records the lifetime of each token."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.seconds: list[int] = []

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def set(self, key: str, value: str, seconds: int) -> None:
        self.kept[key] = value
        self.seconds.append(seconds)


class Ticks:
    """A monotonic clock that tests move."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def start_fake(console: Path) -> subprocess.Popen[bytes]:
    """Start a fake on a free port; `console` has the address once it listens."""
    with console.open("wb") as out:
        return subprocess.Popen([ROOT / "scripts" / "fake_wechat", "--port", "0"], stdout=out, stderr=out)


def address_of(process: subprocess.Popen[bytes], console: Path) -> str:
    for _ in range(START_SECONDS * 50):
        text = console.read_text()
        if "\n" in text and "http://" in text:
            return text.split("\n")[0].rpartition(" ")[2]
        assert process.poll() is None, f"the fake WeChat did not start: {text}"
        time.sleep(0.02)
    raise AssertionError("the fake WeChat printed no address")


@pytest.fixture(scope="session")
def fake_wechat_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeWeChat]:
    console = tmp_path_factory.mktemp("wechat") / "console"
    process = start_fake(console)
    try:
        fake = FakeWeChat(address_of(process, console), console)
        yield fake
        fake.close()
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def fake_wechat(fake_wechat_process: FakeWeChat) -> FakeWeChat:
    """The fake in its initial state: no used codes, no faults, no calls."""
    fake_wechat_process.reset()
    return fake_wechat_process


@pytest.fixture
async def connect(fake_wechat: FakeWeChat) -> AsyncIterator[Callable[..., WeChatApp]]:
    """Adapters to the fake, with the given settings and working defaults, closed at the end."""
    made: list[WeChatApp] = []

    def _connect(**other) -> WeChatApp:
        url, secret = other.pop("base_url", fake_wechat.url), other.pop("app_secret", fake_wechat.app_secret)
        app_id, tokens = other.pop("app_id", fake_wechat.app_id), other.pop("tokens", None) or Tokens()
        made.append(WeChatApp(url, app_id, secret, tokens, **other))
        return made[-1]

    yield _connect
    for app in made:
        await app.close()
