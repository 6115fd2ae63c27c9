"""Offers: who can answer, until when, and who is next."""

from datetime import timedelta

import pytest

from server.database import db
from server.domain import households
from server.domain.bookings import cancellation, offers
from server.domain.pagination import Window
from server.errors import NotFound, OfferEnded, OfferExpired
from server.models import Activity, Attendee, Booking, Channel, Job, Notice, SeatOffer, SeatOfferStatus
from tests.conftest import NOW
from tests.factories.activities import activity, row
from tests.factories.households import household
from tests.factories.waiting_list import (
    S,
    activity_with_offer,
    add_seats,
    add_waiting,
    cancel_and_serve,
    counts,
    create_person,
    full_activity,
    offer_of,
    serve,
    states,
)

NEXT = NOW + timedelta(minutes=1)
ALL = Window()


async def told(person_id):
    return await Notice.filter(person_id=person_id).order_by("created_at").values_list("template", flat=True)


async def answered(offer):
    now = await SeatOffer.get(id=offer.id)
    return now.state, now.open


async def test_accepted_offer_books_the_held_seats(city):
    one, first, offer = await activity_with_offer(city, seats=2)

    await offers.accept(offer.id, by=first.person_id, now=NEXT)

    booked = await Booking.get(id=first.id)
    assert (booked.status, booked.seated_at) == (S.BOOKED, NEXT)
    assert await answered(offer) == (SeatOfferStatus.ACCEPTED, None)
    assert await counts(one) == (1, 0, 0)
    assert await told(first.person_id) == ["seat_offered", "offer_accepted"]
    said = await Notice.filter(template="offer_accepted").values_list("body", flat=True)
    assert said == ["“免费体检”：名额已确认，报名成功。不能来请尽早取消，好让别人参加。"]


async def test_refused_offer_goes_to_the_next(city):
    one, first, offer = await activity_with_offer(city)
    second = await add_waiting(one)

    await offers.refuse(offer.id, by=first.person_id, now=NEXT)

    assert await states(first, second) == ["refused", "offered"]
    assert await answered(offer) == (SeatOfferStatus.REFUSED, None)
    assert await counts(one) == (0, 1, 0)
    assert await told(first.person_id) == ["seat_offered", "offer_refused"]


async def test_person_who_refused_gets_no_other_offer_and_can_book_again(city):
    one, first, offer = await activity_with_offer(city)
    await offers.refuse(offer.id, by=first.person_id, now=NEXT)
    second = await add_waiting(one)
    again = await row(one, await first.person, S.WAITING)

    await serve(one, NEXT)

    assert await states(first, second, again) == ["refused", "offered", "waiting"]
    assert await SeatOffer.filter(booking=first).count() == 1


async def test_unanswered_offer_lapses_and_the_next_is_asked(city):
    one, first, offer = await activity_with_offer(city)
    second = await add_waiting(one)

    await offers.expire(offer.id, now=offer.expires_at)

    assert await states(first, second) == ["lapsed", "offered"]
    assert await answered(offer) == (SeatOfferStatus.EXPIRED, None)
    assert await Attendee.filter(booking=first, current=1).count() == 0
    assert await counts(one) == (0, 1, 0)
    assert await told(first.person_id) == ["seat_offered", "offer_lapsed"]


async def test_lapsed_seats_of_a_large_party_go_to_all_that_fit(city):
    one, seated = await full_activity(city, seats=3)
    large = await add_waiting(one, size=3)
    parties = [await add_waiting(one, size=size) for size in (2, 2, 1)]
    await cancel_and_serve(seated)
    offer = await offer_of(large)

    await offers.expire(offer.id, now=offer.expires_at)

    assert await states(large, *parties) == ["lapsed", "offered", "waiting", "offered"]


@pytest.mark.parametrize("answer", [offers.accept, offers.refuse])
async def test_expired_offer_is_refused_before_the_job_runs(city, answer):
    _, first, offer = await activity_with_offer(city)

    with pytest.raises(OfferExpired) as refused:
        await answer(offer.id, by=first.person_id, now=offer.expires_at)

    assert refused.value.details == {"until": offer.expires_at}
    assert await states(first) == ["offered"]


