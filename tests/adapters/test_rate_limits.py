import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from scripts.services import free_port
from server.adapters import rate_limits as rate_limits_module
from server.adapters.rate_limits import Counters, RateLimiter
from server.adapters.redis import RedisCache

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
WANGNAINAI = "openid-of-wangnainai"
XIAOLI = "openid-of-xiaoli"


@pytest.fixture
async def memory(valkey_url: str) -> AsyncIterator[RedisCache]:
    async with Redis.from_url(valkey_url) as redis:
        await redis.flushall()
    memory = RedisCache(valkey_url)
    yield memory
    await memory.close()


@pytest.fixture
async def nobody() -> AsyncIterator[RedisCache]:
    """A memory whose Redis is dead."""
    memory = RedisCache(f"redis://127.0.0.1:{free_port()}")
    yield memory
    await memory.close()


@pytest.fixture(params=["redis", "dead redis"])
def limits(request: pytest.FixtureRequest) -> RateLimiter:
    return RateLimiter(request.getfixturevalue("memory" if request.param == "redis" else "nobody"))


async def take(limits: RateLimiter, who: str = WANGNAINAI, *, name: str = "sign_in", now: datetime = NOW) -> int:
    return await limits.take(name, who, most=3, seconds=60, now=now)


async def test_as_many_as_allowed_pass_and_the_next_one_waits(limits: RateLimiter):
    assert [await take(limits) for _ in range(3)] == [0, 0, 0]

    assert 0 < await take(limits) <= 60


async def test_concurrent_calls_pass_up_to_the_limit(limits: RateLimiter):
    waits = await asyncio.gather(*(take(limits) for _ in range(20)))

    assert waits.count(0) == 3


async def test_call_is_allowed_after_the_wait_and_not_a_second_earlier(limits: RateLimiter):
    for _ in range(3):
        await take(limits)
    wait = await take(limits)

    assert await take(limits, now=NOW + timedelta(seconds=wait - 1)) == 1
    assert await take(limits, now=NOW + timedelta(seconds=wait)) == 0


async def test_calls_of_two_people_are_counted_apart(limits: RateLimiter):
    for _ in range(4):
        await take(limits)

    assert await take(limits, XIAOLI) == 0


async def test_calls_of_two_limits_are_counted_apart(limits: RateLimiter):
    for _ in range(4):
        await take(limits)

    assert await take(limits, name="upload") == 0


async def test_two_instances_count_together(memory: RedisCache):
    here, there = RateLimiter(memory), RateLimiter(memory)

    waits = [await take(limits) for limits in (here, there, here, there)]

    assert waits[:3] == [0, 0, 0]
    assert waits[3] > 0


async def test_a_flushed_redis_gives_nobody_a_second_helping(memory: RedisCache, valkey_url: str):
    limits = RateLimiter(memory)
    for _ in range(3):
        await take(limits)

    async with Redis.from_url(valkey_url) as redis:
        await redis.flushall()

    assert await take(limits) > 0


async def test_calls_past_the_limit_are_not_reported_to_redis(memory: RedisCache, valkey_url: str):
    limits = RateLimiter(memory)
    for _ in range(10):
        await take(limits)

    async with Redis.from_url(valkey_url) as redis:
        assert [await redis.get(key) for key in await redis.keys()] == [b"3"]


async def test_people_do_not_all_come_back_at_the_same_moment(nobody: RedisCache):
    limits = RateLimiter(nobody)
    everybody = [f"openid-{n}" for n in range(20)]

    waits = {await limits.take("sign_in", who, most=0, seconds=3600, now=NOW) for who in everybody}

    assert len(waits) > 10


async def test_redis_never_learns_who_it_counts(memory: RedisCache, valkey_url: str):
    await take(RateLimiter(memory, secret=b"one"))
    await take(RateLimiter(memory, secret=b"another"))

    async with Redis.from_url(valkey_url) as redis:
        keys = await redis.keys()

    assert len(set(keys)) == 2, "the secret makes another name of the same person"
    assert not any(WANGNAINAI.encode() in key for key in keys)


async def test_a_count_leaves_redis_by_itself(memory: RedisCache, valkey_url: str):
    await take(RateLimiter(memory))

    async with Redis.from_url(valkey_url) as redis:
        [key] = await redis.keys()
        assert 0 < await redis.ttl(key) <= 60


def test_a_flood_of_strangers_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rate_limits_module, "MOST_COUNTERS", 100)
    counters = Counters()

    for stranger in range(1_000):
        counters.increment(f"{stranger}", ends=60, now=0)
        assert len(counters) <= 100

    assert counters.increment("999", ends=60, now=0).count == 2, "the latest are still known"


def test_ended_counters_are_dropped_before_running_ones(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rate_limits_module, "MOST_COUNTERS", 100)
    counters = Counters()
    counters.increment("daily", ends=86_400, now=0)
    for stranger in range(99):
        counters.increment(f"{stranger}", ends=60, now=0)

    counters.increment("one more", ends=120, now=60)

    assert counters.increment("daily", ends=86_400, now=60).count == 2
    assert len(counters) == 2


async def test_large_limit_is_reported_in_batches_and_shared_by_instances(memory: RedisCache):
    here, there = RateLimiter(memory), RateLimiter(memory)

    async def take_often(limits: RateLimiter, times: int) -> int:
        waits = [await limits.take("usual", WANGNAINAI, most=300, seconds=60, now=NOW) for _ in range(times)]
        return waits.count(0)

    assert await take_often(here, 200) == 200
    assert 100 <= await take_often(there, 200) <= 110


async def test_rare_calls_are_not_reported_to_redis(memory: RedisCache, valkey_url: str):
    limits = RateLimiter(memory)
    for _ in range(9):
        await limits.take("usual", WANGNAINAI, most=300, seconds=60, now=NOW)

    async with Redis.from_url(valkey_url) as redis:
        assert await redis.keys("limit:usual:*") == []
