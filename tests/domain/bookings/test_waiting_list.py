"""The waiting list: who is next, how long an offer lasts, and when no offers are made."""

from datetime import timedelta

import pytest

from server.database import db
from server.domain import reference
from server.domain.activities import access as activities
from server.domain.bookings import offers, waiting_list
from server.domain.bookings.transitions import S
from server.models import Activity, ActivityStatus, Channel, Job, Notice, SeatOffer
from tests.conftest import NOW
from tests.factories.activities import activity, row
from tests.factories.waiting_list import (
    activity_with_offer,
    add_seats,
    add_waiting,
    cancel_and_serve,
    counts,
    create_person,
    full_activity,
    offer_of,
    policy,
    record_statements,
    serve,
    shanghai,
    states,
)

FRIDAY_TEN = shanghai(13, 10)


async def told(person_id):
    return await Notice.filter(person_id=person_id).order_by("created_at").values_list("template", flat=True)


async def test_freed_seat_is_held_for_the_first_in_line(city):
    one, seated = await full_activity(city)
    first, second = await add_waiting(one), await add_waiting(one)

    await cancel_and_serve(seated)

    assert await states(first, second) == ["offered", "waiting"]
    assert await counts(one) == (0, 1, 1)
    offer = await offer_of(first)
    assert (offer.activity_id, offer.seats, offer.offered_at) == (one.id, 1, NOW)
    assert await told(first.person_id) == ["seat_offered"]
    assert await told(second.person_id) == []
    job = await Job.get(kind="expire_offer", subject=str(offer.id))
    assert job.due_at == offer.expires_at


async def test_offer_notice_has_the_deadline_and_opens_the_offer(city):
    _, first, offer = await activity_with_offer(city)

    notice = await Notice.get(person_id=first.person_id)

    assert "03月10日12:00" in notice.body
    assert (notice.subject_kind, notice.subject_id) == ("seat_offer", offer.id)


async def test_offer_for_a_booking_by_a_relative_notifies_both(city):
    one, seated = await full_activity(city)
    daughter = await create_person("女儿")
    await add_waiting(one, booked_by=daughter)

    await cancel_and_serve(seated)

    assert await told(daughter.id) == ["seat_offered"]


@pytest.mark.parametrize(("openid", "calls"), [(None, 1), ("wx-1", 0)])
async def test_station_is_asked_to_call_people_without_the_mini_program(city, openid, calls):
    one, seated = await full_activity(city)
    clerk = city.staff["陈社工"]
    grandpa = await create_person("刘大爷", openid=openid)
    await row(one, grandpa, S.WAITING, channel=Channel.COUNTER, booked_by_id=clerk.person_id)

    await cancel_and_serve(seated)

    assert await Notice.filter(person_id=clerk.person_id, template="call_about_offer").count() == calls
    assert await told(grandpa.id) == ["seat_offered"]
    assert await Notice.filter(person_id=clerk.person_id, template="seat_offered").count() == 0


async def test_parties_that_do_not_fit_keep_their_place(city):
    one, seated = await full_activity(city)
    large, small = await add_waiting(one, size=2), await add_waiting(one)

    await cancel_and_serve(seated)
    assert await states(large, small) == ["waiting", "offered"]

    late = await add_waiting(one)
    await add_seats(one, 2)
    assert await states(large, late) == ["offered", "waiting"]


async def test_all_that_fit_get_offers_in_order(city):
    one, _ = await full_activity(city)
    parties = [await add_waiting(one, size=size) for size in (2, 4, 3, 1, 2, 1)]

    await add_seats(one, 7)

    # Two and four, then one seat is left: too few for three, enough for the next party of one.
    assert await states(*parties) == ["offered", "offered", "waiting", "offered", "waiting", "waiting"]
    assert await counts(one) == (1, 7, 3)


async def test_party_far_behind_many_that_do_not_fit_is_found(city):
    one, seated = await full_activity(city, seats=3)
    await add_waiting(one, size=2)
    large = [await add_waiting(one, size=2) for _ in range(5)]
    alone = await add_waiting(one)

    await cancel_and_serve(seated)

    assert await states(*large, alone) == ["waiting"] * 5 + ["offered"]