@pytest.mark.parametrize("answer", [offers.accept, offers.refuse])
@pytest.mark.parametrize("before", [offers.accept, offers.refuse])
async def test_offer_is_answered_once(city, answer, before):
    _, first, offer = await activity_with_offer(city)
    await before(offer.id, by=first.person_id, now=NEXT)
    kept = await states(first)

    with pytest.raises(OfferEnded):
        await answer(offer.id, by=first.person_id, now=NEXT)

    assert await states(first) == kept


async def test_offer_ended_before_the_lock_cannot_be_answered(city, monkeypatch):
    """The job ends the offer between the first read and the lock."""
    _, first, offer = await activity_with_offer(city)
    hold = offers.access.lock_booking

    async def late(booking_id, activity_id):
        await SeatOffer.filter(id=offer.id).update(open=None, state=SeatOfferStatus.EXPIRED)
        return await hold(booking_id, activity_id)

    monkeypatch.setattr(offers.access, "lock_booking", late)

    with pytest.raises(OfferEnded):
        await offers.accept(offer.id, by=first.person_id, now=NEXT)
    await SeatOffer.filter(id=offer.id).update(open=1, state=SeatOfferStatus.OPEN)
    await offers.expire(offer.id, now=offer.expires_at)

    assert await states(first) == ["offered"]


async def test_early_job_runs_again_on_time(city):
    _, first, offer = await activity_with_offer(city)
    await Job.filter(subject=str(offer.id)).update(state="done")

    await offers.expire(offer.id, now=offer.expires_at - timedelta(seconds=1))

    job = await Job.get(kind="expire_offer", subject=str(offer.id))
    assert (job.state, job.due_at) == ("waiting", offer.expires_at)
    assert await states(first) == ["offered"]


async def test_offer_by_a_fast_clock_does_not_block_an_earlier_start(city):
    one, waiting, offer = await activity_with_offer(city)
    await Activity.filter(id=one.id).update(
        starts_at=NOW - timedelta(days=1), cancellation_until=NOW - timedelta(days=1)
    )

    await serve(one, now=NOW - timedelta(days=2))

    assert (await offer_of(waiting)).expires_at == offer.offered_at + timedelta(seconds=1)


async def test_answered_offer_does_not_lapse(city):
    _, first, offer = await activity_with_offer(city)
    await offers.accept(offer.id, by=first.person_id, now=NEXT)

    await offers.expire(offer.id, now=offer.expires_at)

    assert await states(first) == ["booked"]


async def test_offer_that_lapses_in_the_evening_goes_on_in_the_morning(city):
    evening = NOW + timedelta(hours=9)
    one, first, offer = await activity_with_offer(city, evening)
    second = await add_waiting(one)

    await offers.expire(offer.id, now=offer.expires_at)

    assert await states(first, second) == ["lapsed", "waiting"]
    assert await Job.filter(kind="serve_line", state="waiting").count() == 1


async def test_relatives_and_the_person_who_booked_can_answer(city):
    daughter, friend = await create_person("女儿"), await create_person("邻居")
    for by in (daughter, friend):
        _, first, offer = await activity_with_offer(city)
        await household(daughter.id, first.person_id, now=NOW) if by is daughter else None
        await Booking.filter(id=first.id).update(booked_by_id=friend.id)

        await offers.accept(offer.id, by=by.id, now=NEXT)

        assert await states(first) == ["booked"]


@pytest.mark.parametrize("verb", [offers.accept, offers.refuse])
async def test_strangers_cannot_see_an_offer(city, verb):
    _, first, offer = await activity_with_offer(city)
    clerk = city.staff["陈社工"].person_id
    await Booking.filter(id=first.id).update(booked_by_id=clerk, channel=Channel.COUNTER)
    moved_out = await create_person()
    await household(moved_out.id, first.person_id, now=NOW)
    await households.leave(by=moved_out.id, now=NOW)

    for stranger in (clerk, moved_out.id, (await create_person()).id):
        with pytest.raises(NotFound):
            await verb(offer.id, by=stranger, now=NEXT)
        assert await offers.list_open(stranger, ALL, now=NEXT) == []
    with pytest.raises(NotFound):
        await verb(offer.id + 1, by=first.person_id, now=NEXT)


