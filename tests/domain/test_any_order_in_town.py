"""Whatever a town's people do in whatever order, repeated, refused or at once: what holds on paper holds."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.domain.town import LI, Chosen, following, invariants, town
from tests.domain.town.verbs import MANY, THREADS, VERBS, WAYS, perform
from tests.machine import Machine, check_in_any_order
from tests.scale import scaled

Way = Sequence[str]
LEDGER = ("account", "transfer", "entry", "hold")
anything = st.builds(Chosen, st.integers(0, 3), st.integers(0, 3), st.integers(1, 90))
verbs = {thread: st.sampled_from(sorted(names)) for thread, names in THREADS.items()}
pairs = st.sampled_from(sorted(verbs)).flatmap(lambda thread: st.tuples(verbs[thread], verbs[thread]))
ways = st.sampled_from(WAYS).flatmap(lambda way: st.tuples(verbs[way[0]], st.just(way[1])))
# One of everything, so that there is always something to do.
BEFORE = (
    *(("receive", Chosen(0, 0, 3)), ("receive", Chosen(1, 0, 4)), ("order", Chosen(0, 3, 2))),
    *(("offer", Chosen(0, 0, 60)), ("publish", Chosen(0, 0, 1)), ("offer", Chosen(1, 0, 30))),
    *(("claim_time", Chosen(0, LI, 9)), ("claim_deed", Chosen(0, 0, 1))),
)


class AnyOrderInTown(Machine):
    """Each rule has people do things; after each every law holds."""

    def __init__(self) -> None:
        super().__init__()
        self.town = self.run(town(self.now))
        for name, it in BEFORE:
            assert self.run(perform(name, self.town, it)), name
        self.rows, self.changed = self.run(invariants.everything()), True

    def done(self, *, any_of: list[bool]) -> bool:
        """Look at what it came to: nothing where all was refused."""
        before, self.rows = self.rows, self.run(invariants.everything())
        self.changed |= any(any_of)
        assert any(any_of) or self.rows == before
        return any(any_of)

    def do(self, name: str, it: Chosen) -> bool:
        """Whether it was done, and not refused; the ledger does it once, however often it is asked."""
        done = self.done(any_of=[self.run(perform(name, self.town, it))])
        if done and name not in MANY:
            before = self.rows
            self.done(any_of=[self.run(perform(name, self.town, it))])
            assert [self.rows[table] for table in LEDGER] == [before[table] for table in LEDGER]
        return done

    def at_once(self, *two: tuple[str, Chosen]) -> None:
        async def together() -> list[bool | BaseException]:
            return await asyncio.gather(*(perform(name, self.town, it) for name, it in two), return_exceptions=True)

        found = self.run(together())
        assert {*map(type, found)} == {bool}, found
        self.done(any_of=found)

    @rule(name=st.sampled_from(sorted(VERBS)), it=anything)
    def somebody_does_something(self, name: str, it: Chosen) -> None:
        self.do(name, it)

    @rule(it=anything, steps=st.integers(1, 6))
    def a_task_goes_its_way(self, it: Chosen, steps: int) -> None:
        for _ in range(steps):
            self.do(*self.run(following.step(self.town, it)))

    @rule(way=ways, it=anything, steps=st.integers(0, 3))
    def a_thing_goes_its_way_and_something_comes_between(self, way: tuple[str, Way], it: Chosen, steps: int) -> None:
        other, names = way
        newest = replace(it, which=0)
        for name in names[:steps]:
            self.do(name, newest)
        self.at_once((names[min(steps, len(names) - 1)], newest), (other, newest))

    @rule(it=anything, steps=st.integers(0, 6), other=verbs["task"])
    def a_task_goes_its_way_and_something_comes_between(self, it: Chosen, steps: int, other: str) -> None:
        self.a_task_goes_its_way(it, steps)
        self.at_once(self.run(following.step(self.town, it)), (other, it))

    @rule(pair=pairs, it=anything, who=st.integers(0, 3))
    def two_things_happen_at_once(self, pair: tuple[str, str], it: Chosen, who: int) -> None:
        self.at_once((pair[0], it), (pair[1], replace(it, who=who)))

    @rule(hours=st.sampled_from([1, 5, 24, 8 * 24, 61 * 24]))
    def time_passes(self, hours: int) -> None:
        self.town.now += timedelta(hours=hours)

    @invariant()
    def every_law_holds(self) -> None:
        if self.changed:
            self.run(invariants.hold(self.rows))
            self.changed = False


def test_invariants_hold_in_any_order(database_url):
    check_in_any_order(AnyOrderInTown, database_url, examples=scaled(6, full=60), steps=20)
