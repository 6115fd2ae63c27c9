"""Shifts are offered, accepted or declined, withdrawn, swapped and handed over."""

from datetime import timedelta

import pytest

from server.database import db
from server.domain import policies, roles
from server.domain.duty import cover, hand_over, leaving, offers, queries, swaps
from server.domain.duty.offers import ShiftOffer
from server.domain.policies import Scope
from server.errors import (
    HeadRequired,
    InvalidShiftState,
    NobodyToTakeOver,
    NotAllowed,
    NotFound,
    NotOnRoster,
    ShiftConflict,
    ShiftOver,
    TooEarly,
    TooManyShifts,
)
from server.models import DutyShift, Notice, Person, Role, RoleKind
from tests.concurrency import at_once, succeeding
from tests.conftest import NOW

PHONE = "13700000001"
HOUR = timedelta(hours=1)
TONIGHT = NOW + 10 * HOUR


async def offered(city, name="陈社工", begins=TONIGHT, *, hours=12, by="赵站长", **where):
    where = where or {"station_id": city.stations["邻玉社工站"].id}
    wanted = ShiftOffer(city.staff[name].person_id, begins, begins + hours * HOUR, **where)
    return await offers.offer(wanted, by=city.staff[by], now=NOW)


async def accepted(city, name="陈社工", begins=TONIGHT, **more):
    shift = await offered(city, name, begins, **more)
    return await offers.accept(shift.id, phone=PHONE, by=city.staff[name], now=NOW)


async def status_of(shift):
    return (await DutyShift.get(id=shift.id)).status


async def notified(city, name, template):
    return await Notice.exists(template=template, person_id=city.staff[name].person_id)


async def test_offered_shift_covers_nothing_until_its_person_accepts_it(city):
    station = city.stations["邻玉社工站"]
    shift = await offered(city)
    assert not (await cover.state_at(station.id, TONIGHT)).covered

    await offers.accept(shift.id, phone=PHONE, by=city.staff["陈社工"], now=NOW)

    assert (await cover.state_at(station.id, TONIGHT)).covered
    assert await notified(city, "陈社工", "duty_offered")
    assert await notified(city, "赵站长", "duty_accepted")


async def test_county_officer_offers_shifts_in_the_county_and_at_its_stations(city):
    await accepted(city, "孙站长", county_id=city.areas["江阳区"].id, by="冯科长")
    await accepted(city, "陈社工", by="冯科长")

    for name in ("邻玉社工站", "蓝田社工站"):
        assert (await cover.state_at(city.stations[name].id, TONIGHT)).covered


@pytest.mark.parametrize(("by", "refusal"), [("陈社工", HeadRequired), ("吴站长", NotAllowed), ("褚科长", NotAllowed)])
async def test_shift_offered_by_anybody_else_is_refused(city, by, refusal):
    with pytest.raises(refusal):
        await offered(city, by=by)


async def test_shift_for_a_person_of_another_station_is_refused(city):
    with pytest.raises(NotOnRoster):
        await offered(city, "周社工")
    with pytest.raises(NotOnRoster):
        await offered(city, "褚科长", county_id=city.areas["江阳区"].id, by="冯科长")


async def test_shift_is_accepted_by_its_person_alone(city):
    shift = await offered(city)

    with pytest.raises(NotFound):
        await offers.accept(shift.id, phone=PHONE, by=city.staff["林社工"], now=NOW)


async def test_declined_shift_is_open_again_to_be_offered(city):
    shift = await offered(city)

    await offers.decline(shift.id, by=city.staff["陈社工"], now=NOW)

    assert await status_of(shift) == "declined"
    assert await notified(city, "赵站长", "duty_declined")
    with pytest.raises(InvalidShiftState):
        await offers.accept(shift.id, phone=PHONE, by=city.staff["陈社工"], now=NOW)