async def test_open_offers_are_listed_with_the_most_urgent_first(city):
    daughter, grandma = await create_person("女儿"), await create_person("王奶奶")
    await household(daughter.id, grandma.id, now=NOW)
    one, _ = await full_activity(city, seats=1)
    late, soon, over = [await row(one, person, S.WAITING) for person in (daughter, grandma, await create_person())]
    await add_seats(one, 3)
    await Booking.filter(id=over.id).update(booked_by_id=daughter.id)
    for booking, minutes in ((late, 90), (soon, 30), (over, 1)):
        await SeatOffer.filter(booking=booking).update(expires_at=NOW + timedelta(minutes=minutes))

    found = await offers.list_open(daughter.id, Window(limit=1), now=NEXT)
    rest = await offers.list_open(daughter.id, Window((found[0].expires_at, found[0].id)), now=NEXT)

    assert [each.booking_id for each in (*found, *rest)] == [soon.id, late.id]


async def test_ended_offer_is_shown_with_its_state(city):
    one, first, offer = await activity_with_offer(city)
    await offers.refuse(offer.id, by=first.person_id, now=NEXT)

    seen = await offers.get(offer.id, first.person_id)

    assert (seen.state, seen.activity.station.name, seen.booking.person.id) == (
        SeatOfferStatus.REFUSED,
        "邻玉社工站",
        first.person_id,
    )
    assert seen.activity.id == one.id


async def test_cancelled_offer_is_not_offered_again(city):
    """The seat goes once to the next in line; the booking that gave it up is out of the list."""
    one, first, offer = await activity_with_offer(city)
    second, third = await add_waiting(one), await add_waiting(one)

    await cancellation.cancel(first.id, by=first.person_id, now=NEXT)

    assert await states(first, second, third) == ["cancelled", "offered", "waiting"]
    assert await answered(offer) == (SeatOfferStatus.WITHDRAWN, None)
    assert await counts(one) == (0, 1, 1)


async def test_released_seat_is_offered_once(city):
    """The list is served many times: by the job, in the morning, after another cancellation."""
    one, first, offer = await activity_with_offer(city)
    second, third = await add_waiting(one), await add_waiting(one)
    await offers.expire(offer.id, now=offer.expires_at)

    for _ in range(3):
        await offers.expire(offer.id, now=offer.expires_at)
        await serve(one, offer.expires_at)
    await cancel_and_serve(third, offer.expires_at)

    assert await SeatOffer.filter(open=1).values_list("booking_id", flat=True) == [second.id]
    assert await states(first, second) == ["lapsed", "offered"]
    assert await counts(one) == (0, 1, 0)


async def test_smaller_party_takes_only_the_seats_it_needs(city):
    one, seated = await full_activity(city, seats=3)
    party, alone = await add_waiting(one, size=3), await add_waiting(one)
    grandma = await Attendee.create(activity=one, booking=party, name="王奶奶", birth_year=1950)
    await Attendee.create(activity=one, booking=party, name="刘大爷", birth_year=1950)
    await cancel_and_serve(seated)

    await cancellation.cancel(party.id, attendee_ids=[grandma.id], by=party.person_id, now=NEXT)

    assert (await offer_of(party)).seats == 2
    assert await states(party, alone) == ["offered", "offered"]
    await offers.accept((await offer_of(party)).id, by=party.person_id, now=NEXT)
    assert await counts(one) == (2, 1, 0)


@db.transaction
async def lower(one, seats):
    await type(one).filter(id=one.id).update(seats=seats)
    await serve(one, NEXT)


async def test_held_seats_are_not_withdrawn(city):
    one, first, offer = await activity_with_offer(city, seats=2)

    await lower(one, 1)

    await offers.accept(offer.id, by=first.person_id, now=NEXT)
    assert await counts(one) == (1, 0, 0)


async def test_stranger_has_no_offers(city):
    await activity_with_offer(city)
    await activity(city)

    assert await offers.list_open((await create_person()).id, ALL, now=NOW) == []
