"""Helpers for tests in which several things happen at once."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from server.errors import Refusal


async def at_once(*verbs: Awaitable[Any]) -> list[Any]:
    """Return the result or the refusal of each verb; any other error fails the test."""
    answers = await asyncio.gather(*verbs, return_exceptions=True)
    assert all(isinstance(answer, Refusal) or not isinstance(answer, BaseException) for answer in answers), answers
    return answers


async def succeeding(*verbs: Awaitable[Any]) -> list[Any]:
    """Return the results of the verbs that were not refused."""
    return [answer for answer in await at_once(*verbs) if not isinstance(answer, Refusal)]


async def won_and_refused(*verbs: Awaitable[Any]) -> tuple[int, set[type[Refusal]]]:
    """Return how many verbs succeeded, and the kinds of refusals of the rest."""
    answers = await at_once(*verbs)
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    return len(answers) - len(refusals), {type(answer) for answer in refusals}


def refused(answers: list[Any], *kinds: Any) -> int:
    """Return how many were refused with one of these kinds."""
    return sum(isinstance(answer, kinds) for answer in answers)


async def others_run() -> None:
    """Let every other task run until it waits; on a slow machine a short sleep is not enough for that."""
    for _ in range(100):
        await asyncio.sleep(0)
