"""A stateful test: seats and waiting list stay consistent in any order of actions."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from server.domain import job_queue
from server.domain.activities import cancel_and_finish, changes, quiet_hours
from server.domain.activities.quiet_hours import QuietHours
from server.domain.bookings import booking, cancellation, offers, promotion, waiting_list
from server.domain.bookings.party import Companion, PartyRequest
from server.domain.bookings.transitions import TRANSITIONS, S
from server.errors import Refusal
from server.models import Activity, ActivityStatus, Attendee, Booking, Job, NoShow, Person, SeatOffer, SeatOfferStatus
from tests import factories
from tests.conftest import NOW
from tests.factories import bookings as bookings_factory
from tests.factories.activities import activity, row
from tests.machine import Machine, check_in_any_order
from tests.scale import scaled

DAY = timedelta(days=1)
STARTS = NOW + timedelta(hours=28)
EVENING = NOW + timedelta(hours=12)
WORK = {"expire_offer": offers.expire, "serve_line": waiting_list.serve_by_id}
ENDED = {state for state, after in TRANSITIONS.items() if not after}
# A few minutes, an offer's time, an evening, a night.
SPANS = (timedelta(minutes=7), timedelta(minutes=31), timedelta(hours=2), timedelta(hours=5), timedelta(hours=13))

Verb = Callable[..., Awaitable[Booking]]


@dataclass(frozen=True)
class Chosen:
    """A person or booking, and a size."""

    which: int
    many: int


anything = st.builds(Chosen, st.integers(0, 11), st.integers(1, 3))
verbs = st.sampled_from(["book", "book", "cancel", "take_out", "accept", "refuse", "promote", "seats", "work"])


class LineInAnyOrder(Machine):
    """An activity of four seats tomorrow afternoon and a dozen people, two of them with penalties."""

    def __init__(self) -> None:
        super().__init__()
        self.run(self.begin())
        self.before: dict[int, Booking] = {}
        self.promoted: set[int] = set()

    async def begin(self) -> None:
        self.city = await factories.city(NOW)
        times = {"starts_at": STARTS, "booking_closes_at": STARTS + timedelta(hours=2)}
        self.one = await activity(self.city, seats=4, max_party_size=3, **times)
        self.people = [await factories.person(f"居民{number}", NOW) for number in range(12)]
        # One penalty ends tonight, one later than the activity.
        await self.stayed_away(self.people[0], NOW - timedelta(days=29, hours=12))
        await self.stayed_away(self.people[1], NOW - timedelta(days=2))
        for which, size in ((2, 1), (3, 3), (1, 2), (0, 1), (4, 3), (5, 1), (6, 2)):
            await self.book(Chosen(which, size))

    async def stayed_away(self, person: Person, last: datetime) -> None:
        for days in range(3):
            old = await activity(self.city, starts_at=last - timedelta(days=days), booking_opens_at=NOW - 99 * DAY)
            made = await row(old, person, S.NO_SHOW)
            await NoShow.create(booking=made, person=person, station_id=old.station_id, at=old.starts_at)

    # Actions.

    async def book(self, it: Chosen) -> None:
        companions = [Companion(f"同伴{number}", 1990) for number in range(it.many - 1)]
        await booking.book(self.one.id, PartyRequest((None, *companions)), by=self.people[it.which].id, now=self.now)

    async def cancel(self, it: Chosen) -> None:
        if found := await self.chosen(it, *cancellation.CANCELLABLE):
            await cancellation.cancel(found.id, by=found.person_id, now=self.now)

    async def take_out(self, it: Chosen) -> None:
        """Take an attendee out of the party."""
        if found := await self.chosen(it, *cancellation.CANCELLABLE):
            along = await Attendee.filter(booking=found, current=1, person_id=None).limit(it.many)
            ids = [each.id for each in along]
            await cancellation.cancel(found.id, attendee_ids=ids or None, by=found.person_id, now=self.now)

    async def accept(self, it: Chosen) -> None:
        await self.answer(offers.accept, it)

    async def refuse(self, it: Chosen) -> None:
        await self.answer(offers.refuse, it)

    async def answer(self, verb: Verb, it: Chosen) -> None:
        # Sometimes one that has ended.
        found = await SeatOffer.filter(open=1).order_by("id") or await SeatOffer.all().order_by("id")
        if found:
            offer = found[it.which % len(found)]
            await verb(offer.id, by=(await Booking.get(id=offer.booking_id)).person_id, now=self.now)

    async def promote(self, it: Chosen) -> None:
        if found := await self.chosen(it, S.WAITING, S.OFFERED):
            await promotion.promote(found.id, by=self.city.staff["陈社工"], now=self.now)
            self.promoted.add(found.id)

    async def seats(self, it: Chosen) -> None:
        await changes.change(self.one.id, {"seats": 3 + it.which % 7}, by=self.city.staff["陈社工"], now=self.now)

    async def work(self, _: Chosen) -> None:
        """Run the due jobs."""
        while due := await self.due():
            lease = await job_queue.claim(due[0], kept=timedelta(minutes=1), now=self.now)
            await WORK[due[0].kind](int(due[0].subject), now=self.now)
            await job_queue.finish(due[0], lease or "", now=self.now)

    async def due(self) -> list[Job]:
        return await Job.filter(kind__in=list(WORK), state="waiting", due_at__lte=self.now).order_by("due_at", "id")

    async def chosen(self, it: Chosen, *states: S) -> Booking | None:
        found = await Booking.filter(activity=self.one, status__in=states).order_by("number")
        return found[it.which % len(found)] if found else None

    # The order in which they act.

    @rule(name=verbs, it=anything)
    def do(self, name: str, it: Chosen) -> None:
        self.tried(getattr(self, name)(it))
        self.run(self.were_served_in_order())

    @rule(first=st.tuples(verbs, anything), second=st.tuples(verbs, anything))
    def do_at_once(self, first: tuple[str, Chosen], second: tuple[str, Chosen]) -> None:
        async def both() -> list[object]:
            work = [getattr(self, name)(it) for name, it in (first, second)]
            return await asyncio.gather(*work, return_exceptions=True)

        answers = self.run(both())
        assert all(answer is None or isinstance(answer, Refusal) for answer in answers), answers

    @rule(span=st.sampled_from(SPANS), it=anything)
    def time_passes(self, span: timedelta, it: Chosen) -> None:
        """Mostly the jobs keep up with the time."""
        self.now += span
        if it.which:
            self.tried(self.work(it))
            self.run(self.were_served_in_order())

    @rule(done=st.lists(st.tuples(verbs, anything), max_size=4))
    def a_night_passes(self, done: list[tuple[str, Chosen]]) -> None:
        """A night: some actions at ten in the evening, and the jobs at eight."""
        if self.now < EVENING:
            self.now = EVENING
            for name, it in done:
                self.do(name, it)
            self.now = EVENING + timedelta(hours=10)
            self.do("work", Chosen(0, 1))

    @rule()
    def finish(self) -> None:
        if self.now >= STARTS + timedelta(hours=2):
            self.tried(cancel_and_finish.finish(self.one.id, by=self.city.staff["陈社工"], now=self.now))

    # Invariants.

    async def were_served_in_order(self) -> None:
        """People who got seats came before all waiting people who need no more seats."""
        now = {each.id: each for each in await Booking.filter(activity=self.one)}
        served = [
            each
            for key, each in now.items()
            if key in self.before and self.before[key].status == S.WAITING and each.status in {S.OFFERED, S.BOOKED}
        ]
        for got in (each for each in served if each.id not in self.promoted):
            for waits in (each for each in now.values() if each.status == S.WAITING):
                assert self.place(got) < self.place(waits) or waits.size > got.size

    def place(self, one: Booking) -> tuple[bool, int]:
        return one.penalty_until is not None and one.penalty_until > self.now, one.number

    @invariant()
    def all_is_well(self) -> None:
        self.run(self.holds())

    async def holds(self) -> None:
        await bookings_factory.check_counts(self.one)
        one, bookings = await Activity.get(id=self.one.id), await Booking.filter(activity=self.one)
        await self.offers_are_their_bookings({each.id: each for each in bookings})
        self.nobody_comes_back(bookings)
        if one.status == ActivityStatus.FINISHED:
            assert {each.status for each in bookings} <= ENDED
        elif self.now < one.starts_at and not quiet_hours.is_quiet(self.now, QuietHours()) and not await self.due():
            free = one.seats - one.seats_taken - one.seats_held
            assert not [each for each in bookings if each.status == S.WAITING and each.size <= free]

    async def offers_are_their_bookings(self, bookings: dict[int, Booking]) -> None:
        """Offers match their bookings, and nobody gets a second offer after refusing or losing one."""
        found = await SeatOffer.all()
        assert len({each.booking_id for each in found}) == len(found)
        assert {each.booking_id for each in found if each.open} == {
            key for key, each in bookings.items() if each.status == S.OFFERED
        }
        for each in found:
            assert each.offered_at < each.expires_at <= STARTS
            assert (each.open is None) == (each.ended_at is not None) == (each.state != SeatOfferStatus.OPEN)
            assert not each.open or each.seats == bookings[each.booking_id].size

    def nobody_comes_back(self, bookings: list[Booking]) -> None:
        """Ended bookings stay as they ended, and none is lost."""
        now = {each.id: each for each in bookings}
        for key, each in self.before.items():
            assert now[key].status == each.status or each.status not in ENDED
        self.before = now


def test_seats_and_waiting_list_stay_consistent_in_any_order(empty_database):
    check_in_any_order(LineInAnyOrder, empty_database, examples=scaled(6, full=60), steps=40)
