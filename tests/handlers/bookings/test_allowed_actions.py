"""The steps that a booking shows to staff are those that succeed: in every state, for every reader."""

from datetime import timedelta

import pytest

from miniprogram_contract.bookings_staff import StaffBookingAction
from server.models import Activity, Attendee, Booking, BookingStatus, HouseholdMember, Person, Role
from tests import factories
from tests.conftest import NOW
from tests.factories import activities, check_ins
from tests.factories.bookings import CHILD, book_party
from tests.factories.households import alone, household
from tests.factories.waiting_list import activity_with_offer, add_waiting, full_activity
from tests.people import Phone

S = BookingStatus
HERE = "邻玉社工站"
READERS = ("林社工", "赵站长", "孙站长", "周社工", "冯科长", "褚科长", "卫处长")
BODIES = {"cancellation": {"reason": "按您电话中的要求取消"}, "contact": {"reason": "通知改期"}}
DAY = timedelta(days=1)


async def act(phone: Phone, booking: Booking, action: str):
    return await phone.post(f"/station/bookings/{booking.id}/{action}", BODIES.get(action, {}))


async def shown_to(phone: Phone, booking: Booking) -> list[str]:
    page = await phone.get(f"/station/activities/{booking.activity_id}/bookings")
    found = page.json()["items"] if page.is_success else []
    return next((one["allowed_actions"] for one in found if one["id"] == booking.id), [])


async def check(phone: Phone, make) -> list[str]:
    """Compare what is shown with what succeeds, on a new booking for each step; return what is shown."""
    for action in StaffBookingAction:
        booking = await make()
        shown = await shown_to(phone, booking)
        answer = await act(phone, booking, action.value)
        assert answer.is_success is (action in shown), (action, shown, answer.text)
    return shown


async def in_state(town, state: str) -> Booking:
    if state == "offered":
        return (await activity_with_offer(town))[1]
    if state == "waiting":
        return await add_waiting((await full_activity(town))[0])
    if state == "waiting that fits":
        one, _ = await full_activity(town, seats=2)
        booking = await add_waiting(one)
        await Activity.filter(id=one.id).update(seats=3)
        return booking
    if state == "post":
        row = await check_ins.add_volunteer(town, await activities.activity(town))
        return await Booking.get(id=row.booking_id)
    row = await check_ins.seat(await activities.activity(town))
    if state == "came":
        await Attendee.filter(id=row.id).update(checked_in_at=NOW)
    elif state != "booked":
        await check_ins.set_status(row, S(state))
    return await Booking.get(id=row.booking_id)


STATES = [one.value for one in S] + ["waiting that fits", "post", "came"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("moment", ["before", "running", "over"])
async def test_shown_steps_of_a_booking_are_those_that_succeed(town, phones, clock, state, moment):
    until = {"before": NOW, "running": activities.STARTS, "over": activities.STARTS + timedelta(hours=2)}
    clock.set(until[moment])
    for reader in READERS:
        shown = await check(phones[reader], lambda: in_state(town, state))
        assert bool(shown) is (reader in {"林社工", "赵站长"}), reader


async def test_stand_ins_take_the_steps_and_officers_only_read(town, phones):
    await Role.filter(station_id=town.stations[HERE].id).update(current=None)

    for reader in ("孙站长", "冯科长"):
        assert await check(phones[reader], lambda: in_state(town, "waiting that fits"))
    assert await check(phones["卫处长"], lambda: in_state(town, "waiting that fits")) == []


@pytest.mark.parametrize("who", ["holder", "party", "relative", "child's party"])
async def test_worker_decides_nothing_for_themselves_or_relatives(town, phones, who):
    lin, wang = await Person.get(id=phones["林社工"].person_id), await factories.person("王大爷", NOW)

    async def make() -> Booking:
        await alone(lin.id, wang.id, now=NOW - 31 * DAY)
        one = await activities.activity(town)
        if who == "holder":
            return await book_party(one, lin)
        if who == "child's party":
            return await book_party(one, wang, None, CHILD)
        await household(lin.id, wang.id, now=NOW - 40 * DAY)
        return await book_party(one, wang, *((None, lin.id) if who == "party" else ()))

    shown = await check(phones["林社工"], make)
    assert ("cancellation" in shown) is (who == "child's party")
    assert "cancellation" in await check(phones["赵站长"], make)


async def test_person_booked_by_the_worker_on_a_phone_is_decided_for_by_colleagues(town, phones):
    async def make() -> Booking:
        row = await check_ins.seat(await activities.activity(town), booked_by_id=phones["林社工"].person_id)
        return await Booking.get(id=row.booking_id)

    assert await check(phones["林社工"], make) == ["contact"]
    assert await check(phones["赵站长"], make) == ["cancellation", "contact"]


async def test_relative_of_a_month_ago_is_decided_for(town, phones):
    lin, wang = await Person.get(id=phones["林社工"].person_id), await factories.person("王大爷", NOW)
    await household(lin.id, wang.id, now=NOW - 90 * DAY)
    await alone(wang.id, now=NOW - 30 * DAY)
    near = await check(phones["林社工"], lambda: _seated(town, wang))
    await HouseholdMember.filter(person_id=wang.id).update(left_at=NOW - 31 * DAY)

    assert near == ["contact"]
    assert await check(phones["林社工"], lambda: _seated(town, wang)) == ["cancellation", "contact"]


async def _seated(town, person: Person) -> Booking:
    row = await check_ins.seat(await activities.activity(town), person)
    return await Booking.get(id=row.booking_id)


async def test_verbs_answer_the_steps_that_follow(town, phones):
    lin = phones["林社工"]
    newcomer = {"name": "刘大爷", "phone": "0830-2345678", "area_id": town.areas["团结村"].id, "birth_year": 1948}
    one = await activities.activity(town)

    made = await lin.post(f"/station/activities/{one.id}/bookings", {"newcomer": newcomer, "channel": "counter"})
    ended = await lin.post(f"/station/bookings/{made.json()['id']}/cancellation", BODIES["cancellation"])

    assert made.json()["allowed_actions"] == ["cancellation", "contact"]
    assert ended.json()["allowed_actions"] == ["contact"]
