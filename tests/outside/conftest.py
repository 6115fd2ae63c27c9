"""What the tests of the outside share."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from tests.outside.proxy import Proxy
from tests.wechat import connect  # noqa: F401 - a fixture


@pytest.fixture
async def proxy(redis: Redis, valkey_url: str) -> AsyncIterator[Proxy]:
    """On the way to the session's Valkey, which is emptied."""
    async with Proxy(urlsplit(valkey_url).port or 0) as proxy:
        yield proxy
