"""Call-backs 回访: opened by a low rating or as a sample, due in three days, made by another worker."""

from datetime import timedelta

import pytest

from server.domain.needs import timeline, triage
from server.domain.satisfaction import call_backs, need_rating, notifications
from server.errors import HeadRequired, NotFound, OwnDecision, OwnNeed
from server.errors.satisfaction import CallBackDone
from server.models import (
    CallBack,
    CallBackReason,
    Category,
    Job,
    Need,
    Notice,
    Person,
    Policy,
    Reading,
    Role,
    RoleKind,
)
from tests import steps
from tests.conftest import NOW
from tests.factories import ratings


async def set_sample_percent(percent):
    await Policy.create(name="call_back_sample_percent", scope="city", value=percent, source="test")


async def low_rated(city, **fields):
    """Create a need that 陈社工 resolved and 王奶奶 rated with two stars."""
    need = await steps.resolve_need(city, await city.need(**fields), NOW)
    await need_rating.rate(need.id, ratings.stars(2), by=need.person_id, now=NOW)
    return need


async def listed_for(city, name):
    return [one.need_id for one in await call_backs.list_pending(city.staff[name], after=None, limit=50)]


async def record_by(city, name, need, **how):
    call_back = await CallBack.get(need_id=need.id)
    result = {"reached": True, "satisfied": True, "note": "", **how}
    return await call_backs.record(call_back.id, **result, by=city.staff[name], now=NOW)


async def notified(template):
    people = await Notice.filter(template=template).values_list("person_id", flat=True)
    return set(await Person.filter(id__in=people).values_list("name", flat=True))


async def test_low_rating_opens_call_back_due_in_three_days(city):
    need = await low_rated(city)

    call_back = await CallBack.get(need_id=need.id)

    assert call_back.reason == CallBackReason.LOW_RATING
    assert call_back.due_at == NOW + timedelta(days=3)
    assert await notified("call_back_low_rating") == {"赵站长"}


async def test_call_back_is_listed_for_colleagues_but_not_handler(city):
    need = await low_rated(city)

    for name in ("林社工", "赵站长", "孙站长"):
        assert await listed_for(city, name) == [need.id], name
    for name in ("陈社工", "周社工", "吴站长", "郑社工", "钱社工", "卫处长"):
        assert await listed_for(city, name) == [], name


async def test_city_desk_makes_call_backs_of_head_stations(city):
    await set_sample_percent(0)
    need = await city.need(area_id=city.areas["码头社区"].id)
    person = city.staff["钱社工"].person_id
    await triage.accept(need.id, by=city.staff["钱社工"], now=NOW)
    await triage.assign(need.id, worker_id=person, by=city.staff["钱社工"], now=NOW)
    await triage.start(need.id, by=city.staff["钱社工"], now=NOW)
    await triage.resolve(need.id, outcome="好", service_minutes=0, by=city.staff["钱社工"], now=NOW)
    await need_rating.rate(need.id, ratings.stars(1), by=need.person_id, now=NOW)

    assert await notified("call_back_low_rating") == {"卫处长"}
    assert await listed_for(city, "卫处长") == [need.id]
    assert (await record_by(city, "卫处长", need)).made_by_id == city.staff["卫处长"].person_id


async def test_handler_cannot_make_the_call_back(city):
    need = await low_rated(city)

    with pytest.raises(OwnDecision):
        await record_by(city, "陈社工", need)

    assert (await record_by(city, "林社工", need)).made_by_id == city.staff["林社工"].person_id


async def test_second_handler_cannot_make_the_call_back(city):
    need = await low_rated(city)
    await triage.start(need.id, by=city.staff["赵站长"], now=NOW)
    await triage.resolve(need.id, outcome="好了", service_minutes=0, by=city.staff["赵站长"], now=NOW)

    for name in ("陈社工", "赵站长"):
        with pytest.raises(OwnDecision):
            await record_by(city, name, need)


async def test_other_station_does_not_find_the_call_back(city):
    need = await low_rated(city)

    for name in ("周社工", "郑社工", "褚科长"):
        with pytest.raises(NotFound):
            await record_by(city, name, need)


async def test_worker_cannot_call_back_about_their_own_need(city):
    need = await low_rated(city, by=city.staff["林社工"].person_id, area_id=city.areas["团结村"].id)

    assert await listed_for(city, "林社工") == []
    with pytest.raises(OwnNeed):
        await record_by(city, "林社工", need)


