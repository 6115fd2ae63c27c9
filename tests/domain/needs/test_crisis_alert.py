"""Crisis alerts: raised by words or by the button, acknowledged once."""

from datetime import timedelta

from server.domain.needs import crisis_reach, crisis_rings
from server.domain.needs.staff_queries import open_need
from server.models import CrisisAlert, Job, NeedEvent, Notice, Role, Station, Urgency
from tests.conftest import NOW
from tests.factories.needs import hear


async def test_words_of_self_harm_make_need_an_emergency_with_alarm(city):
    need = await city.need(text="我不想活了，什么都没有意思。")

    job = await Job.get(kind="sound_crisis", subject=str(await ring_of(need)))

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
    ringing = await crisis_rings.claim(await ring_of(need), now=NOW)

    workers = {city.staff[name].person_id for name in ("陈社工", "林社工", "赵站长", "孙站长", "郑社工")}
    assert set(notified) == workers
    assert set(await crisis_reach.list_recipients(need)) == workers
    assert ringing.phones == ["13900000000"]
    assert "王" not in ringing.text
    assert "13812345678" not in ringing.text


async def ring_of(need) -> int:
    return (await CrisisAlert.get(need_id=need.id)).ring_id


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

    ringing = await crisis_rings.claim(await ring_of(need), now=NOW)
    assert await Notice.exists(template="crisis", person_id=city.staff["冯科长"].person_id)
    assert ringing.phones == ["13900000000"]


async def test_staff_see_state_of_the_alert(city):
    need = await city.need(urgency=Urgency.EMERGENCY)
    assert (await open_need(need.id, by=city.staff["陈社工"], now=NOW)).crisis == "unanswered"

    await hear(need, city.staff["陈社工"], NOW)

    assert (await open_need(need.id, by=city.staff["陈社工"], now=NOW)).crisis == "acknowledged"
