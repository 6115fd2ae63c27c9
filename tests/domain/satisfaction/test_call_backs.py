"""回访: opened by a low rating or by lot, due in three days, made by somebody other than the handler."""

from datetime import timedelta

import pytest

from server.domain.needs import schedule, timeline, triage
from server.domain.satisfaction import call_backs, need_rating, notifications
from server.errors import HeadRequired, NotFound, OwnDecision, OwnNeed
from server.errors.satisfaction import CallBackDone
from server.models import (
    CallBack,
    CallBackReason,
    Category,
    Job,
    Notice,
    Person,
    Policy,
    Reading,
    Role,
    RoleKind,
)
from tests import steps
from tests.conftest import NOW


async def lot(percent):
    await Policy.create(name="call_back_sample_percent", scope="city", value=percent, source="test")


async def low_rated(city, **told):
    """A need that 陈社工 resolved and 王奶奶 gave two stars."""
    need = await steps.resolve_need(city, await city.need(**told), NOW)
    await need_rating.rate(need.id, stars=2, tags=[], comment="", by=need.person_id, now=NOW)
    return need


async def seen_by(city, name):
    return [one.need_id for one in await call_backs.list_pending(city.staff[name], after=None, limit=50)]


async def made_by(city, name, need, **how):
    call_back = await CallBack.get(need_id=need.id)
    result = {"reached": True, "satisfied": True, "note": "", **how}
    return await call_backs.record(call_back.id, **result, by=city.staff[name], now=NOW)


async def told(template):
    people = await Notice.filter(template=template).values_list("person_id", flat=True)
    return set(await Person.filter(id__in=people).values_list("name", flat=True))


async def test_a_low_rating_opens_a_call_back_due_in_three_days(city):
    need = await low_rated(city)

    call_back = await CallBack.get(need_id=need.id)

    assert call_back.reason == CallBackReason.LOW_RATING
    assert call_back.due_at == NOW + timedelta(days=3)
    assert await told("call_back_low_rating") == {"赵站长"}


async def test_colleagues_and_heads_see_it_and_the_handler_does_not(city):
    need = await low_rated(city)

    for name in ("林社工", "赵站长", "孙站长"):
        assert await seen_by(city, name) == [need.id], name
    for name in ("陈社工", "周社工", "吴站长", "郑社工", "钱社工", "卫处长"):
        assert await seen_by(city, name) == [], name


async def test_the_city_desk_stands_above_a_head_station(city):
    await lot(0)
    need = await city.need(area_id=city.areas["码头社区"].id)
    person = city.staff["钱社工"].person_id
    await triage.accept(need.id, by=city.staff["钱社工"], now=NOW)
    await triage.assign(need.id, worker_id=person, by=city.staff["钱社工"], now=NOW)
    await triage.start(need.id, by=city.staff["钱社工"], now=NOW)
    await triage.resolve(need.id, outcome="好", service_minutes=0, by=city.staff["钱社工"], now=NOW)
    await need_rating.rate(need.id, stars=1, tags=[], comment="", by=need.person_id, now=NOW)

    assert await told("call_back_low_rating") == {"褚科长"}
    assert await seen_by(city, "卫处长") == [need.id]
    assert (await made_by(city, "卫处长", need)).made_by_id == city.staff["卫处长"].person_id


async def test_the_handler_never_calls_back_about_their_own_work(city):
    need = await low_rated(city)

    with pytest.raises(OwnDecision):
        await made_by(city, "陈社工", need)

    assert (await made_by(city, "林社工", need)).made_by_id == city.staff["林社工"].person_id


async def test_who_resolved_it_the_second_time_does_not_call_back_either(city):
    need = await low_rated(city)
    await triage.start(need.id, by=city.staff["赵站长"], now=NOW)
    await triage.resolve(need.id, outcome="好了", service_minutes=0, by=city.staff["赵站长"], now=NOW)

    for name in ("陈社工", "赵站长"):
        with pytest.raises(OwnDecision):
            await made_by(city, name, need)


async def test_a_stranger_station_knows_nothing_of_it(city):
    need = await low_rated(city)

    for name in ("周社工", "郑社工", "褚科长"):
        with pytest.raises(NotFound):
            await made_by(city, name, need)