async def test_withdrawn_shift_covers_nothing_and_its_person_learns_it(city):
    shift = await accepted(city)

    await offers.withdraw(shift.id, by=city.staff["赵站长"], now=NOW)

    assert not (await cover.state_at(city.stations["邻玉社工站"].id, TONIGHT)).covered
    assert await notified(city, "陈社工", "duty_withdrawn")


async def test_person_is_never_on_duty_at_two_places_at_once(city):
    await accepted(city, "孙站长", station_id=city.stations["江阳总站"].id, by="冯科长")

    with pytest.raises(ShiftConflict):
        await accepted(city, "孙站长", TONIGHT + 11 * HOUR, county_id=city.areas["江阳区"].id, by="冯科长")
    await accepted(city, "孙站长", TONIGHT + 12 * HOUR, county_id=city.areas["江阳区"].id, by="冯科长")


async def test_overlapping_offers_accepted_at_once_give_one_shift(city):
    shifts = [await offered(city, begins=TONIGHT + number * HOUR) for number in range(4)]

    taken = await succeeding(*(offers.accept(one.id, phone=PHONE, by=city.staff["陈社工"], now=NOW) for one in shifts))

    assert len(taken) == 1
    assert await DutyShift.filter(status="accepted").count() == 1


async def test_acceptance_and_withdrawal_at_once_leave_no_shift_without_notice(city):
    shift = await offered(city)

    await at_once(
        offers.accept(shift.id, phone=PHONE, by=city.staff["陈社工"], now=NOW),
        offers.withdraw(shift.id, by=city.staff["赵站长"], now=NOW),
    )

    assert await status_of(shift) == "withdrawn"
    assert await notified(city, "陈社工", "duty_withdrawn")


async def test_person_has_at_most_so_many_shifts_a_week(city):
    scope = Scope(station_id=city.stations["邻玉社工站"].id)
    await policies.set_value("duty_shifts_per_week", 2, scope=scope, source="测试", by=city.staff["冯科长"], now=NOW)
    for day in range(2):
        await accepted(city, begins=TONIGHT + timedelta(days=day))

    with pytest.raises(TooManyShifts):
        await offered(city, begins=TONIGHT + timedelta(days=2))
    # The week of Tuesday, 10 March ends on Sunday.
    await accepted(city, begins=TONIGHT + timedelta(days=6))


async def test_person_has_at_most_so_many_shifts_a_month(city):
    scope = Scope(station_id=city.stations["邻玉社工站"].id)
    await policies.set_value("duty_shifts_per_month", 2, scope=scope, source="测试", by=city.staff["冯科长"], now=NOW)
    for week in range(2):
        await accepted(city, begins=TONIGHT + timedelta(days=7 * week))

    with pytest.raises(TooManyShifts):
        await offered(city, begins=TONIGHT + timedelta(days=14))
    await accepted(city, begins=TONIGHT + timedelta(days=28))


async def test_ended_shift_is_neither_offered_nor_accepted(city, clock):
    with pytest.raises(ShiftOver):
        await offered(city, begins=NOW - 2 * HOUR, hours=2)
    shift = await offered(city)
    with pytest.raises(ShiftOver):
        await offers.accept(shift.id, phone=PHONE, by=city.staff["陈社工"], now=shift.ends_at)


async def test_swapped_shift_is_the_colleagues_with_the_colleagues_phone(city):
    shift = await accepted(city)
    await swaps.ask(shift.id, colleague_id=city.staff["林社工"].person_id, by=city.staff["陈社工"], now=NOW)
    assert (await cover.state_at(city.stations["邻玉社工站"].id, TONIGHT)).covered

    taken = await swaps.accept(shift.id, phone="13700000002", by=city.staff["林社工"], now=NOW)

    [covering] = await cover.list_shifts([shift.scope], since=TONIGHT)
    assert (covering.person_id, covering.phone) == (city.staff["林社工"].person_id, "13700000002")
    assert (await status_of(shift), taken.replaces_id) == ("swapped", shift.id)
    assert await notified(city, "陈社工", "duty_swapped")


