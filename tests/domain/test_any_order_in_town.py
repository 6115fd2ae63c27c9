"""Invariants of a town hold in any order of verbs, also if they are repeated, refused or run at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.domain.town import LI, Choice, invariants, next_step, town
from tests.domain.town.verbs import REPEATABLE, USUAL_SEQUENCES, VERBS, VERBS_BY_SUBJECT, perform
from tests.machine import Machine, check_in_any_order
from tests.scale import scaled

Way = Sequence[str]
LEDGER = ("account", "transfer", "entry", "hold")
anything = st.builds(Choice, st.integers(0, 3), st.integers(0, 3), st.integers(1, 90))
verbs = {thread: st.sampled_from(sorted(names)) for thread, names in VERBS_BY_SUBJECT.items()}
pairs = st.sampled_from(sorted(verbs)).flatmap(lambda thread: st.tuples(verbs[thread], verbs[thread]))
ways = st.sampled_from(USUAL_SEQUENCES).flatmap(lambda way: st.tuples(verbs[way[0]], st.just(way[1])))
# First steps, so that every verb has a subject.
BEFORE = (
    *(("receive", Choice(0, 0, 3)), ("receive", Choice(1, 0, 4)), ("order", Choice(0, 3, 2))),
    *(("offer", Choice(0, 0, 60)), ("publish", Choice(0, 0, 1)), ("offer", Choice(1, 0, 30))),
    *(("claim_hours", Choice(0, LI, 9)), ("claim_deed", Choice(0, 0, 1))),
)


class AnyOrderInTown(Machine):
    """A state machine over the verbs; after each rule every invariant is checked."""

    def __init__(self) -> None:
        super().__init__()
        self.town = self.run(town(self.now))
        for name, choice in BEFORE:
            assert self.run(perform(name, self.town, choice)), name
        self.rows, self.changed = self.run(invariants.read_rows()), True

    def done(self, *, any_of: list[bool]) -> bool:
        """Read the rows; check that nothing changed if all verbs were refused."""
        before, self.rows = self.rows, self.run(invariants.read_rows())
        self.changed |= any(any_of)
        assert any(any_of) or self.rows == before
        return any(any_of)

    def do(self, name: str, choice: Choice) -> bool:
        """Perform the verb, return False if it is refused; check that a repetition moves nothing in the ledger."""
        done = self.done(any_of=[self.run(perform(name, self.town, choice))])
        if done and name not in REPEATABLE:
            before = self.rows
            self.done(any_of=[self.run(perform(name, self.town, choice))])
            assert [self.rows[table] for table in LEDGER] == [before[table] for table in LEDGER]
        return done

    def at_once(self, *two: tuple[str, Choice]) -> None:
        async def together() -> list[bool | BaseException]:
            return await asyncio.gather(
                *(perform(name, self.town, choice) for name, choice in two), return_exceptions=True
            )

        found = self.run(together())
        assert {*map(type, found)} == {bool}, found
        self.done(any_of=found)

    @rule(name=st.sampled_from(sorted(VERBS)), choice=anything)
    def a_person_does_something(self, name: str, choice: Choice) -> None:
        self.do(name, choice)

    @rule(choice=anything, steps=st.integers(1, 6))
    def a_task_proceeds(self, choice: Choice, steps: int) -> None:
        for _ in range(steps):
            self.do(*self.run(next_step.next_step(self.town, choice)))

    @rule(way=ways, choice=anything, steps=st.integers(0, 3))
    def a_verb_interrupts_a_sequence(self, way: tuple[str, Way], choice: Choice, steps: int) -> None:
        other, names = way
        newest = replace(choice, which=0)
        for name in names[:steps]:
            self.do(name, newest)
        self.at_once((names[min(steps, len(names) - 1)], newest), (other, newest))

    @rule(choice=anything, steps=st.integers(0, 6), other=verbs["task"])
    def a_verb_interrupts_a_task(self, choice: Choice, steps: int, other: str) -> None:
        self.a_task_proceeds(choice, steps)
        self.at_once(self.run(next_step.next_step(self.town, choice)), (other, choice))

    @rule(pair=pairs, choice=anything, who=st.integers(0, 3))
    def two_verbs_run_at_once(self, pair: tuple[str, str], choice: Choice, who: int) -> None:
        self.at_once((pair[0], choice), (pair[1], replace(choice, who=who)))

    @rule(hours=st.sampled_from([1, 5, 24, 8 * 24, 61 * 24]))
    def time_passes(self, hours: int) -> None:
        self.town.now += timedelta(hours=hours)

    @invariant()
    def every_invariant_holds(self) -> None:
        if self.changed:
            self.run(invariants.check_invariants(self.rows))
            self.changed = False


def test_invariants_hold_in_any_order(database_url):
    check_in_any_order(AnyOrderInTown, database_url, examples=scaled(6, full=60), steps=20)