async def test_nobody_calls_themselves_back(city):
    need = await low_rated(city, by=city.staff["林社工"].person_id, area_id=city.areas["团结村"].id)

    assert await seen_by(city, "林社工") == []
    with pytest.raises(OwnNeed):
        await made_by(city, "林社工", need)


async def test_it_is_made_once_and_the_resident_reads_it(city):
    need = await low_rated(city)
    await made_by(city, "林社工", need, note="药已换好")

    with pytest.raises(CallBackDone):
        await made_by(city, "赵站长", need)

    [line] = [one for one in await timeline.list_entries(need, for_staff=False) if one.kind == "called_back"]
    assert (line.text, line.note) == ("已回访，您表示满意。", "药已换好")
    assert await seen_by(city, "赵站长") == []


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"reached": False, "satisfied": None}, "没有联系上您"),
        ({"satisfied": False}, "您表示不满意"),
    ],
)
async def test_the_line_says_how_the_call_went(city, how, said):
    need = await low_rated(city)

    await made_by(city, "林社工", need, **how)

    assert said in (await timeline.list_entries(need, for_staff=False))[-1].text


async def test_the_head_hears_of_somebody_who_is_still_not_satisfied(city):
    need = await low_rated(city)

    await made_by(city, "林社工", need, satisfied=False)

    assert await told("call_back_unsatisfied") == {"赵站长"}


async def test_a_second_low_rating_is_for_the_parent_stations_head(city):
    need = await low_rated(city)
    later = NOW + timedelta(days=1)
    await triage.start(need.id, by=city.staff["赵站长"], now=later)
    await triage.resolve(need.id, outcome="好了", service_minutes=0, by=city.staff["赵站长"], now=later)
    await need_rating.rate(need.id, stars=1, tags=[], comment="", by=need.person_id, now=later)

    second = await CallBack.get(need_id=need.id, reason=CallBackReason.STILL_LOW)

    assert second.station_id == city.stations["江阳总站"].id
    assert await Notice.exists(person_id=city.staff["孙站长"].person_id, template="call_back_still_low")
    assert await CallBack.filter(need_id=need.id).count() == 2


async def test_a_lot_is_drawn_among_the_others_and_falls_the_same_way_each_time(city):
    share = [call_backs.is_sampled(number, 10) for number in range(2000)]

    assert 150 < sum(share) < 250
    assert share == [call_backs.is_sampled(number, 10) for number in range(2000)]
    assert not any(call_backs.is_sampled(number, 0) for number in range(200))
    assert all(call_backs.is_sampled(number, 100) for number in range(200))


async def test_whom_the_lot_falls_on_is_called_back_once_however_often_they_rate(city):
    await lot(100)
    need = await steps.resolve_need(city, await city.need(), NOW)

    for stars in (5, 4, 5):
        await need_rating.rate(need.id, stars=stars, tags=[], comment="", by=need.person_id, now=NOW)

    [call_back] = await CallBack.filter(need_id=need.id)
    assert call_back.reason == CallBackReason.SAMPLE


async def test_the_silent_are_called_back_by_lot_too(city):
    await lot(100)
    need = await steps.resolve_need(city, await city.need(), NOW)

    await schedule.run_due_steps(need.id, now=NOW + timedelta(days=15))

    job = await Job.get(kind="draw_call_back")
    for _ in range(2):  # a job that was killed is done again
        await call_backs.draw_for_closed(int(job.subject), now=job.due_at)
    assert await CallBack.filter(need_id=need.id, reason=CallBackReason.SAMPLE).count() == 1


async def test_whom_the_lot_spares_is_not_called(city):
    await lot(0)
    need = await steps.resolve_need(city, await city.need(), NOW)
    await need_rating.rate(need.id, stars=5, tags=[], comment="", by=need.person_id, now=NOW)

    assert await CallBack.all().count() == 0