async def test_running_shift_is_swapped_for_the_rest_of_it(city):
    shift = await accepted(city)
    later = TONIGHT + 3 * HOUR
    await swaps.ask(shift.id, colleague_id=city.staff["林社工"].person_id, by=city.staff["陈社工"], now=later)

    taken = await swaps.accept(shift.id, phone=PHONE, by=city.staff["林社工"], now=later)

    assert (taken.starts_at, taken.ends_at) == (later, shift.ends_at)


async def test_swap_is_refused_to_a_colleague_on_duty_then_and_to_one_not_asked(city):
    shift = await accepted(city)
    await accepted(city, "林社工", TONIGHT + HOUR)
    await swaps.ask(shift.id, colleague_id=city.staff["林社工"].person_id, by=city.staff["陈社工"], now=NOW)

    with pytest.raises(ShiftConflict):
        await swaps.accept(shift.id, phone=PHONE, by=city.staff["林社工"], now=NOW)
    with pytest.raises(NotFound):
        await swaps.accept(shift.id, phone=PHONE, by=city.staff["赵站长"], now=NOW)
    with pytest.raises(NotOnRoster):
        await swaps.ask(shift.id, colleague_id=city.staff["周社工"].person_id, by=city.staff["陈社工"], now=NOW)
    assert await status_of(shift) == "accepted"


async def test_declined_swap_leaves_the_shift_with_its_person(city):
    shift = await accepted(city)
    await swaps.ask(shift.id, colleague_id=city.staff["林社工"].person_id, by=city.staff["陈社工"], now=NOW)

    await swaps.decline(shift.id, by=city.staff["林社工"], now=NOW)

    assert await status_of(shift) == "accepted"
    assert await notified(city, "陈社工", "duty_swap_declined")
    with pytest.raises(NotFound):
        await swaps.accept(shift.id, phone=PHONE, by=city.staff["林社工"], now=NOW)


async def test_swap_accepted_twice_at_once_gives_one_shift(city):
    shift = await accepted(city)
    await swaps.ask(shift.id, colleague_id=city.staff["林社工"].person_id, by=city.staff["陈社工"], now=NOW)

    taken = await succeeding(*(swaps.accept(shift.id, phone=PHONE, by=city.staff["林社工"], now=NOW) for _ in range(3)))

    assert len(taken) == 1
    assert await DutyShift.filter(status="accepted").count() == 1


async def night_and_day(city):
    return await accepted(city), await accepted(city, "林社工", TONIGHT + 12 * HOUR)


async def test_note_is_read_by_the_next_person_alone(city):
    night, day = await night_and_day(city)
    before_the_end = night.ends_at - timedelta(minutes=10)

    await hand_over.hand_over(night.id, note="夜里来过两次电话", by=city.staff["陈社工"], now=before_the_end)

    assert (await queries.get_shown(day, reader=day.person_id)).notes == ["夜里来过两次电话"]
    assert (await queries.get_shown(day, reader=city.staff["赵站长"].person_id)).notes == []
    assert await notified(city, "林社工", "duty_handed_over")
    # The night is covered to its end, when the day begins.
    assert (await cover.state_at(city.stations["邻玉社工站"].id, before_the_end)).covered


async def test_shift_handed_over_to_a_running_one_ends_at_once(city):
    night, day = await night_and_day(city)
    await DutyShift.filter(id=day.id).update(starts_at=TONIGHT + HOUR)
    moment = TONIGHT + 2 * HOUR

    await hand_over.hand_over(night.id, note="", by=city.staff["陈社工"], now=moment)

    present = cover.on_duty(await cover.list_shifts([night.scope], since=moment), moment)
    assert [one.person_id for one in present] == [day.person_id]