async def test_call_back_is_recorded_once_and_shown_to_resident(city):
    need = await low_rated(city)
    await record_by(city, "林社工", need, note="药已换好")

    with pytest.raises(CallBackDone):
        await record_by(city, "赵站长", need)

    [line] = [one for one in await timeline.list_entries(need, for_staff=False) if one.kind == "called_back"]
    assert (line.text, line.note) == ("已回访，您表示满意。", "药已换好")
    assert await listed_for(city, "赵站长") == []


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({"reached": False, "satisfied": None}, "没有联系上您"),
        ({"satisfied": False}, "您表示不满意"),
    ],
)
async def test_timeline_entry_says_result_of_call(city, how, text):
    need = await low_rated(city)

    await record_by(city, "林社工", need, **how)

    assert text in (await timeline.list_entries(need, for_staff=False))[-1].text


async def test_unsatisfied_call_back_notifies_head(city):
    need = await low_rated(city)

    await record_by(city, "林社工", need, satisfied=False)

    assert await notified("call_back_unsatisfied") == {"赵站长"}


async def test_second_low_rating_opens_call_back_at_parent(city):
    need = await low_rated(city)
    later = NOW + timedelta(days=1)
    await triage.start(need.id, by=city.staff["赵站长"], now=later)
    await triage.resolve(need.id, outcome="好了", service_minutes=0, by=city.staff["赵站长"], now=later)
    await need_rating.rate(need.id, ratings.stars(1), by=need.person_id, now=later)

    second = await CallBack.get(need_id=need.id, reason=CallBackReason.STILL_LOW)

    assert second.station_id == city.stations["江阳总站"].id
    assert await Notice.exists(person_id=city.staff["孙站长"].person_id, template="call_back_still_low")
    assert await CallBack.filter(need_id=need.id).count() == 2


async def test_sampling_gives_same_result_each_time(city):
    share = [call_backs.is_sampled(number, 10) for number in range(2000)]

    assert 150 < sum(share) < 250
    assert share == [call_backs.is_sampled(number, 10) for number in range(2000)]
    assert not any(call_backs.is_sampled(number, 0) for number in range(200))
    assert all(call_backs.is_sampled(number, 100) for number in range(200))


async def drawn(need, **percents):
    """Return the call-back for the sample with these policies, after the job of the resolved need ran twice."""
    for name, value in percents.items():
        await Policy.create(name=f"call_back_{name}_percent", scope="city", value=value, source="test")
    job = await Job.get(kind="draw_call_back", subject=str(need.id))
    for _ in range(2):  # a killed job runs again
        await call_backs.draw_sample(int(job.subject), now=job.due_at)
    return await CallBack.get_or_none(need_id=need.id, reason=CallBackReason.SAMPLE)


async def test_sampled_need_is_called_back_within_three_days_of_resolving(city):
    need = await steps.resolve_need(city, await city.need(), NOW)

    call_back = await drawn(need, sample=100, parent=0)
    for stars in (5, 4, 5):
        await need_rating.rate(need.id, ratings.stars(stars), by=need.person_id, now=NOW)

    assert (call_back.station_id, call_back.due_at) == (need.station_id, NOW + timedelta(days=3))
    assert await CallBack.filter(need_id=need.id).count() == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"relation": ""}, False),
        ({"channel": "counter"}, True),
        ({"channel": "telephone"}, True),
        ({"relation": "女儿"}, True),
    ],
)
async def test_needs_of_people_who_were_helped_to_submit_are_a_stratum_of_their_own(city, changes, expected):
    need = await steps.resolve_need(city, await city.need(), NOW)
    await Need.filter(id=need.id).update(**changes)

    assert (await drawn(need, sample=0, assisted=100) is not None) is expected


async def test_parent_station_calls_back_its_share(city):
    need = await steps.resolve_need(city, await city.need(), NOW)

    assert (await drawn(need, sample=100, parent=100)).station_id == city.stations["江阳总站"].id


async def test_low_rating_takes_the_place_of_an_open_sample(city):
    need = await steps.resolve_need(city, await city.need(), NOW)
    await drawn(need, sample=100)

    await need_rating.rate(need.id, ratings.stars(1), by=need.person_id, now=NOW)

    assert [one.reason for one in await CallBack.filter(need_id=need.id)] == [CallBackReason.LOW_RATING]


async def test_need_that_was_rated_low_before_the_draw_gets_no_second_call_back(city):
    need = await low_rated(city)

    assert await drawn(need, sample=100) is None


async def test_need_outside_the_sample_gets_no_call_back(city):
    await set_sample_percent(0)
    need = await steps.resolve_need(city, await city.need(), NOW)
    await need_rating.rate(need.id, ratings.stars(5), by=need.person_id, now=NOW)

    assert await CallBack.all().count() == 0


