"""Fixtures of the adapters' tests."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from server.adapters import redis as redis_module
from tests.adapters.proxy import Proxy
from tests.wechat import connect  # noqa: F401 - a fixture

CALL_SECONDS = redis_module.CALL_SECONDS


class RedisProxy(Proxy):
    """A proxy before Redis. While it is silent a call is given up as early as in production, else it may take long."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._patch = pytest.MonkeyPatch()

    def stall(self, *, callers_give_up: bool = True) -> None:
        super().stall()
        if callers_give_up:
            self._patch.setattr(redis_module, "CALL_SECONDS", CALL_SECONDS)

    def flow(self) -> None:
        self._patch.undo()
        super().flow()


@pytest.fixture
async def proxy(redis: Redis, valkey_url: str) -> AsyncIterator[Proxy]:
    """On the way to the session's Valkey, which is emptied."""
    async with RedisProxy(urlsplit(valkey_url).port or 0) as proxy:
        yield proxy
        proxy.flow()
