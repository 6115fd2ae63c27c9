"""Alarms that must reach a person: somebody in danger, and a year without a calendar (a bug of others: it stayed silent)."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest

from server.domain import daily_jobs, policies
from server.jobs.execution import run_next
from server.models import CrisisAlert, Job, Notice, Station, Urgency
from tests.conftest import NOW
from tests.factories.needs import hear
from tests.jobs.working import work_off


async def told(template):
    return set(await Notice.filter(template=template).values_list("person_id", flat=True))


async def danger(city):
    need = await city.need(text="我不想活了。")
    return need, await CrisisAlert.get(need_id=need.id)


async def test_an_alarm_reaches_the_duty_phones_within_one_run_of_the_worker(city, context, fake_wechat):
    need, alert = await danger(city)

    await work_off(context)

    [alarm] = fake_wechat.alarms()
    assert alarm["phones"] == ["13900000000"]
    assert alarm["key"] == f"crisis:{alert.ring_id}:0"
    assert need.slip_code in alarm["text"]


async def test_crisis_alarm_runs_before_older_jobs(city, context, clock, fake_wechat):
    for number in range(15):
        await city.need(text=f"第{number}件事")
    clock.forward(days=30)
    city.now = clock.now()
    await danger(city)

    await run_next(context)

    assert len(fake_wechat.alarms()) == 1


async def test_crisis_alarm_rings_again_until_acknowledged(city, context, clock, fake_wechat):
    need, _ = await danger(city)
    for _ in range(3):
        await work_off(context)
        clock.forward(minutes=10)
    assert len({alarm["key"] for alarm in fake_wechat.alarms()}) == 3
    assert city.staff["冯科长"].person_id in await told("crisis_unanswered")

    await hear(need, city.staff["陈社工"], clock.now())
    await work_off(context)
    clock.forward(hours=1)
    await work_off(context)

    assert len(fake_wechat.alarms()) == 3
    assert (await Job.get(kind="sound_crisis")).state == "done"


async def test_officers_hear_of_it_when_it_rings_the_second_time_and_not_the_first(city, context, clock):
    await danger(city)
    clock.forward(seconds=2)

    await work_off(context)

    assert await told("crisis_unanswered") == set()


async def test_a_gateway_that_refuses_is_asked_again_within_seconds_and_each_refusal_is_critical(
    city, context, clock, fake_wechat, caplog
):
    fake_wechat.fault("errcode", times=3, path="/alarms")
    await danger(city)
    for seconds in (2, 4, 8):
        await work_off(context)
        assert fake_wechat.alarms() == []
        clock.forward(seconds=seconds)
    await work_off(context)

    critical = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert len(fake_wechat.alarms()) == 1
    assert len(critical) == 3
    assert "the gateway answered 503" in critical[0].message


async def test_people_are_told_once_that_no_phone_rang(city, context, clock, fake_wechat):
    fake_wechat.fault("errcode", times=3, path="/alarms")
    need, _ = await danger(city)
    for _ in range(3):
        await work_off(context)
        clock.forward(seconds=10)

    found = await Notice.filter(template="crisis_call_failed", subject_kind="need", subject_id=need.id)
    names = ("冯科长", "陈社工", "林社工", "赵站长")
    assert sorted(one.person_id for one in found) == sorted(city.staff[name].person_id for name in names)


async def test_crisis_alarm_is_never_parked_while_the_gateway_is_dead(city, context, clock, fake_wechat):
    fake_wechat.fault("errcode", times=40, path="/alarms")
    await danger(city)
    for _ in range(40):
        await work_off(context)
        clock.forward(seconds=10)

    await work_off(context)

    assert len(fake_wechat.alarms()) == 1


async def test_without_a_phone_of_its_own_the_city_desk_rings(city, context, fake_wechat):
    desk = city.stations["市级服务台"].id
    await Station.exclude(id=desk).update(phone="", duty_phone="")
    await Station.filter(id=desk).update(duty_phone="", phone="0830-3100000")
    await danger(city)

    await work_off(context)

    assert fake_wechat.alarms()[0]["phones"] == ["0830-3100000"]


async def test_an_emergency_without_anybodys_phone_is_critical(city, context, fake_wechat, caplog):
    await Station.all().update(phone="", duty_phone="")
    await city.need(urgency=Urgency.EMERGENCY)

    await work_off(context)

    assert fake_wechat.alarms() == []
    assert "no phone number is known" in caplog.text


async def test_a_calendar_that_is_missing_in_november_raises_an_alarm_once_a_day(city, context, clock, fake_wechat):
    clock.set(datetime(2026, 11, 2, 1, 0, tzinfo=UTC))
    await daily_jobs.seed(now=clock.now())
    for _ in range(8):
        await work_off(context)
        clock.forward(hours=6)

    alarms = [alarm for alarm in fake_wechat.alarms() if alarm["kind"] == "calendar"]
    assert [alarm["key"] for alarm in alarms] == ["calendar:2026-11-02", "calendar:2026-11-03"]
    assert "2027年" in alarms[0]["text"]
    assert await told("calendar_missing") == {city.staff["卫处长"].person_id}
    assert await Notice.filter(template="calendar_missing").count() == 2


async def test_a_calendar_that_is_there_is_no_news(city, context, fake_wechat):
    await daily_jobs.seed(now=NOW)

    await work_off(context)

    assert fake_wechat.alarms() == []
    assert await told("calendar_missing") == set()
    # The next look is at nine tomorrow morning.
    assert (await Job.get(kind="check_calendar", state="waiting")).due_at == datetime(2026, 3, 11, 1, 0, tzinfo=UTC)


@pytest.fixture
async def november(city, clock, context, fake_wechat):
    """Officers were told that 2027 is missing, the gateway did not answer."""
    clock.set(datetime(2026, 11, 2, 1, 0, tzinfo=UTC))
    fake_wechat.fault("errcode", times=1, path="/alarms")
    await daily_jobs.check_calendar(now=clock.now())
    await work_off(context)
    assert fake_wechat.alarms() == []


async def test_an_alarm_about_the_calendar_that_was_not_taken_is_tried_again(november, context, clock, fake_wechat):
    clock.forward(seconds=2)

    await work_off(context)

    assert len(fake_wechat.alarms()) == 1


async def test_a_calendar_entered_meanwhile_sounds_no_alarm(city, november, context, clock, fake_wechat):
    for day in range(13):
        await policies.set_calendar_day(
            date(2027, 1, 1) + timedelta(days=day), working=False, by=city.staff["卫处长"], now=clock.now()
        )
    clock.forward(seconds=2)

    await work_off(context)

    assert fake_wechat.alarms() == []