async def test_person_with_penalty_comes_after_all_others(city):
    one, seated = await full_activity(city, seats=2)
    behind = await add_waiting(one, penalty_until=NOW + timedelta(seconds=1))
    second, third = await add_waiting(one), await add_waiting(one)

    await cancel_and_serve(seated)

    assert await states(behind, second, third) == ["waiting", "offered", "offered"]


async def test_person_with_penalty_gets_seats_that_nobody_else_can_use(city):
    one, seated = await full_activity(city, seats=2)
    behind, large, small = (
        await add_waiting(one, penalty_until=FRIDAY_TEN),
        await add_waiting(one, size=3),
        await add_waiting(one),
    )

    await cancel_and_serve(seated)

    assert await states(behind, large, small) == ["offered", "waiting", "offered"]


async def test_place_is_restored_after_the_penalty(city):
    one, seated = await full_activity(city)
    first, second = await add_waiting(one, penalty_until=NOW), await add_waiting(one)

    await cancel_and_serve(seated)

    assert await states(first, second) == ["offered", "waiting"]


async def test_seats_held_for_others_are_not_offered(city):
    one, _, _ = await activity_with_offer(city)
    second = await add_waiting(one)

    await serve(one)

    assert await states(second) == ["waiting"]
    assert await SeatOffer.all().count() == 1


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (NOW, shanghai(10, 12)),
        # Half an hour this evening, and the rest tomorrow.
        (shanghai(10, 20, 30), shanghai(11, 9, 30)),
        # On the day, and never longer than until the start.
        (shanghai(13, 8), shanghai(13, 8, 30)),
        (shanghai(12, 20, 59), shanghai(13, 9, 59)),
    ],
)
async def test_offer_lasts_two_active_hours_or_half_an_hour_on_the_day(city, now, until):
    _, _, offer = await activity_with_offer(city, now, starts_at=FRIDAY_TEN)

    assert offer.expires_at == until


async def test_offer_expires_at_the_start_at_the_latest(city):
    await policy("offer_minutes", 2880)
    _, _, offer = await activity_with_offer(city, starts_at=NOW + timedelta(days=1))

    assert offer.expires_at == NOW + timedelta(days=1)


async def test_offers_are_shortened_when_the_start_moves_earlier(city):
    one, first, offer = await activity_with_offer(city)
    sooner = NOW + timedelta(minutes=90)

    await begin_at(one, sooner)

    assert (await offer_of(first)).expires_at == sooner
    assert (await Job.get(kind="expire_offer", subject=str(offer.id))).due_at == sooner
    await offers.expire(offer.id, now=sooner)
    assert await states(first) == ["lapsed"]


async def begin_at(one, starts_at):
    """Move the start, and serve the list."""
    times = {"booking_closes_at": starts_at, "cancellation_until": starts_at, "starts_at": starts_at}
    await Activity.filter(id=one.id).update(**times)
    await serve(one)


async def test_station_policy_changes_the_offer_time(city):
    await policy("offer_minutes", 45, f"station:{city.stations['邻玉社工站'].id}")
    await policy("offer_minutes", 60, f"station:{city.stations['蓝田社工站'].id}")

    _, _, offer = await activity_with_offer(city)

    assert offer.expires_at == NOW + timedelta(minutes=45)


@pytest.mark.parametrize("night", [shanghai(10, 21), shanghai(11, 2), shanghai(11, 7, 59)])
async def test_no_offers_are_made_during_quiet_hours(city, night):
    one, seated = await full_activity(city)
    first = await add_waiting(one)

    await cancel_and_serve(seated, night)

    assert await states(first) == ["waiting"]
    assert await told(first.person_id) == []
    job = await Job.get(kind="serve_line")
    assert (job.subject, job.due_at) == (str(one.id), shanghai(11, 8))
    await waiting_list.serve_by_id(one.id, now=shanghai(11, 8))
    assert await states(first) == ["offered"]


async def test_quiet_hours_without_changes_plan_nothing(city):
    one, _ = await full_activity(city)
    await add_waiting(one)

    await serve(one, shanghai(10, 22))

    assert await Job.filter(kind="serve_line").count() == 0


async def test_second_night_is_planned_like_the_first(city):
    one, seated = await full_activity(city)
    await cancel_and_serve(seated, shanghai(10, 22))
    await add_waiting(one)
    await serve(one, shanghai(10, 22))
    await Job.filter(kind="serve_line").update(state="done")

    await serve(one, shanghai(11, 22))

    job = await Job.get(kind="serve_line")
    assert (job.due_at, job.state) == (shanghai(12, 8), "waiting")


