"""The ringing about a crisis: who is on duty first, one ring for all alerts of a person, never two at once."""

from datetime import timedelta

import pytest

from server.domain.duty import hand_over
from server.domain.needs import closing, crisis_reach, crisis_rings, resident_queries
from server.models import CrisisAlert, CrisisRing, Job, Notice, Station, Urgency
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.factories import duty
from tests.factories.needs import hear
from tests.jobs.working import work_off

NIGHT, COUNTY, SECOND = "13700000001", "13700000002", "13700000003"
EARLIER = NOW - timedelta(hours=1)


async def emergency(city, **fields):
    return await city.need(urgency=Urgency.EMERGENCY, **fields)


async def ring_of(need) -> int:
    return (await CrisisAlert.get(need_id=need.id)).ring_id


@pytest.fixture
async def own_phones(city):
    """Give each station a duty phone of its own."""
    phones = {}
    for number, (name, station) in enumerate(sorted(city.stations.items())):
        phones[name] = f"0830-20000{number}"
        await Station.filter(id=station.id).update(duty_phone=phones[name])
    return phones


async def rung(context, clock, fake_wechat, times):
    """Have it ring so often, ten minutes apart, and return the phones of each ringing."""
    for _ in range(times):
        await work_off(context)
        clock.forward(minutes=10)
    return [alarm["phones"] for alarm in fake_wechat.alarms()]


async def test_alarm_rings_person_on_duty_then_duty_phones_then_county_then_all(
    city, own_phones, context, clock, fake_wechat
):
    await duty.shift(city.stations["邻玉社工站"], city.staff["陈社工"], EARLIER)
    await duty.shift(city.areas["江阳区"], city.staff["冯科长"], EARLIER, phone=COUNTY)
    need = await emergency(city)

    phones = await rung(context, clock, fake_wechat, 4)

    own, head = own_phones["邻玉社工站"], own_phones["江阳总站"]
    assert phones == [[NIGHT], [own, head], [COUNTY, head], [NIGHT, own, head, COUNTY]]
    assert {city.staff["陈社工"].person_id, city.staff["冯科长"].person_id} <= set(
        await crisis_reach.list_recipients(need)
    )


async def test_county_officer_on_duty_is_rung_with_duty_phones_where_station_has_no_shift(
    city, own_phones, context, fake_wechat
):
    await duty.shift(city.areas["江阳区"], city.staff["冯科长"], EARLIER, phone=COUNTY)
    need = await emergency(city)

    await work_off(context)

    assert fake_wechat.alarms()[0]["phones"] == [COUNTY, own_phones["邻玉社工站"], own_phones["江阳总站"]]
    assert await crisis_reach.was_reached(need.id, city.staff["冯科长"].person_id)
    assert not await crisis_reach.was_reached(need.id, city.staff["褚科长"].person_id)
    assert await Notice.exists(template="crisis", person_id=city.staff["冯科长"].person_id)


async def test_shift_that_is_not_accepted_or_over_rings_nobody(city, own_phones, context, fake_wechat):
    station = city.stations["邻玉社工站"]
    await duty.shift(station, city.staff["陈社工"], EARLIER, status="offered", phone="")
    await duty.shift(station, city.staff["林社工"], EARLIER, hours=1)
    await duty.shift(station, city.staff["赵站长"], NOW + timedelta(minutes=1))
    await emergency(city)

    await work_off(context)

    assert fake_wechat.alarms()[0]["phones"] == [own_phones["邻玉社工站"], own_phones["江阳总站"]]


async def test_six_emergencies_in_seconds_ring_once_and_are_all_named_in_the_repetition(
    city, context, clock, fake_wechat
):
    needs = []
    for _ in range(6):
        needs.append(await emergency(city))
        await work_off(context)
        city.now = clock.forward(seconds=2)

    await rung(context, clock, fake_wechat, 2)

    first, second = fake_wechat.alarms()
    assert needs[0].slip_code in first["text"]
    assert all(need.slip_code in second["text"] for need in needs)
    assert await CrisisRing.all().count() == 1


async def test_withdrawn_emergency_rings_once_and_no_second_time(city, context, clock, fake_wechat):
    first, second = await emergency(city), await emergency(city)
    await closing.withdraw(first.id, reason="", by=city.grandma.id, now=NOW)
    await closing.withdraw(second.id, reason="", by=city.grandma.id, now=NOW)

    await rung(context, clock, fake_wechat, 3)

    [alarm] = fake_wechat.alarms()
    assert first.slip_code in alarm["text"]
    assert second.slip_code in alarm["text"]


async def test_new_emergency_after_withdrawing_waits_for_the_ten_minutes(city, context, clock, fake_wechat):
    need = await emergency(city)
    await work_off(context)
    await closing.withdraw(need.id, reason="", by=city.grandma.id, now=clock.now())

    again = await emergency(city)
    await work_off(context)
    assert len(fake_wechat.alarms()) == 1
    clock.forward(minutes=10)
    await work_off(context)

    assert again.slip_code in fake_wechat.alarms()[1]["text"]
    assert need.slip_code not in fake_wechat.alarms()[1]["text"]