async def test_an_overdue_call_back_reminds_the_heads_every_day_until_it_is_made(city):
    need = await low_rated(city)
    call_back = await CallBack.get(need_id=need.id)
    await call_backs.remind_overdue(call_back.id, now=call_back.due_at - timedelta(hours=1))
    assert await told("call_back_overdue") == set()

    await call_backs.remind_overdue(call_back.id, now=call_back.due_at)

    assert await told("call_back_overdue") == {"赵站长", "孙站长"}
    assert (await Job.get(kind="overdue_call_back")).due_at == call_back.due_at + timedelta(days=1)
    await made_by(city, "林社工", need)
    await call_backs.remind_overdue(call_back.id, now=call_back.due_at + timedelta(days=1))
    assert await Notice.filter(template="call_back_overdue").count() == 2


async def test_pages_of_open_calls_join_due_first(city):
    needs = [await low_rated(city, text=f"第{number}件事") for number in range(3)]
    for number, need in enumerate(needs):
        await CallBack.filter(need_id=need.id).update(due_at=NOW + timedelta(days=3 - number // 2))

    found, after = [], None
    while page := await call_backs.list_pending(city.staff["林社工"], after=after, limit=1):
        found += [one.need_id for one in page]
        after = (page[-1].due_at, page[-1].id)

    assert sorted(found) == sorted(need.id for need in needs)
    assert found[0] == needs[2].id


async def test_whom_to_call_is_read_unmasked_logged_and_told_to_the_person(city):
    need = await low_rated(city)
    call_back = await CallBack.get(need_id=need.id)

    called = await call_backs.reveal_contact(call_back.id, by=city.staff["孙站长"], now=NOW)

    assert (called.name, called.phone) == ("王秀英", "13812345678")
    assert await Reading.exists(reader_id=city.staff["孙站长"].person_id, person_id=need.person_id)
    assert "查看了您的联系方式" in (await timeline.list_entries(need, for_staff=False))[-1].text


async def test_after_the_call_nobody_reads_the_number_again(city):
    need = await low_rated(city)
    await made_by(city, "林社工", need)

    with pytest.raises(CallBackDone):
        await call_backs.reveal_contact((await CallBack.get(need_id=need.id)).id, by=city.staff["赵站长"], now=NOW)


async def test_about_a_confidential_need_only_a_head_calls(city):
    await Category.filter(code="elder_care").update(confidential=True)
    need = await low_rated(city)

    with pytest.raises(HeadRequired):
        await made_by(city, "林社工", need)

    called = await call_backs.reveal_contact((await CallBack.get(need_id=need.id)).id, by=city.staff["孙站长"], now=NOW)
    assert (called.name, called.phone) == (None, "13812345678")
    assert (await made_by(city, "赵站长", need)).made_by_id == city.staff["赵站长"].person_id


async def test_where_nobody_else_is_left_the_officers_learn_of_it(city):
    await Role.filter(kind=RoleKind.STATION_HEAD).update(current=None)
    await Role.filter(person_id=city.staff["林社工"].person_id).update(current=None)
    await Category.filter(code="elder_care").update(confidential=True)

    need = await steps.accept_need(city, await city.need(), NOW)
    chen = city.staff["陈社工"]
    await triage.assign(need.id, worker_id=chen.person_id, by=chen, now=NOW)
    await triage.start(need.id, by=chen, now=NOW)
    await triage.resolve(need.id, outcome="好", service_minutes=0, by=chen, now=NOW)
    await need_rating.rate(need.id, stars=1, tags=[], comment="", by=need.person_id, now=NOW)

    assert await told("call_back_low_rating") == {"冯科长"}


async def test_a_colleague_is_asked_first_where_the_head_handled_it(city):
    need = await steps.assign_need(city, await city.need(), NOW, to="赵站长")
    await triage.start(need.id, by=city.staff["赵站长"], now=NOW)
    await triage.resolve(need.id, outcome="好", service_minutes=0, by=city.staff["赵站长"], now=NOW)
    await need_rating.rate(need.id, stars=1, tags=[], comment="", by=need.person_id, now=NOW)

    assert await told("call_back_low_rating") == {"陈社工", "林社工"}


def test_every_reason_is_told_in_words():
    assert set(notifications.CALL_BACK_OPENED) == set(CallBackReason)
