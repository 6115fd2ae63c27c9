"""Offers through HTTP: residents read them and answer in time."""

from datetime import timedelta

import pytest

from server.models import Booking, Person
from tests.factories.activities import row
from tests.factories.waiting_list import (
    S,
    add_seats,
    add_waiting,
    cancel_and_serve,
    counts,
    full_activity,
    offer_of,
    states,
)


@pytest.fixture
async def li(phone_of):
    """Return 李明 with his phone."""
    phone = await phone_of("xiaoli")
    await Person.filter(id=phone.person_id).update(name="李明")
    return phone


async def lined_up(town, phone):
    """Create a full activity and a waiting booking."""
    one, seated = await full_activity(town)
    return one, seated, await row(one, await Person.get(id=phone.person_id), S.WAITING)


@pytest.fixture
async def offered(town, li):
    """Create an activity, and 李明's waiting booking with its offer."""
    one, seated, booking = await lined_up(town, li)
    await cancel_and_serve(seated)
    return one, booking, await offer_of(booking)


async def test_offer_has_activity_name_and_deadline(li, offered):
    one, booking, offer = offered

    [listed] = (await li.get("/seat-offers")).json()["items"]

    assert listed == (await li.get(f"/seat-offers/{offer.id}")).json()
    assert (listed["id"], listed["booking_id"], listed["seats"]) == (offer.id, booking.id, 1)
    assert (listed["status"], listed["status_words"], listed["ended_at"]) == ("open", "待确认", None)
    assert (listed["is_mine"], listed["name"]) == (True, "李*")
    assert listed["expires_at"] == "2026-03-10T12:00:00+08:00"
    about = listed["activity"]
    assert (about["id"], about["title"], about["station"]["name"]) == (one.id, "免费体检", "邻玉社工站")


async def test_offers_continue_on_the_next_page(town, li):
    for minutes in (0, 10, 20):
        _, seated, _ = await lined_up(town, li)
        await cancel_and_serve(seated, town.now + timedelta(minutes=minutes))

    first = (await li.get("/seat-offers", params={"limit": 2})).json()
    second = (await li.get("/seat-offers", params={"limit": 2, "after": first["next"]})).json()

    found = [each["offered_at"][11:16] for each in first["items"] + second["items"]]
    assert (found, second["next"]) == (["10:00", "10:10", "10:20"], None)


async def test_accepted_offer_is_a_booking(li, offered):
    one, booking, offer = offered

    answer = await li.post(f"/seat-offers/{offer.id}/acceptance")

    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    assert await states(booking) == ["booked"]
    assert await counts(one) == (1, 0, 0)
    assert (await li.get("/seat-offers")).json()["items"] == []


async def test_repeated_key_accepts_once(li, offered):
    path = f"/seat-offers/{offered[2].id}/acceptance"

    first, second = [await li.post(path, key="a" * 32) for _ in range(2)]
    another = await li.post(path)

    assert (first.status_code, second.json()) == (200, first.json())
    assert (another.status_code, another.json()["code"]) == (409, "invalid_state")
    assert another.json()["details"] == {"status": "accepted"}


async def test_refused_offer_goes_to_the_next(li, offered):
    one, booking, offer = offered
    second = await add_waiting(one)

    answer = await li.post(f"/seat-offers/{offer.id}/refusal")

    assert (answer.status_code, answer.json()["status"]) == (200, "refused")
    assert await states(booking, second) == ["refused", "offered"]


async def test_expired_offer_is_refused_before_the_job_runs(li, offered, clock):
    _, booking, offer = offered
    clock.set(offer.expires_at)

    answers = [await li.post(f"/seat-offers/{offer.id}/{verb}") for verb in ("acceptance", "refusal")]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(409, "deadline_passed")] * 2
    assert await states(booking) == ["offered"]


async def test_offer_of_another_person_is_not_found(phone_of, offered):
    stranger, path = await phone_of("stranger"), f"/seat-offers/{offered[2].id}"

    answers = [
        await stranger.get(path),
        await stranger.post(f"{path}/acceptance"),
        await stranger.post(f"{path}/refusal"),
    ]

    assert [each.status_code for each in answers] == [404] * 3
    assert (await stranger.get("/seat-offers")).json()["items"] == []


@pytest.fixture
async def worker(phone_of_staff):
    return await phone_of_staff("社工", "邻玉社工站")


async def test_staff_promote_a_waiting_booking(town, li, worker):
    one, _, booking = await lined_up(town, li)
    await Booking.filter(id=booking.id).update(size=3)
    await add_seats(one, 2)
    path = f"/station/bookings/{booking.id}/promotion"

    refused = await worker.post(path)
    await type(one).filter(id=one.id).update(seats=4)
    given = await worker.post(path)

    assert (refused.status_code, refused.json()["code"]) == (409, "not_enough_seats")
    assert refused.json()["details"] == {"free": 2}
    assert given.json() == {
        "booking_id": booking.id,
        "activity_id": one.id,
        "name": "李*",
        "seats": 3,
        "seated_at": "2026-03-10T10:00:00+08:00",
    }
    assert (await worker.post(path)).json()["code"] == "invalid_state"