async def test_shift_without_a_next_person_or_before_its_begin_is_not_handed_over(city):
    night = await accepted(city)
    with pytest.raises(NobodyToTakeOver):
        await hand_over.hand_over(night.id, note="", by=city.staff["陈社工"], now=TONIGHT + HOUR)
    await accepted(city, "林社工", TONIGHT + 13 * HOUR)  # an hour nobody covers lies between
    with pytest.raises(NobodyToTakeOver):
        await hand_over.hand_over(night.id, note="", by=city.staff["陈社工"], now=TONIGHT + HOUR)
    await accepted(city, "赵站长", TONIGHT + 6 * HOUR)
    with pytest.raises(TooEarly):
        await hand_over.hand_over(night.id, note="", by=city.staff["陈社工"], now=NOW)


async def test_shift_handed_over_twice_at_once_is_handed_over_once(city):
    night, _ = await night_and_day(city)
    moment = TONIGHT + HOUR

    done = await succeeding(
        *(hand_over.hand_over(night.id, note=f"第{n}次", by=city.staff["陈社工"], now=moment) for n in range(3))
    )

    assert len(done) == 1
    assert await Notice.filter(template="duty_handed_over").count() == 1


async def test_two_people_who_hand_over_to_each_other_at_once_leave_one_on_duty(city):
    first, second = await accepted(city), await accepted(city, "林社工")
    moment = TONIGHT + HOUR

    done = await succeeding(
        hand_over.hand_over(first.id, note="", by=city.staff["陈社工"], now=moment),
        hand_over.hand_over(second.id, note="", by=city.staff["林社工"], now=moment),
    )

    assert len(done) == 1
    assert len(cover.on_duty(await cover.list_shifts([first.scope], since=moment), moment)) == 1


async def test_shifts_of_a_worker_who_leaves_are_freed_and_the_head_learns_it(city):
    shift, other = await accepted(city), await accepted(city, "林社工")
    role = await Role.get(person_id=city.staff["陈社工"].person_id, kind=RoleKind.SOCIAL_WORKER)

    await roles.end(role.id, by=city.staff["赵站长"], now=NOW)

    assert (await status_of(shift), await status_of(other)) == ("ended", "accepted")
    # The head ended the role, so the head knows; the county's officer gets a notice.
    assert await notified(city, "冯科长", "duty_freed")
    assert await notified(city, "陈社工", "duty_withdrawn")


async def test_handed_over_shift_of_a_person_who_leaves_covers_no_longer(city):
    night, _ = await night_and_day(city)
    moment = TONIGHT + HOUR
    await hand_over.hand_over(night.id, note="", by=city.staff["陈社工"], now=moment)
    await Role.filter(person_id=night.person_id).update(current=None)

    assert await in_transaction(leaving.free_person, night.person_id, by=None, now=moment) == 1

    assert not (await cover.state_at(city.stations["邻玉社工站"].id, moment)).covered
    assert await notified(city, "赵站长", "duty_freed")


async def test_shifts_of_a_person_who_is_shut_out_are_freed(city):
    shift = await accepted(city)
    await Person.filter(id=shift.person_id).update(disabled_at=NOW)

    assert await in_transaction(leaving.free_person, shift.person_id, by=None, now=NOW) == 1

    assert await status_of(shift) == "ended"
    assert await notified(city, "赵站长", "duty_freed")


async def in_transaction(verb, *values, **named):
    return await db.transaction(verb)(*values, **named)


async def test_worker_leaving_while_accepting_has_no_shift_afterwards(city):
    shift = await offered(city)
    role = await Role.get(person_id=city.staff["陈社工"].person_id, kind=RoleKind.SOCIAL_WORKER)

    await at_once(
        offers.accept(shift.id, phone=PHONE, by=city.staff["陈社工"], now=NOW),
        roles.end(role.id, by=city.staff["赵站长"], now=NOW),
    )

    assert await status_of(shift) == "ended"
    assert not (await cover.state_at(city.stations["邻玉社工站"].id, TONIGHT)).covered
