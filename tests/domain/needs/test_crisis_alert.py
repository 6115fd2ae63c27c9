"""Crisis alerts: raised by words or by the button, repeated until acknowledged."""

from datetime import timedelta

from server.domain.needs import crisis_alerts
from server.domain.needs.staff_queries import open_need
from server.models import CrisisAlert, Job, NeedEvent, Notice, Role, Station, Urgency
from tests.conftest import NOW
from tests.factories.needs import hear


async def test_words_of_self_harm_make_need_an_emergency_with_alarm(city):
    need = await city.need(text="我不想活了，什么都没有意思。")

    alert = await CrisisAlert.get(need_id=need.id)
    job = await Job.get(kind="sound_crisis", subject=str(alert.id))

    assert need.urgency == Urgency.EMERGENCY
    assert job.due_at == NOW
    assert need.response_due_at == NOW + timedelta(minutes=30)


async def test_emergency_button_raises_the_alert(city):
    need = await city.need(urgency=Urgency.EMERGENCY)

    assert await CrisisAlert.exists(need_id=need.id)


async def test_ordinary_need_raises_no_alert(city):
    await city.need()

    assert await CrisisAlert.all().count() == 0


async def test_alert_notifies_and_rings_station_and_head_station(city):
    need = await city.need(urgency=Urgency.EMERGENCY)

    notified = await Notice.filter(template="crisis").values_list("person_id", flat=True)
    text, phones = await crisis_alerts.alarm_text_and_phones(await CrisisAlert.get(need_id=need.id))

    assert set(notified) == {city.staff[name].person_id for name in ("陈社工", "林社工", "赵站长", "孙站长", "郑社工")}
    assert phones == ["13900000000"]
    assert "王" not in text
    assert "13812345678" not in text


async def test_alert_repeats_and_notifies_officers_until_acknowledged(city, clock):
    need = await city.need(urgency=Urgency.EMERGENCY)
    alert = await CrisisAlert.get(need_id=need.id)
    await crisis_alerts.plan_repetition(alert.id, now=clock.forward(minutes=10))
    job = await Job.get(kind="sound_crisis")
    assert job.due_at == NOW + timedelta(minutes=20)
    assert await Notice.exists(person_id=city.staff["冯科长"].person_id, template="crisis_unanswered")

    await hear(need, city.staff["陈社工"], clock.now())

    assert await crisis_alerts.get_unacknowledged(alert.id) is None


async def test_acknowledged_alert_does_not_ring_again(city, clock):
    need = await city.need(urgency=Urgency.EMERGENCY)
    alert = await CrisisAlert.get(need_id=need.id)
    await hear(need, city.staff["陈社工"], NOW)

    await crisis_alerts.plan_repetition(alert.id, now=clock.forward(hours=1))

    assert not await Notice.exists(template="crisis_unanswered")
    assert (await Job.get(kind="sound_crisis")).due_at == NOW


async def test_acknowledging_twice_keeps_the_first(city):
    need = await city.need(urgency=Urgency.EMERGENCY)
    for name in ("陈社工", "赵站长"):
        await hear(need, city.staff[name], NOW)

    alert = await CrisisAlert.get(need_id=need.id)

    assert alert.acknowledged_by_id == city.staff["陈社工"].person_id
    assert await NeedEvent.filter(need_id=need.id, kind="crisis_acknowledged").count() == 1


async def test_alert_of_station_without_workers_reaches_officers_and_city_desk(city):
    await Role.filter(station_id__not_isnull=True).update(current=None)
    await Station.filter(id__not=city.stations["市级服务台"].id).update(duty_phone="", phone="")

    need = await city.need(urgency=Urgency.EMERGENCY)

    _, phones = await crisis_alerts.alarm_text_and_phones(await CrisisAlert.get(need_id=need.id))
    assert await Notice.exists(template="crisis", person_id=city.staff["冯科长"].person_id)
    assert phones == ["13900000000"]


async def test_staff_see_state_of_the_alert(city):
    need = await city.need(urgency=Urgency.EMERGENCY)
    assert (await open_need(need.id, by=city.staff["陈社工"], now=NOW)).crisis == "unanswered"

    await hear(need, city.staff["陈社工"], NOW)

    assert (await open_need(need.id, by=city.staff["陈社工"], now=NOW)).crisis == "acknowledged"
