"""The actions that a booking shows its people are those that succeed: in every state, for each of them."""

from datetime import datetime, timedelta

import pytest

from miniprogram_contract.bookings import BookingAction
from server.models import Attendee, Booking, BookingStatus, SeatOffer
from tests import factories
from tests.conftest import NOW
from tests.factories.activities import STARTS
from tests.factories.bookings import book_party
from tests.factories.households import alone, household
from tests.factories.waiting_list import cancel_and_serve, full_activity
from tests.people import Phone
from tests.sides import sign_in

S = BookingStatus
DAY = timedelta(days=1)
# 王奶奶 holds it, her son booked it; her daughter comes along and has moved out since; a nephew lives with them.
READERS = ("王奶奶", "儿子", "女儿", "侄子", "路人")
MOMENTS = {"before": NOW, "running": STARTS, "over": STARTS + timedelta(hours=2)}


@pytest.fixture
async def phones(client, town):
    """Return the phones of the readers, in one household."""
    people = {name: await factories.person(name, NOW) for name in READERS[1:]}
    people["王奶奶"] = town.grandma
    return {name: Phone(client, await sign_in(one.id, NOW), one.id) for name, one in people.items()}


async def booked(town, phones: dict[str, Phone], state: str) -> Booking:
    """Book for the grandmother and her daughter, who moves out afterwards."""
    ids = {name: phone.person_id for name, phone in phones.items()}
    await alone(*ids.values(), now=NOW - DAY)
    await household(*(ids[name] for name in READERS[:4]), now=NOW - 40 * DAY)
    one, first = await full_activity(town, seats=2)
    if state not in {"offered", "waiting", "running out"}:
        await cancel_and_serve(first)
    made = await book_party(one, await _person(ids["儿子"]), ids["王奶奶"], ids["女儿"])
    if state in {"offered", "running out"}:
        await cancel_and_serve(first)
    await alone(ids["女儿"], now=NOW)
    await Booking.filter(id=made.id).update(person_id=ids["王奶奶"])
    return await _in_state(await Booking.get(id=made.id), state)


async def _person(person_id: int):
    return await factories.Person.get(id=person_id)


async def _in_state(booking: Booking, state: str) -> Booking:
    if state == "running out":
        await SeatOffer.filter(booking_id=booking.id).update(offered_at=NOW - DAY, expires_at=NOW)
    elif state == "came":
        await Attendee.filter(booking_id=booking.id).update(checked_in_at=NOW)
    elif state not in {"offered", "waiting", "booked"}:
        await Booking.filter(id=booking.id).update(status=state)
        await Attendee.filter(booking_id=booking.id).update(current=None)
    return booking


async def act(phone: Phone, booking: Booking, action: str):
    if action == "cancellation":
        return await phone.post(f"/bookings/{booking.id}/cancellation")
    offer = await SeatOffer.get_or_none(booking_id=booking.id)
    return await phone.post(f"/seat-offers/{offer.id if offer else 7}/{action}")


async def shown_to(phone: Phone, booking: Booking) -> list[str]:
    """Return what each page that has the booking shows of it: all the same."""
    page = await phone.get(f"/bookings/{booking.id}")
    shown = page.json()["allowed_actions"] if page.is_success else []
    listed = [one for one in (await phone.get("/bookings")).json()["items"] if one["id"] == booking.id]
    own = (await phone.get(f"/activities/{booking.activity_id}/my-booking")).json()
    for one in [*listed, *([own] if own else [])]:
        assert one["allowed_actions"] == shown
    return shown


@pytest.mark.parametrize("state", [*(one.value for one in S), "came", "running out"])
@pytest.mark.parametrize("moment", MOMENTS)
async def test_shown_actions_of_a_booking_are_those_that_succeed(town, phones, clock, state, moment):
    at: datetime = MOMENTS[moment]
    clock.set(at)
    for reader in READERS:
        for action in BookingAction:
            booking = await booked(town, phones, state)
            shown = await shown_to(phones[reader], booking)

            answer = await act(phones[reader], booking, action.value)

            assert answer.is_success is (action in shown), (reader, action, shown, answer.text)