async def test_resident_who_writes_again_after_acknowledgement_rings_again_at_once(city, context, clock, fake_wechat):
    need = await emergency(city)
    await work_off(context)
    await hear(need, city.staff["陈社工"], clock.forward(minutes=1))

    again = await emergency(city)
    await work_off(context)

    assert len(fake_wechat.alarms()) == 2
    assert again.slip_code in fake_wechat.alarms()[1]["text"]
    assert need.slip_code not in fake_wechat.alarms()[1]["text"]


async def test_two_residents_of_one_station_ring_twice(city, context, fake_wechat):
    await emergency(city)
    await emergency(city, by=city.staff["周社工"].person_id, area_id=city.areas["团结村"].id)

    await work_off(context)

    assert len(fake_wechat.alarms()) == 2


async def test_ringing_claimed_twice_at_once_is_one(city, clock):
    ring_id = await ring_of(await emergency(city))

    ringings = await at_once(*(crisis_rings.claim(ring_id, now=NOW) for _ in range(4)))

    [ringing] = [one for one in ringings if one is not None]
    await at_once(*(crisis_rings.record(ringing, now=NOW) for _ in range(4)))
    assert (await CrisisRing.get(id=ring_id)).sounded == 1


async def test_ringing_of_a_process_that_died_is_repeated_with_the_same_key(city, context, clock, fake_wechat):
    ring_id = await ring_of(await emergency(city))
    died = await crisis_rings.claim(ring_id, now=NOW)
    assert await crisis_rings.list_overdue(NOW - timedelta(seconds=30)) == []
    await work_off(context)
    assert fake_wechat.alarms() == []
    clock.forward(seconds=30)

    assert await crisis_rings.list_overdue(clock.now() - timedelta(seconds=30)) == [ring_id]
    await work_off(context)

    assert [alarm["key"] for alarm in fake_wechat.alarms()] == [died.key]
    # The process that seemed dead records later what was recorded before.
    await crisis_rings.record(died, now=clock.now())
    assert (await CrisisRing.get(id=ring_id)).sounded == 1


async def test_job_run_again_before_its_time_rings_no_second_time(city, context, fake_wechat):
    await emergency(city)
    await work_off(context)
    await Job.filter(kind="sound_crisis").update(due_at=NOW, leased_until=NOW, state="waiting")

    await work_off(context)

    assert len(fake_wechat.alarms()) == 1
    assert (await Job.get(kind="sound_crisis")).due_at == NOW + timedelta(minutes=10)


async def test_officers_are_notified_before_the_gateway_and_once_for_each_ringing(city, context, clock, fake_wechat):
    await emergency(city)
    await work_off(context)
    clock.forward(minutes=10)
    fake_wechat.fault("errcode", times=3, path="/alarms")
    for _ in range(3):
        await work_off(context)
        clock.forward(seconds=10)

    officer = city.staff["冯科长"].person_id
    assert await Notice.filter(template="crisis_unanswered", person_id=officer).count() == 1
    assert await Notice.filter(template="crisis_call_failed", person_id=officer).count() == 1


async def test_emergencies_at_once_of_one_resident_have_one_ring(city):
    needs = await at_once(*(emergency(city) for _ in range(6)))

    assert len({await ring_of(need) for need in needs}) == 1
    assert await Job.filter(kind="sound_crisis").count() == 1


async def test_shift_handed_over_while_the_alarm_is_escalated_leaves_a_phone_that_rings(city, clock):
    station, moment = city.stations["邻玉社工站"], NOW + timedelta(minutes=10)
    leaving = await duty.shift(station, city.staff["陈社工"], EARLIER)
    await duty.shift(station, city.staff["林社工"], EARLIER, phone=SECOND)
    ring_id = await ring_of(await emergency(city))
    first = await crisis_rings.claim(ring_id, now=NOW)
    await crisis_rings.record(first, now=NOW)
    await CrisisRing.filter(id=ring_id).update(sounded=0)  # it rings the people on duty once more

    _, ringing = await at_once(
        hand_over.hand_over(leaving.id, note="", by=city.staff["陈社工"], now=moment),
        crisis_rings.claim(ring_id, now=moment),
    )

    assert SECOND in ringing.phones
    assert set(ringing.phones) <= {NIGHT, SECOND}


async def test_phone_that_the_gateway_refuses_stops_no_other_phone(city, own_phones, context, clock, fake_wechat):
    await duty.shift(city.stations["邻玉社工站"], city.staff["陈社工"], EARLIER)
    await emergency(city)
    fake_wechat.fault("errcode", times=3, path="/alarms")

    for _ in range(12):
        await work_off(context)
        clock.forward(seconds=20)

    alarm, *_ = fake_wechat.alarms()
    assert set(alarm["phones"]) == {own_phones["邻玉社工站"], own_phones["江阳总站"]}


async def test_shift_of_the_person_in_danger_neither_covers_nor_rings(city, own_phones, context, fake_wechat):
    chen = city.staff["陈社工"].person_id
    await duty.shift(city.stations["邻玉社工站"], city.staff["陈社工"], EARLIER)
    need = await emergency(city, by=chen, area_id=city.areas["团结村"].id)

    await work_off(context)

    assert not need.duty.covered
    assert not (await resident_queries.get_detail(need.id, chen, now=NOW)).duty.covered
    assert fake_wechat.alarms()[0]["phones"] == [own_phones["邻玉社工站"], own_phones["江阳总站"]]
    assert not await Notice.exists(template="crisis", person_id=chen)
