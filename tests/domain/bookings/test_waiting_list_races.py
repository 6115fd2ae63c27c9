"""Races for freed seats: one wins, nobody has two, nobody is lost."""

import asyncio
from datetime import timedelta

import pytest

from server.database import db
from server.domain.activities import access as activities
from server.domain.activities import changes
from server.domain.bookings import booking, cancellation, no_shows, offers, promotion, waiting_list
from server.domain.bookings.transitions import S
from server.errors import BookingEnded, InvalidBookingState, NotEnoughSeats, OfferEnded, OfferExpired, Refusal
from server.models import Booking, NoShow, Notice, SeatOffer
from tests.concurrency import at_once, refused
from tests.conftest import NOW
from tests.domain.bookings.test_no_shows import STARTS, behind, missed_by
from tests.factories.activities import activity, row
from tests.factories.bookings import book_party, check_counts
from tests.factories.waiting_list import (
    activity_with_offer,
    add_seats,
    add_waiting,
    counts,
    create_person,
    full_activity,
    states,
)
from tests.services import chosen_database

ROUNDS = 4


async def told(person_id, template):
    return await Notice.filter(person_id=person_id, template=template).count()


async def test_offer_accepted_twice_at_once_is_one_booking(city):
    for _ in range(ROUNDS):
        one, first, offer = await activity_with_offer(city)

        answers = await at_once(*(offers.accept(offer.id, by=first.person_id, now=NOW) for _ in range(5)))

        assert (refused(answers, Booking), refused(answers, OfferEnded)) == (1, 4)
        assert await counts(one) == (1, 0, 0)
        assert await told(first.person_id, "offer_accepted") == 1


async def test_offer_is_accepted_or_refused_but_not_both(city):
    for _ in range(ROUNDS):
        one, first, offer = await activity_with_offer(city)
        second = await add_waiting(one)

        answers = await at_once(
            offers.refuse(offer.id, by=first.person_id, now=NOW),
            offers.accept(offer.id, by=first.person_id, now=NOW),
        )

        assert (refused(answers, Booking), refused(answers, OfferEnded)) == (1, 1)
        assert await states(first, second) in (["booked", "waiting"], ["refused", "offered"])
        await check_counts(one)


@pytest.mark.parametrize("late", [False, True])
async def test_acceptance_and_expiry_at_once_have_one_winner(city, late):
    """The phone's clock is a second before the expiry and the job's on it; or both are late."""
    for _ in range(ROUNDS):
        one, first, offer = await activity_with_offer(city)
        second = await add_waiting(one)
        phone = offer.expires_at if late else NOW

        answer, worker = await at_once(
            offers.accept(offer.id, by=first.person_id, now=phone), offers.expire(offer.id, now=offer.expires_at)
        )

        won = isinstance(answer, Booking)
        assert won or isinstance(answer, OfferEnded | OfferExpired)
        assert worker is None
        assert not (won and late)
        assert await states(first, second) == (["booked", "waiting"] if won else ["lapsed", "offered"])
        await check_counts(one)


async def test_offer_expired_twice_at_once_asks_the_next_once(city):
    for _ in range(ROUNDS):
        one, first, offer = await activity_with_offer(city)
        second, third = await add_waiting(one), await add_waiting(one)

        answers = await at_once(*(offers.expire(offer.id, now=offer.expires_at) for _ in range(4)))

        assert answers == [None] * 4
        assert await states(first, second, third) == ["lapsed", "offered", "waiting"]
        assert await SeatOffer.filter(activity=one).count() == 2
        assert (await told(first.person_id, "offer_lapsed"), await told(second.person_id, "seat_offered")) == (1, 1)


async def test_cancellation_and_promotion_at_once_end_in_one_of_them(city):
    for _ in range(ROUNDS):
        one, first, _ = await activity_with_offer(city)
        second = await add_waiting(one)

        answers = await at_once(
            cancellation.cancel(first.id, by=first.person_id, now=NOW),
            promotion.promote(first.id, by=city.staff["陈社工"], now=NOW),
        )

        assert refused(answers, InvalidBookingState, BookingEnded) + refused(answers, Booking) == len(answers)
        assert await states(first, second) == ["cancelled", "offered"]
        await check_counts(one)


async def test_promotion_by_staff_and_job_at_once_does_not_overbook(city):
    for _ in range(ROUNDS):
        one = await activity(city, seats=2)
        waiting = [await add_waiting(one) for _ in range(6)]
        clerks = [city.staff[name] for name in ("陈社工", "林社工", "赵站长")]

        answers = await at_once(
            waiting_list.serve_by_id(one.id, now=NOW),
            *(promotion.promote(each.id, by=by, now=NOW) for each, by in zip(waiting[3:], clerks, strict=True)),
            waiting_list.serve_by_id(one.id, now=NOW),
        )

        assert refused(answers, Refusal) == refused(answers, NotEnoughSeats)
        taken, held, left = await counts(one)
        assert (taken + held, left) == (2, 4)
        await check_counts(one)


