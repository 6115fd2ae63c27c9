"""Answers that are kept, and every way in which they could become wrong."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from redis.asyncio import Redis

from server.adapters import route_cache
from server.adapters.redis import FAILURES_TO_OPEN, OPEN_SECONDS, RedisCache
from server.adapters.route_cache import KEPT_SECONDS, MOST_KEPT, RouteCache
from server.errors import InvalidStationState, OutcomeUnknown
from tests.adapters.proxy import Proxy

LONGEST_CHANGE_SECONDS = 10


@dataclass
class Town:
    """A counting stand-in for the database."""

    says: str = "社工站"
    asked: int = 0

    async def ask(self) -> str:
        self.asked += 1
        return self.says


@dataclass
class Instance:
    """One process: what it keeps, and its own sense of time."""

    town: Town
    memory: RedisCache
    seconds: float = 0

    def __post_init__(self) -> None:
        self.routes = RouteCache(
            self.memory, longest_change_seconds=LONGEST_CHANGE_SECONDS, monotonic=lambda: self.seconds
        )

    async def answer(self, asked: str = "团结村") -> str:
        return await self.routes.answer(asked, self.town.ask)

    async def change(self, says: str) -> None:
        async with self.routes.changing():
            self.town.says = says


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
async def instances(redis: Redis, valkey_url: str, town: Town) -> AsyncIterator[tuple[Instance, Instance]]:
    memories = [RedisCache(valkey_url) for _ in range(2)]
    here, there = (Instance(town, memory) for memory in memories)
    yield here, there
    for memory in memories:
        await memory.close()


@pytest.fixture
async def far(proxy: Proxy, town: Town) -> AsyncIterator[Instance]:
    """An instance that reaches Redis through the proxy."""
    memory = RedisCache(f"redis://127.0.0.1:{proxy.port}", monotonic=lambda: instance.seconds)
    instance = Instance(town, memory)
    yield instance
    await memory.close()


async def test_second_question_is_answered_from_the_cache(instances, town):
    here, _ = instances

    assert [await here.answer() for _ in range(3)] == ["社工站"] * 3
    assert town.asked == 1
    assert await here.answer("和平社区") == "社工站"
    assert town.asked == 2


async def test_a_change_is_true_at_once_here_and_there(instances):
    here, there = instances
    for number in range(50):
        assert await here.answer() == await there.answer()
        await (here, there)[number % 2].change(f"第{number}站")

        assert (await here.answer(), await there.answer()) == (f"第{number}站", f"第{number}站")


async def test_after_half_a_minute_it_is_asked_again(instances, town):
    here, _ = instances
    await here.answer()

    here.seconds = KEPT_SECONDS - 0.1
    await here.answer()
    assert town.asked == 1
    here.seconds = KEPT_SECONDS
    await here.answer()
    assert town.asked == 2


async def test_an_answer_is_as_old_as_its_question(instances, town):
    here, _ = instances

    async def slowly() -> str:
        here.seconds += KEPT_SECONDS - 1
        return await town.ask()

    await here.routes.answer("团结村", slowly)
    here.seconds += 2
    await here.answer()

    assert town.asked == 2


async def test_while_something_changes_nothing_is_kept_and_nothing_kept_is_used(instances, town):
    here, there = instances
    await there.answer()

    async with here.routes.changing():
        town.says = "总站"  # committed; nobody has been told yet
        assert [await there.answer() for _ in range(2)] == ["总站"] * 2

    assert town.asked == 3


async def test_answer_asked_before_a_change_is_not_used_after_it(instances, town):
    here, there = instances

    async def meanwhile() -> str:
        old = await town.ask()
        await here.change("总站")
        return old

    assert await there.routes.answer("团结村", meanwhile) == "社工站"
    assert await there.answer() == "总站"


async def test_the_end_of_one_change_is_not_the_end_of_another(instances, town):
    here, there = instances
    await there.answer()

    async with here.routes.changing():
        await there.change("总站")
        await there.answer()
        town.says = "社工室"
        assert await there.answer() == "社工室"


@pytest.mark.parametrize("end", [OutcomeUnknown, asyncio.CancelledError])
async def test_change_of_unknown_outcome_leaves_its_mark(instances, town, redis, end):
    here, there = instances
    await there.answer()

    with pytest.raises(end):
        async with here.routes.changing():
            raise end
    await there.answer()
    town.says = "总站"

    assert await there.answer() == "总站"
    assert await redis.zcard("routing:changing") == 1


async def test_a_refused_change_leaves_no_mark(instances, redis):
    here, _ = instances

    with pytest.raises(InvalidStationState):
        async with here.routes.changing():
            raise InvalidStationState(status="open")

    assert not await redis.exists("routing:changing")


async def test_a_mark_outlives_every_answer_from_before_it(instances, redis):
    here, _ = instances

    async with here.routes.changing():
        lives = await redis.ttl("routing:changing")
        [(_, until)] = await redis.zrange("routing:changing", 0, -1, withscores=True)

    now = (await redis.time())[0]
    assert min(lives, until - now) >= LONGEST_CHANGE_SECONDS + KEPT_SECONDS


async def test_a_mark_whose_time_is_over_stops_nobody_and_is_swept_away(instances, town, redis):
    here, there = instances
    now = (await redis.time())[0]
    await redis.zadd("routing:changing", {"killed": now - 1})

    assert [await there.answer() for _ in range(2)] == ["社工站"] * 2
    assert town.asked == 1
    await here.change("总站")
    assert not await redis.exists("routing:changing")


async def test_a_short_change_does_not_shorten_the_mark_of_a_long_one(instances, redis, valkey_url):
    here, _ = instances

    async with route_cache.changing(valkey_url):
        await here.change("总站")
        assert await redis.ttl("routing:changing") >= route_cache.LONGEST_IMPORT_SECONDS


async def test_a_chore_changes_it_for_everybody(instances, town, valkey_url):
    here, _ = instances
    await here.answer()

    async with route_cache.changing(valkey_url):
        town.says = "总站"

    assert await here.answer() == "总站"


async def test_a_flushed_redis_revives_nothing(instances, redis):
    here, there = instances
    for number in range(5):
        await there.answer()
        await redis.flushall()
        await here.change(f"第{number}站")
        await redis.flushall()

        assert await there.answer() == f"第{number}站"


async def test_without_redis_everybody_asks_and_every_change_is_made(town):
    memory = RedisCache("redis://127.0.0.1:1")
    alone = Instance(town, memory)
    await alone.answer()

    await alone.change("总站")

    assert [await alone.answer() for _ in range(2)] == ["总站"] * 2
    assert town.asked == 3
    await memory.close()


async def test_a_change_that_told_redis_nothing_is_true_at_once_where_it_was_made(far, proxy):
    await far.answer()
    proxy.stall()
    for _ in range(FAILURES_TO_OPEN):
        await far.memory.get("anything")
    proxy.flow()

    await far.change("总站")
    far.seconds = OPEN_SECONDS  # from here on it asks Redis again, which heard of no change

    assert await far.answer() == "总站"


async def test_a_change_that_cannot_take_back_its_mark_is_true_at_once_everywhere(far, proxy, instances, town):
    here, _ = instances
    await here.answer()

    async with far.routes.changing():
        town.says = "总站"
        proxy.stall()

    assert await here.answer() == "总站"


async def test_error_is_not_cached(instances, town):
    here, _ = instances

    async def nothing() -> str:
        raise KeyError

    with pytest.raises(KeyError):
        await here.routes.answer("团结村", nothing)

    assert await here.answer() == "社工站"


async def test_the_oldest_of_too_many_is_forgotten(instances, town):
    here, _ = instances
    for number in range(MOST_KEPT + 1):
        await here.answer(f"{number}")
    asked = town.asked

    await here.answer("1")
    assert town.asked == asked
    await here.answer("0")
    assert town.asked == asked + 1


async def test_a_change_is_told_even_if_the_last_calls_had_no_answer(instances, proxy: Proxy, town: Town):
    """A breaker that is open spares those who ask often; a change is rare, and others wait to learn of it."""
    _, there = instances
    here = Instance(town, RedisCache(f"redis://127.0.0.1:{proxy.port}/0"))
    await there.answer()
    proxy.stall()
    for _ in range(FAILURES_TO_OPEN):
        await here.answer()
    proxy.flow()

    await here.change("总站")

    assert await there.answer() == "总站"
    await here.memory.close()


async def test_a_change_nobody_heard_of_is_told_with_the_first_answer_of_redis(instances, proxy: Proxy, town: Town):
    _, there = instances
    here = Instance(town, RedisCache(f"redis://127.0.0.1:{proxy.port}/0"))
    await there.answer()
    proxy.stall()
    await here.change("总站")
    proxy.flow()
    await here.memory.set("anything", b"", 1)

    await here.answer()

    assert await there.answer() == "总站"
    await here.memory.close()
