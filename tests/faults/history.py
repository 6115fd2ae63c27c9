"""The history of a run: every request with its answers, compared at the end with the database."""

import asyncio
import itertools
import json
import os
import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from server.database import db
from server.domain import invariants, ledger
from server.models import Booking, Need, Order, OrderStatus
from tests.faults.town import BOOK, HAND_OVER, REDEEM, SUBMIT, Wanted
from tests.people import idempotency_key

# Answers that promise nothing: the same request is to be sent again.
UNANSWERED = {429, 502, 503, 504}
PATIENCE_SECONDS = 300
PAUSE_SECONDS = 0.2
KEPT: dict[str, Callable[[], Any]] = {
    SUBMIT: Need.all,
    BOOK: Booking.all,
    REDEEM: Order.all,
    HAND_OVER: partial(Order.filter, status=OrderStatus.HANDED_OVER),
}


def seed() -> random.Random:
    """Return a random generator that can be repeated: FAULTS_SEED is what an earlier run printed."""
    number = int(os.environ.get("FAULTS_SEED") or secrets.randbelow(10**6))
    print(f"FAULTS_SEED={number}")  # noqa: T201 - what repeats a run that failed
    return random.Random(number)


@dataclass(frozen=True)
class Answer:
    """One answer; no status means no answer."""

    at: float  # monotonic seconds
    seconds: float
    status: int | None
    body: Any = None

    @property
    def definite(self) -> bool:
        return self.status is not None and self.status not in UNANSWERED


@dataclass
class History:
    """All requests and their answers, in order."""

    told: dict[Wanted, list[Answer]] = field(default_factory=dict)

    async def ask(self, client: httpx.AsyncClient, url: str, wanted: Wanted) -> Answer:
        """Send a request once; hang-ups and timeouts are recorded as no answer."""
        self.told.setdefault(wanted, [])
        headers = {"Authorization": f"Bearer {wanted.token}", "Idempotency-Key": idempotency_key(wanted.key)}
        began = time.monotonic()
        status, body = None, None
        try:
            answer = await client.post(f"{url}{wanted.path}", json=wanted.body, headers=headers)
            status, body = answer.status_code, answer.json()
        except (httpx.TransportError, json.JSONDecodeError):
            status = None
        finally:
            told = Answer(time.monotonic(), time.monotonic() - began, status, body)
            self.told[wanted].append(told)
        return told

    async def ask_until_answered(self, client: httpx.AsyncClient, urls: Sequence[str], wanted: Wanted) -> Answer:
        """Ask one instance after the other, with the same key, until there is an answer."""
        ends = time.monotonic() + PATIENCE_SECONDS
        for url in itertools.cycle(urls):
            told = await self.ask(client, url, wanted)
            if told.definite:
                return told
            assert time.monotonic() < ends, f"nobody answered: {self.told[wanted]}"
            await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError

    def answers(self, kind: str) -> list[Any]:
        """Return the answers to requests of this kind."""
        asked = [answers for wanted, answers in list(self.told.items()) if wanted.kind == kind]
        return [told.body for answers in asked for told in answers[-1:] if told.definite]

    @property
    def answered(self) -> int:
        """Return how many requests have a definite answer by now."""
        return sum(any(told.definite for told in answers) for answers in list(self.told.values()))

    @property
    def statuses(self) -> Counter[int | None]:
        return Counter(told.status for answers in list(self.told.values()) for told in answers)

    async def repeat_all(self, urls: Sequence[str], *, hands: int = 8) -> None:
        """Repeat every request with its key: one without an answer gets one, and the others get the same."""
        wanted = list(self.told)
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:

            async def hand(first: int) -> None:
                for one in wanted[first::hands]:
                    await self.ask_until_answered(client, urls, one)

            await asyncio.gather(*(hand(number) for number in range(hands)))

    async def must_agree_with(self, url: str) -> None:
        """After `repeat_all`: assert that every answer is in the database once, nothing else is, and all invariants hold."""
        statuses = self.statuses
        assert 500 not in statuses, statuses
        given = {kind: [self._given(one) for one in self.told if one.kind == kind] for kind in KEPT}
        async with db.connected(url, pool=2):
            for kind, ids in given.items():
                found = await KEPT[kind]().values_list("id", flat=True)
                assert Counter(ids) == Counter(found), f"{kind}: answered {len(ids)}, there are {len(found)}"
            report, audited = await invariants.check(), await ledger.audit()
        assert report.holds, str(report)
        assert audited.holds, str(audited)

    def _given(self, wanted: Wanted) -> int:
        """Return the one result of every definite answer; answers of the same request must be equal."""
        definite = [told for told in self.told[wanted] if told.definite]
        first = definite[0]
        assert first.status is not None
        assert first.status < 300, f"{wanted}: {first}"
        assert all((told.status, told.body) == (first.status, first.body) for told in definite), f"{wanted}: {definite}"
        given: int = first.body["id"]
        return given


@dataclass
class Load:
    """Clients that send one request after the other until they are stopped."""

    history: History
    over: threading.Event = field(default_factory=threading.Event)
    failed: list[BaseException] = field(default_factory=list)

    def wait_for(self, answered: int, seconds: float = 300) -> None:
        """Wait until so many more requests have an answer."""
        wanted, ends = self.history.answered + answered, time.monotonic() + seconds
        while self.history.answered < wanted:
            assert not self.failed, self.failed
            assert time.monotonic() < ends, f"{answered} more answers in {seconds} s: {self.history.statuses}"
            time.sleep(0.01)


@contextmanager
def under_load(
    history: History,
    urls: Sequence[str],
    something: Callable[[], Wanted],
    *,
    hands: int = 8,
    most: int = 10_000,
    seconds: float = 60,
) -> Iterator[Load]:
    """While the block runs, clients in another thread send requests, and repeat them until they are answered.

    At its end each finishes its last request. Without an answer for some seconds they send it again.
    """
    load = Load(history)

    async def hand(client: httpx.AsyncClient, number: int) -> None:
        turned = [*urls[number % len(urls) :], *urls[: number % len(urls)]]
        while not load.over.is_set() and len(history.told) < most:
            await history.ask_until_answered(client, turned, something())

    async def all_hands() -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=seconds) as client, asyncio.TaskGroup() as group:
            for number in range(hands):
                group.create_task(hand(client, number))

    def run() -> None:
        try:
            asyncio.run(all_hands())
        except BaseException as error:  # noqa: BLE001 - told where somebody listens
            load.failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield load
    finally:
        load.over.set()
        thread.join()
    assert not load.failed, load.failed
