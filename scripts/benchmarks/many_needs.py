"""Working among many needs, through HTTP on one instance: lists, search, one need, a new one, whose it is."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import uvloop

from scripts import services
from scripts.benchmarks import serving
from scripts.benchmarks.city import READERS, SignedIn
from scripts.benchmarks.filled_needs import RARE, RESIDENTS, TEXTS, Filled, filled
from scripts.benchmarks.hall import API
from scripts.benchmarks.measuring import Measured, Timed, Work, measure, timed
from scripts.services import MariaDB
from server.adapters.clock import SystemClock
from server.handlers.http import cursor

READINGS, WARM = 400, 60
TURN = 40  # so many readings of one city, before those of the next
HALF_WAY = timedelta(days=900)  # back in the list
NEED = {"category": "elder_care", "urgency": "normal", "contact_name": "王秀英", "contact_phone": "13812345678"}


class TooOftenError(Exception):
    """A person has asked so often that the server makes them wait."""


class City:
    """Requests of people who are signed in, each of another one."""

    def __init__(self, client: httpx.AsyncClient, there: Filled, now: datetime) -> None:
        self.client, self.there, self.now = client, there, now
        self.numbers = itertools.count()

    async def ask(self, path: str, by: SignedIn | None = None, **query: Any) -> dict[str, Any]:
        """Return the answer to a read request."""
        number = next(self.numbers)
        # Each from an address of its own: nobody asks too often.
        headers = {"X-Forwarded-For": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"} | bearer(by)
        answer = await self.client.get(f"{API}{path}", params=query, headers=headers)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise TooOftenError
        assert answer.is_success, (path, query, answer.text[:500])
        found: dict[str, Any] = answer.json()
        return found

    async def submit(self, by: SignedIn, number: int) -> None:
        headers = {"Idempotency-Key": f"need-{time.time_ns()}-{number:06}"} | bearer(by)
        answer = await self.client.post(f"{API}/needs", json=NEED | {"text": TEXTS[0]}, headers=headers)
        assert answer.is_success, answer.text[:500]

    async def works(self) -> dict[str, list[Work]]:
        """Return the requests to measure, in this order: those that change data come last."""
        there = self.there
        routed = [partial(self.ask, "/stations", covering=one, category="elder_care") for one in there.communities]
        submitted = [partial(self.submit, one, number) for number, one in enumerate(there.residents)]
        return {
            **self._lists(),
            **await self._needs(),
            "a resident's own list": [partial(self.ask, "/needs", one) for one in there.residents],
            "routing": list(routed),
            "submitting a need": list(submitted),
        }

    def _lists(self) -> dict[str, list[Work]]:
        half_way = cursor_at(self.now - HALF_WAY)
        asked: dict[str, dict[str, Any]] = {
            "first page": {},
            "half way back": {"after": half_way},
            "most urgent": {"sort": "most_urgent"},
            "submitted or accepted": {"status": ["submitted", "accepted"]},
            "closed": {"status": "closed"},
            "declined, half way back": {"status": "declined", "after": half_way},
            "overdue": {"overdue": True},
            "a category": {"category": "elder_care"},
            "search: a common word": {"text": TEXTS[0][-5:-1]},
            "search: a rare word": {"text": RARE[-3:]},
        }
        works = {
            f"staff list: {name}": [partial(self.ask, "/station/needs", one, **query) for one in self.there.workers]
            for name, query in asked.items()
        }
        works["staff list: mine"] = [
            partial(self.ask, "/station/needs", one, assignee=one[0].id) for one in self.there.workers
        ]
        of_officers: dict[str, dict[str, Any]] = {
            "first page": {},
            "closed": {"status": "closed"},
            "a category": {"category": "elder_care"},
            "overdue": {"overdue": True},
            "most urgent": {"sort": "most_urgent"},
        }
        for name, officers in {"county": self.there.county_officers, "city": self.there.city_officers}.items():
            works |= {
                f"{name} officer: {asked_for}": [partial(self.ask, "/station/needs", one, **query) for one in officers]
                for asked_for, query in of_officers.items()
            }
        return {name: list(pieces) for name, pieces in works.items()}

    async def _needs(self) -> dict[str, list[Work]]:
        """One need with its timeline, for whom it is and for those who work on it."""
        open_ones = [await self._one_of(worker, status="in_progress") for worker in self.there.workers]
        ended = [await self._one_of(worker, status="closed") for worker in self.there.workers]
        own = [
            partial(self.ask, f"/needs/{row['id']}", one)
            for one in self.there.residents[:READERS]
            for row in (await self.ask("/needs", one))["items"]
        ]
        return {
            "one need: an open one, staff": [one for one in open_ones if one],
            "one need: an ended one, staff": [one for one in ended if one],
            "one need: its resident": list(own),
        }

    async def _one_of(self, worker: SignedIn, **query: str) -> Work | None:
        rows = (await self.ask("/station/needs", worker, limit=1, **query))["items"]
        return partial(self.ask, f"/station/needs/{rows[0]['id']}", worker) if rows else None


def bearer(by: SignedIn | None) -> dict[str, str]:
    return {} if by is None else {"Authorization": f"Bearer {by[1]}"}


class _At:
    def __init__(self, at: datetime) -> None:
        self.at, self.id = at, 1


def cursor_at(moment: datetime) -> str | None:
    """The place in a list behind that moment."""
    return cursor.following([_At(moment)], 1, lambda one: (one.at, one.id))


def _often(pieces: Sequence[Work], count: int) -> list[Work]:
    turns: Iterator[Work] = itertools.cycle(pieces)
    return list(itertools.islice(turns, count))


async def _read(cities: Sequence[City]) -> list[dict[str, Measured]]:
    works = [await city.works() for city in cities]
    found: list[dict[str, Measured]] = [{} for _ in cities]
    for name in works[0]:
        while name not in found[0]:
            try:
                measured = await _in_turns([one[name] for one in works])
            except TooOftenError:  # a worker who has read many lists within a minute
                await asyncio.sleep(60)
            else:
                for one, of_city in zip(measured, found, strict=True):
                    of_city[name] = one
    assert READINGS + WARM <= RESIDENTS  # nobody files twice
    return found


async def _in_turns(works: Sequence[Sequence[Work]]) -> list[Measured]:
    """Measure the same request in each city, a part at a time: a machine that becomes slower slows all of them."""
    for pieces in works:
        await measure(_often(pieces, WARM), hands=1)
    parts: list[list[Timed]] = [[] for _ in works]
    for begin in range(0, READINGS, TURN):
        for pieces, of_city in zip(works, parts, strict=True):
            of_city.append(await timed(_often(pieces, READINGS)[begin : begin + TURN], hands=1))
    return [Measured.of(each) for each in parts]


def measured(server: MariaDB, counts: Sequence[int], folder: Path) -> list[dict[str, Measured]]:
    """How long each takes, one after the other, among each of these numbers of needs."""
    now = SystemClock().now()
    there = [uvloop.run(filled(server, count, folder, now)) for count in counts]
    with contextlib.ExitStack() as stack:
        bases = []
        for count, city in zip(counts, there, strict=True):
            valkey = stack.enter_context(services.valkey(folder / f"valkey-needs-{count}"))
            environ = {"DATABASE_URL": city.url, "REDIS_URL": valkey.url, "LOG_LEVEL": "WARNING", "PROXIES": "1"}
            [instance] = stack.enter_context(serving.ours(environ))
            bases.append(instance.base)
        return uvloop.run(_asked(bases, there, now))


async def _asked(bases: Sequence[str], there: Sequence[Filled], now: datetime) -> list[dict[str, Measured]]:
    async with contextlib.AsyncExitStack() as stack:
        clients = [httpx.AsyncClient(base_url=base, trust_env=False, timeout=60) for base in bases]
        for client in clients:
            await stack.enter_async_context(client)
        return await _read([City(client, one, now) for client, one in zip(clients, there, strict=True)])