@pytest.mark.parametrize("before", [timedelta(hours=1), timedelta(minutes=1)])
async def test_first_in_line_is_booked_shortly_before_the_start(city, before):
    one, seated = await full_activity(city, seats=2, starts_at=FRIDAY_TEN)
    large, first, second = await add_waiting(one, size=3), await add_waiting(one), await add_waiting(one)

    await cancel_and_serve(seated, FRIDAY_TEN - before)

    assert await states(large, first, second) == ["waiting", "booked", "booked"]
    assert await counts(one) == (2, 0, 1)
    assert await told(first.person_id) == ["seat_given"]
    assert await SeatOffer.all().count() == 0


async def test_first_in_line_gets_an_offer_a_minute_earlier(city):
    _, first, _ = await activity_with_offer(city, shanghai(13, 8, 59), starts_at=FRIDAY_TEN)

    assert await states(first) == ["offered"]


async def test_station_is_asked_to_call_promoted_people_without_the_mini_program(city):
    one, seated = await full_activity(city, starts_at=FRIDAY_TEN)
    clerk = city.staff["陈社工"].person_id
    await add_waiting(one, channel=Channel.TELEPHONE, booked_by_id=clerk)

    await cancel_and_serve(seated, FRIDAY_TEN - timedelta(minutes=1))

    assert await told(clerk) == ["call_about_seat"]


async def test_promotion_waits_for_the_end_of_quiet_hours(city):
    one, seated = await full_activity(city, starts_at=shanghai(10, 20, 30))
    first = await add_waiting(one)

    await cancel_and_serve(seated, shanghai(10, 21, 15))
    await waiting_list.serve_by_id(one.id, now=shanghai(11, 8))

    assert await states(first) == ["waiting"]


@pytest.mark.parametrize(
    ("status", "now"),
    [
        (ActivityStatus.CANCELLED, NOW),
        (ActivityStatus.FINISHED, NOW),
        (ActivityStatus.DRAFT, NOW),
        (ActivityStatus.PUBLISHED, FRIDAY_TEN),  # it has begun: staff let people in
    ],
)
async def test_activity_that_is_not_open_serves_nobody(city, status, now):
    one = await activity(city, starts_at=FRIDAY_TEN, status=status)
    first = await add_waiting(one)

    await serve(one, now)

    assert await states(first) == ["waiting"]


async def test_seats_beyond_the_waiting_list_stay_free(city):
    one, _ = await full_activity(city)
    first = await add_waiting(one, size=2)

    await add_seats(one, 5)

    assert await states(first) == ["offered"]
    assert await counts(one) == (1, 2, 0)


@db.transaction
async def served(one, monkeypatch):
    """Return the statements that serving the list takes. On MariaDB some travel together."""
    held = await activities.lock_activity(one.id)
    sent = record_statements(type(db.connection()), monkeypatch)
    await waiting_list.offer_free_seats(held, now=NOW)
    return [statement for one in sent for statement in one.split("; ")]


@pytest.mark.parametrize("behind_them", [1, 60])
async def test_long_list_takes_as_many_statements_as_a_short_one(city, behind_them, monkeypatch):
    one, _ = await full_activity(city)
    for _ in range(behind_them):
        await add_waiting(one)
    await Activity.filter(id=one.id).update(seats=2)

    await reference.snapshot()
    sent = await served(one, monkeypatch)

    assert await counts(one) == (1, 1, behind_them - 1)
    assert len(sent) == 6


async def test_empty_list_takes_no_statement(city, monkeypatch):
    one = await activity(city)

    assert await served(one, monkeypatch) == []


async def test_many_new_seats_are_offered_in_several_batches(city, monkeypatch):
    monkeypatch.setattr(waiting_list, "AT_ONCE", 2)
    one, _ = await full_activity(city)
    waiting = [await add_waiting(one) for _ in range(5)]

    await add_seats(one, 10)
    assert await states(*waiting) == ["offered"] * 2 + ["waiting"] * 3
    assert (await Job.get(kind="serve_line")).due_at == NOW
    await waiting_list.serve_by_id(one.id, now=NOW)
    await waiting_list.serve_by_id(one.id, now=NOW)

    assert await states(*waiting) == ["offered"] * 5