async def test_overdue_call_back_reminds_heads_daily_until_made(city):
    need = await low_rated(city)
    call_back = await CallBack.get(need_id=need.id)
    await call_backs.remind_overdue(call_back.id, now=call_back.due_at - timedelta(hours=1))
    assert await notified("call_back_overdue") == set()

    await call_backs.remind_overdue(call_back.id, now=call_back.due_at)

    assert await notified("call_back_overdue") == {"赵站长", "孙站长"}
    assert (await Job.get(kind="overdue_call_back")).due_at == call_back.due_at + timedelta(days=1)
    await record_by(city, "林社工", need)
    await call_backs.remind_overdue(call_back.id, now=call_back.due_at + timedelta(days=1))
    assert await Notice.filter(template="call_back_overdue").count() == 2


async def test_pages_of_call_backs_are_ordered_by_due_date(city):
    needs = [await low_rated(city, text=f"第{number}件事") for number in range(3)]
    for number, need in enumerate(needs):
        await CallBack.filter(need_id=need.id).update(due_at=NOW + timedelta(days=3 - number // 2))

    found, after = [], None
    while page := await call_backs.list_pending(city.staff["林社工"], after=after, limit=1):
        found += [one.need_id for one in page]
        after = (page[-1].due_at, page[-1].id)

    assert sorted(found) == sorted(need.id for need in needs)
    assert found[0] == needs[2].id


async def test_revealed_call_back_contact_is_logged_and_shown(city):
    need = await low_rated(city)
    call_back = await CallBack.get(need_id=need.id)

    called = await call_backs.reveal_contact(call_back.id, by=city.staff["孙站长"], now=NOW)

    assert (called.name, called.phone) == ("王秀英", "13812345678")
    assert await Reading.exists(reader_id=city.staff["孙站长"].person_id, person_id=need.person_id)
    assert "查看了您的联系方式" in (await timeline.list_entries(need, for_staff=False))[-1].text


async def test_contact_is_not_revealed_after_the_call(city):
    need = await low_rated(city)
    await record_by(city, "林社工", need)

    with pytest.raises(CallBackDone):
        await call_backs.reveal_contact((await CallBack.get(need_id=need.id)).id, by=city.staff["赵站长"], now=NOW)


async def test_only_head_calls_back_about_confidential_need(city):
    await Category.filter(code="elder_care").update(confidential=True)
    need = await low_rated(city)

    with pytest.raises(HeadRequired):
        await record_by(city, "林社工", need)

    called = await call_backs.reveal_contact((await CallBack.get(need_id=need.id)).id, by=city.staff["孙站长"], now=NOW)
    assert (called.name, called.phone) == (None, "13812345678")
    assert (await record_by(city, "赵站长", need)).made_by_id == city.staff["赵站长"].person_id


async def test_call_back_without_callers_notifies_officers(city):
    await Role.filter(kind=RoleKind.STATION_HEAD).update(current=None)
    await Role.filter(person_id=city.staff["林社工"].person_id).update(current=None)
    need = await steps.accept_need(city, await city.need(), NOW)
    chen = city.staff["陈社工"]
    await triage.assign(need.id, worker_id=chen.person_id, by=chen, now=NOW)
    await triage.start(need.id, by=chen, now=NOW)
    await triage.resolve(need.id, outcome="好", service_minutes=0, by=chen, now=NOW)
    await Category.filter(code="elder_care").update(confidential=True)
    await need_rating.rate(need.id, ratings.stars(1), by=need.person_id, now=NOW)

    assert await notified("call_back_low_rating") == {"冯科长"}


async def test_colleague_is_asked_if_head_handled_the_need(city):
    need = await steps.assign_need(city, await city.need(), NOW, to="赵站长")
    await triage.start(need.id, by=city.staff["赵站长"], now=NOW)
    await triage.resolve(need.id, outcome="好", service_minutes=0, by=city.staff["赵站长"], now=NOW)
    await need_rating.rate(need.id, ratings.stars(1), by=need.person_id, now=NOW)

    assert await notified("call_back_low_rating") == {"陈社工", "林社工"}


def test_every_call_back_reason_has_words():
    assert set(notifications.CALL_BACK_OPENED) == set(CallBackReason)


async def test_worker_who_served_the_need_before_another_resolved_it_has_no_call_back(city):
    need = await steps.start_need(city, await city.need(), NOW)
    await triage.assign(need.id, worker_id=city.staff["林社工"].person_id, by=city.staff["赵站长"], now=NOW)
    await triage.start(need.id, by=city.staff["林社工"], now=NOW)
    await triage.resolve(need.id, outcome="好", service_minutes=0, by=city.staff["林社工"], now=NOW)
    await need_rating.rate(need.id, ratings.stars(1), by=need.person_id, now=NOW)

    for name in ("陈社工", "林社工"):
        assert await call_backs.list_pending(city.staff[name], after=None, limit=9) == []