async def test_offer_accepted_during_promotion_gives_one_seat(city):
    for _ in range(ROUNDS):
        one, first, offer = await activity_with_offer(city)

        answers = await at_once(
            offers.accept(offer.id, by=first.person_id, now=NOW),
            promotion.promote(first.id, by=city.staff["陈社工"], now=NOW),
        )

        assert (refused(answers, Booking), refused(answers, OfferEnded, InvalidBookingState)) == (1, 1)
        assert await counts(one) == (1, 0, 0)


async def test_seats_refused_by_many_at_once_go_to_as_many_others(city):
    one, _ = await full_activity(city)
    asked, others = [await add_waiting(one) for _ in range(6)], [await add_waiting(one) for _ in range(6)]
    await add_seats(one, 6)

    await at_once(
        *[
            offers.refuse((await SeatOffer.get(booking=each)).id, by=each.person_id, now=NOW)
            for each in asked
        ]
    )  # fmt: skip

    assert await states(*asked, *others) == ["refused"] * 6 + ["offered"] * 6
    assert await SeatOffer.filter(open=1).count() == 6
    await check_counts(one)


async def test_seats_lowered_while_an_offer_is_answered_stay_consistent(city):
    for _ in range(ROUNDS):
        one, _ = await full_activity(city)
        first, second, third = [await add_waiting(one) for _ in range(3)]
        await add_seats(one, 2)
        of = {each.id: (await SeatOffer.get(booking=each)).id for each in (first, second)}

        await at_once(
            offers.accept(of[first.id], by=first.person_id, now=NOW),
            changes.change(one.id, {"seats": 2}, by=city.staff["陈社工"], now=NOW),
            offers.refuse(of[second.id], by=second.person_id, now=NOW),
        )

        assert await states(first, second) == ["booked", "refused"]
        assert (await states(third))[0] in {"waiting", "offered"}
        await check_counts(one)


async def test_two_no_shows_forgiven_at_once_both_count(city):
    """With one of four no-shows forgiven the penalty stays, with two it ends."""
    for _ in range(ROUNDS):
        person, station = await create_person(), city.stations["邻玉社工站"]
        await activity(city, title="以前的活动", seats=9) if not await NoShow.exists() else None
        await missed_by(person, station, 20, 10, 5, 1)
        elsewhere = await row(await activity(city), person, "waiting", penalty_until=STARTS)
        first, second, *_ = await NoShow.filter(person=person).order_by("at")

        await asyncio.gather(
            no_shows.forgive(first.id, "住院", by=city.staff["陈社工"], now=NOW),
            no_shows.forgive(second.id, "住院", by=city.staff["林社工"], now=NOW),
        )

        assert await behind(elsewhere) is None


async def test_no_show_forgiven_twice_at_once_is_forgiven_once(city):
    person = await create_person()
    await activity(city, title="以前的活动", seats=9)
    await missed_by(person, city.stations["邻玉社工站"], 1)
    no_show = await NoShow.get()

    answers = await asyncio.gather(
        *(no_shows.forgive(no_show.id, "住院", by=city.staff[name], now=NOW) for name in ("陈社工", "林社工")),
        return_exceptions=True,
    )

    assert sorted(type(each).__name__ for each in answers) == ["NoShow", "NoShowNotCounted"]
    assert await told(person.id, "no_show_forgiven") == 1


async def third_of(city, missing):
    """Return an activity that is over and will give a person the third no-show."""
    opened = NOW - timedelta(days=30)
    missed = await activity(city, seats=5, starts_at=NOW - timedelta(days=5), booking_opens_at=opened)
    for _ in range(2):
        stayed_away = await row(missed, missing, S.NO_SHOW)
        facts = {"person": missing, "station_id": missed.station_id, "at": missed.starts_at}
        await NoShow.create(booking=stayed_away, **facts)
    third = await activity(city, starts_at=NOW - timedelta(hours=3), booking_opens_at=opened)
    await row(third, missing)
    return third


@pytest.mark.skipif(chosen_database() != "mariadb", reason="SQLite has one transaction at a time")
async def test_third_no_show_noted_before_the_lock_puts_the_booking_last(city, monkeypatch):
    missing, (one, _) = await create_person(), await full_activity(city)
    third, hold = await third_of(city, missing), booking.lock_open_activity
    waits, noted = asyncio.Event(), asyncio.Event()

    async def hold_after_it(*asked, **more):
        waits.set()
        await noted.wait()
        return await hold(*asked, **more)

    monkeypatch.setattr(booking, "lock_open_activity", hold_after_it)
    lining_up = asyncio.ensure_future(book_party(one, missing))
    await waits.wait()
    await ended(third)
    noted.set()

    assert await behind(await lining_up) is not None


async def test_booking_made_while_the_third_no_show_is_noted_comes_last(city):
    for _ in range(ROUNDS):
        missing, (one, _) = await create_person(), await full_activity(city)
        third = await third_of(city, missing)

        made, _ = await asyncio.gather(book_party(one, missing), ended(third))

        assert await NoShow.filter(person=missing, exemption=None).count() == 3
        assert await behind(made) is not None


@db.transaction
async def ended(third):
    await no_shows.close_bookings(await activities.lock_activity(third.id), now=NOW)
