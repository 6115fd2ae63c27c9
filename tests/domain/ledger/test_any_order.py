"""Any order of operations, repeated, refused or at once, keeps the ledger's invariants and matches a simple model."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from server.database import db
from server.domain import ledger
from server.domain.ledger import Capture, NewHold, NewTransfer
from server.errors import Refusal
from server.models import TransferKind
from tests.domain.ledger.moving import STATION, points_of
from tests.machine import Machine, check_in_any_order
from tests.scale import scaled

PEOPLE = [points_of(number) for number in range(1, 4)]
people, amounts = st.sampled_from(PEOPLE), st.integers(-1, 60)
number = st.integers(0, 5)


@dataclass
class Child:
    """A simple model of the ledger: balances, holds, and what was done."""

    has: dict[ledger.Key, int] = field(default_factory=lambda: dict.fromkeys([STATION, *PEOPLE], 0))
    holds: dict[int, tuple[ledger.Key, int, datetime]] = field(default_factory=dict)
    moved: dict[int, tuple[ledger.Key, ledger.Key, int]] = field(default_factory=dict)
    undone: set[int] = field(default_factory=set)

    def spendable(self, key: ledger.Key) -> int:
        return self.has[key] - sum(amount for owner, amount, _ in self.holds.values() if owner == key)

    def can(self, key: ledger.Key, amount: int) -> bool:
        return amount > 0 and (key == STATION or self.spendable(key) >= amount)

    def move(self, source: ledger.Key, target: ledger.Key, amount: int) -> None:
        self.has[source] -= amount
        self.has[target] += amount


class AnyOrder(Machine):
    """Each rule changes the ledger and the model, and both must agree whether it was possible."""

    def __init__(self) -> None:
        super().__init__()
        self.book, self.causes = Child(), 0

    def cause(self) -> str:
        self.causes += 1
        return f"any:{self.causes}"

    def move(self, kind: TransferKind, amount: int, source: ledger.Key, target: ledger.Key) -> None:
        could = self.book.can(source, amount)
        move = NewTransfer(self.cause(), kind, amount, source, target)
        made = self.tried(ledger.post(move, now=self.now))
        assert bool(made) == could
        if made:
            self.book.move(source, target, amount)
            self.book.moved[made[0]] = (source, target, amount)
            assert self.tried(ledger.post(move, now=self.now)) == made  # repeated: the same reply, and nothing moves

    @rule(amount=amounts, owner=people)
    def issue(self, amount: int, owner: ledger.Key) -> None:
        self.move(TransferKind.POINTS_DEED, amount, STATION, owner)

    @rule(amount=amounts, source=people, to=number)
    def give(self, amount: int, source: ledger.Key, to: int) -> None:
        others = [one for one in PEOPLE if one != source]
        self.move(TransferKind.GIFT, amount, source, others[to % 2])

    @rule(amount=amounts, owner=people, days=st.integers(1, 3))
    def hold(self, amount: int, owner: ledger.Key, days: int) -> None:
        could, until = self.book.can(owner, amount), self.now + timedelta(days=days)
        wish = NewHold(self.cause(), amount, owner, until)
        made = self.tried(ledger.place_holds(wish, now=self.now))
        assert bool(made) == could
        if made:
            self.book.holds[made[0]] = (owner, amount, until)
            assert self.tried(ledger.place_holds(wish, now=self.now)) == made

    @rule(which=number, part=st.integers(1, 130))
    def capture(self, which: int, part: int) -> None:
        if (hold := self._hold(which)) is None:
            return
        owner, amount, until = self.book.holds[hold]
        paid = amount * part // 100
        work = Capture(hold, STATION, TransferKind.REDEEMED, paid)
        made = self.tried(ledger.capture_holds(work, now=self.now))
        assert bool(made) == (0 < paid <= amount and self.now < until)
        if made:
            del self.book.holds[hold]
            self.book.move(owner, STATION, paid)
            self.book.moved[made[0]] = (owner, STATION, paid)
            assert self.tried(ledger.capture_holds(work, now=self.now)) is None

    @rule(which=number)
    def release(self, which: int) -> None:
        self._let_go(which, ledger.release_holds)

    @rule(which=number)
    def expire(self, which: int) -> None:
        hold = self._hold(which)
        if hold is not None and self.now >= self.book.holds[hold][2]:
            self._let_go(which, ledger.expire_holds)

    def _let_go(self, which: int, how: Callable[..., Awaitable[None]]) -> None:
        if (hold := self._hold(which)) is None:
            return
        self.run(how(hold, now=self.now))
        del self.book.holds[hold]
        assert self.tried(ledger.capture_holds(Capture(hold, STATION, TransferKind.REDEEMED), now=self.now)) is None

    def _hold(self, which: int) -> int | None:
        held = sorted(self.book.holds)
        return held[which % len(held)] if held else None

    @rule(which=number)
    def reverse(self, which: int) -> None:
        if not self.book.moved:
            return
        transfer = sorted(self.book.moved)[which % len(self.book.moved)]
        source, target, amount = self.book.moved[transfer]
        could = transfer not in self.book.undone and self.book.can(target, amount)
        made = self.tried(ledger.reverse(transfer, note="", by=None, now=self.now))
        assert bool(made) == could
        if made:
            self.book.undone.add(transfer)
            self.book.move(target, source, amount)

    @rule(owner=people, amount=st.integers(1, 40), times=st.integers(2, 5))
    def spend_at_once(self, owner: ledger.Key, amount: int, times: int) -> None:
        """As many calls succeed as the balance allows, in any order."""
        could = min(times, self.book.spendable(owner) // amount)
        moves = [NewTransfer(self.cause(), TransferKind.REDEEMED, amount, owner, STATION) for _ in range(times)]

        async def together() -> list[Any]:
            return await asyncio.gather(*(ledger.post(one, now=self.now) for one in moves), return_exceptions=True)

        made = [one for one in self.run(together()) if isinstance(one, list)]
        assert len(made) == could
        for [transfer] in made:
            self.book.move(owner, STATION, amount)
            self.book.moved[transfer] = (owner, STATION, amount)

    @rule(owner=people, amount=amounts)
    def fail_half_way(self, owner: ledger.Key, amount: int) -> None:
        """A transaction that fails after the ledger's part leaves nothing behind."""

        @db.transaction
        async def breaks() -> None:
            await ledger.post(NewTransfer(self.cause(), TransferKind.GIFT, amount, STATION, owner), now=self.now)
            raise ZeroDivisionError

        async def broken() -> None:
            with pytest.raises((ZeroDivisionError, Refusal)):
                await breaks()

        self.run(broken())

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def the_ledger_is_as_the_child_counted(self) -> None:
        async def look() -> tuple[ledger.Report, dict[ledger.Key, ledger.Balance]]:
            return await ledger.audit(), {key: await ledger.get_balance(key) for key in (STATION, *PEOPLE)}

        report, found = self.run(look())
        assert report.holds, str(report)
        assert {key: one.balance for key, one in found.items()} == self.book.has
        assert all(found[key].spendable == self.book.spendable(key) >= 0 for key in PEOPLE)


def test_in_any_order(database_url):
    check_in_any_order(AnyOrder, database_url, examples=scaled(10, full=100), steps=25)
