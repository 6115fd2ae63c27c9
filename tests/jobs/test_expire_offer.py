"""Jobs of the waiting list: expired offers go on, and seats freed in quiet hours are offered at eight."""

from datetime import timedelta

from server.domain.bookings import offers, waiting_list
from server.models import Job, SeatOffer
from tests.factories.waiting_list import (
    activity_with_offer,
    add_seats,
    add_waiting,
    cancel_and_serve,
    counts,
    full_activity,
    offer_of,
    shanghai,
    states,
)
from tests.jobs.working import work_off


async def test_seat_goes_from_one_to_the_next_until_it_is_accepted(city, context, clock):
    one, first, offer = await activity_with_offer(city)
    second, third = await add_waiting(one), await add_waiting(one)
    for booking in (first, second):
        clock.set((await offer_of(booking)).expires_at)
        await work_off(context)
    await offers.accept((await offer_of(third)).id, by=third.person_id, now=clock.now())

    clock.set(shanghai(11, 12))
    await work_off(context)

    assert await states(first, second, third) == ["lapsed", "lapsed", "booked"]
    assert await counts(one) == (1, 0, 0)
    assert await Job.filter(kind="expire_offer", state="done").count() == 3
    assert (await SeatOffer.get(id=offer.id)).ended_at == offer.expires_at


async def test_offer_before_its_expiry_is_left_alone(city, context, clock):
    _, first, offer = await activity_with_offer(city)
    clock.set(offer.expires_at - timedelta(seconds=1))

    await work_off(context)

    assert await states(first) == ["offered"]


async def test_worker_that_was_down_all_day_still_asks_the_next(city, context, clock):
    one, first, _ = await activity_with_offer(city)
    second = await add_waiting(one)
    clock.set(shanghai(11, 9))

    await work_off(context)

    assert await states(first, second) == ["lapsed", "offered"]
    assert (await offer_of(second)).expires_at == shanghai(11, 11)


async def test_seat_freed_in_quiet_hours_is_offered_in_the_morning(city, context, clock):
    one, seated = await full_activity(city, seats=2)
    first, second = await add_waiting(one), await add_waiting(one)
    await cancel_and_serve(seated, clock.forward(hours=12))
    await work_off(context)
    asleep = await states(first, second)

    clock.set(shanghai(11, 8))
    await work_off(context)

    assert asleep == ["waiting", "waiting"]
    assert await states(first, second) == ["offered", "offered"]
    assert (await offer_of(first)).expires_at == shanghai(11, 10)
    assert (await Job.get(kind="serve_line")).state == "done"


async def test_offer_expired_in_the_evening_goes_to_the_next_at_eight(city, context, clock):
    one, first, _ = await activity_with_offer(city, clock.forward(hours=9))
    second = await add_waiting(one)

    for moment in (shanghai(10, 21), shanghai(11, 7, 59)):
        clock.set(moment)
        await work_off(context)
    assert await states(first, second) == ["lapsed", "waiting"]

    clock.set(shanghai(11, 8))
    await work_off(context)
    assert await states(second) == ["offered"]


async def test_many_new_seats_are_offered_in_batches(city, context, monkeypatch):
    monkeypatch.setattr(waiting_list, "AT_ONCE", 2)
    one, _ = await full_activity(city)
    waiting = [await add_waiting(one) for _ in range(7)]
    await add_seats(one, 6)
    assert (await states(*waiting)).count("offered") == 2

    await work_off(context)

    assert await states(*waiting) == ["offered"] * 6 + ["waiting"]
    assert (await Job.get(kind="serve_line")).state == "done"
