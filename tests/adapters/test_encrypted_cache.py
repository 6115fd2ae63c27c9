"""A cache for secrets, whose reader learns nothing and whose writer can invent nothing."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from server.adapters.encrypted_cache import EncryptedCache
from server.adapters.redis import RedisCache

TOKEN = "the-access-token-of-wechat"


@pytest.fixture
async def cache(valkey_url: str) -> AsyncIterator[RedisCache]:
    made = RedisCache(valkey_url)
    yield made
    await made.close()


def encrypted(cache: RedisCache, secret: bytes = b"a secret of ours") -> EncryptedCache:
    return EncryptedCache(cache, secret=secret, prefix="wechat")


async def test_text_is_read_by_another_instance_and_not_by_a_reader_of_redis(cache, redis: Redis):
    await encrypted(cache).set("token", TOKEN, 60)

    assert await encrypted(cache).get("token") == TOKEN
    assert TOKEN.encode() not in (await redis.get("wechat:token") or b"")


async def test_text_of_another_secret_is_none(cache, redis):
    await encrypted(cache, b"an old secret").set("token", TOKEN, 60)

    assert await encrypted(cache).get("token") is None


@pytest.mark.parametrize("lie", [b"", b"short", TOKEN.encode(), b"\x00" * 80])
async def test_value_that_we_did_not_write_is_none(cache, redis, lie):
    await redis.set("wechat:token", lie)

    assert await encrypted(cache).get("token") is None


async def test_value_moved_to_another_key_is_none(cache, redis):
    await encrypted(cache).set("token", TOKEN, 60)
    await redis.rename("wechat:token", "wechat:other")

    assert await encrypted(cache).get("other") is None
