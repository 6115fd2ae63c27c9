"""The list of call-backs holds exactly those that its reader may make: in every state, for every reader."""

from datetime import timedelta

import pytest

from server.domain.satisfaction import need_rating
from server.models import CallBack, CallBackReason, Category, Need, NeedEvent, Person, Role, RoleKind
from tests import factories, steps
from tests.conftest import NOW
from tests.factories import ratings
from tests.factories.households import household
from tests.people import Phone
from tests.sides import sign_in

HERE, ABOVE, DESK = "邻玉社工站", "江阳总站", "市级服务台"
CALLED = {"reached": True, "satisfied": True, "note": ""}
WHY = {"reason": "回访前核对"}


async def callers(phones, call_back: CallBack) -> set[str]:
    """Return who finds the call-back in the list. They alone read its contact and record its result."""
    found = set()
    for name, phone in phones.items():
        listed = [one["id"] for one in (await phone.get("/station/call-backs")).json().get("items", [])]
        for step, body in (("contact", {}), ("result", CALLED)):
            answer = await phone.post(f"/station/call-backs/{call_back.id}/{step}", body)
            assert answer.is_success is (call_back.id in listed), (name, step, listed, answer.text)
        await CallBack.filter(id=call_back.id).update(
            made_at=call_back.made_at, made_by_id=call_back.made_by_id, reached=None, satisfied=None
        )
        found |= {name} if call_back.id in listed else set()
    return found


async def call_back_of(need: Need, station=None, reason=CallBackReason.LOW_RATING, **more) -> CallBack:
    station_id = station.id if station is not None else need.station_id
    times = {"opened_at": NOW, "due_at": NOW + timedelta(days=3)}
    return await CallBack.create(need=need, station_id=station_id, reason=reason, **times, **more)


async def resolved(town, *, confidential: bool = False, **fields) -> Need:
    """Return a need that 陈社工 resolved."""
    await Category.filter(code="elder_care").update(confidential=confidential)
    return await steps.resolve_need(town, await town.need(**fields), NOW)


@pytest.mark.parametrize("confidential", [False, True])
@pytest.mark.parametrize("above", [False, True])
async def test_call_back_is_listed_for_those_who_may_make_it(town, phones, confidential, above):
    need = await resolved(town, confidential=confidential)

    found = await callers(phones, await call_back_of(need, town.stations[ABOVE] if above else None))

    heads = {"孙站长", "卫处长"} if above else {"孙站长", "赵站长"}  # the city desk is above the head station
    others = {"郑社工"} if above else {"林社工"}
    assert found == heads | (set() if confidential else others)


async def test_call_back_that_was_made_is_in_no_list(town, phones):
    lin = phones["林社工"].person_id

    made = await call_back_of(await resolved(town), made_at=NOW, made_by_id=lin)

    assert await callers(phones, made) == set()


async def test_second_handler_finds_no_call_back(town, phones):
    need = await resolved(town)
    await need_rating.rate(need.id, ratings.stars(2), by=need.person_id, now=NOW)
    await steps.resolve_again(town, need, NOW)

    assert await callers(phones, await CallBack.get(need_id=need.id)) == {"林社工", "孙站长"}


async def test_worker_who_submitted_it_for_another_person_does_not_call(town, phones):
    need = await resolved(town)
    await Need.filter(id=need.id).update(submitted_by_id=phones["林社工"].person_id)

    assert await callers(phones, await call_back_of(need)) == {"孙站长", "赵站长"}


@pytest.mark.parametrize("live_together", [False, True])
async def test_worker_whose_need_was_merged_into_it_does_not_call(town, phones, live_together):
    need, lin = await resolved(town), phones["林社工"].person_id
    own = await town.need(by=lin, area_id=town.areas["团结村"].id)
    await Need.filter(id=own.id).update(merged_into_id=need.id, status="merged")
    await Need.filter(id=need.id).update(joined_needs=1)
    if live_together:
        await household(need.person_id, lin, now=NOW - timedelta(days=1))
    # Who lives together at the merge shares the need.
    await Need.filter(id=own.id).update(ended_at=NOW)

    found = await callers(phones, await call_back_of(need))

    assert found == {"孙站长", "赵站长"} | (set() if live_together else {"林社工"})


async def test_relative_whose_need_it_is_not_may_call(town, phones):
    need = await resolved(town)
    await household(need.person_id, phones["林社工"].person_id, now=NOW)

    assert "林社工" in await callers(phones, await call_back_of(need))


async def test_assigned_worker_of_another_station_does_not_call_about_a_confidential_need(town, phones):
    need = await resolved(town, confidential=True)
    await Need.filter(id=need.id).update(assignee_id=phones["郑社工"].person_id)

    assert await callers(phones, await call_back_of(need, town.stations[ABOVE])) == {"孙站长", "卫处长"}


async def test_assigned_worker_who_did_not_serve_calls_about_a_confidential_need(town, phones):
    need = await resolved(town, confidential=True)
    await Need.filter(id=need.id).update(assignee_id=phones["林社工"].person_id)

    assert await callers(phones, await call_back_of(need)) == {"林社工", "赵站长", "孙站长"}


async def test_head_of_the_need_who_works_above_calls_from_there(town, phones):
    need = await resolved(town, confidential=True)
    zhao = await Person.get(id=phones["赵站长"].person_id)
    await factories.role(zhao, RoleKind.SOCIAL_WORKER, NOW, station=town.stations[ABOVE])

    assert await callers(phones, await call_back_of(need, town.stations[ABOVE])) == {"孙站长", "赵站长", "卫处长"}


async def test_head_of_the_city_desk_calls_about_needs_of_head_stations(town, phones, client):
    desk = await factories.worker("汪站长", town.stations[DESK], NOW, head=True)
    phones["汪站长"] = Phone(client, await sign_in(desk.person_id, NOW), desk.person_id)
    need = await resolved(town)
    await Need.filter(id=need.id).update(station_id=town.stations["龙马潭总站"].id)

    found = await callers(phones, await call_back_of(await Need.get(id=need.id)))

    assert found == {"汪站长", "卫处长", "钱社工"}


@pytest.mark.parametrize("confidential", [False, True])
async def test_stand_in_calls_about_a_confidential_need_after_opening_it(town, phones, confidential):
    need = await resolved(town, confidential=confidential)
    await Role.filter(station_id=town.stations[HERE].id).update(current=None)
    call_back = await call_back_of(need)
    before = await callers(phones, call_back)

    opened = await phones["冯科长"].post(f"/station/needs/{need.id}/opening", WHY)
    after = await callers(phones, call_back)

    stand_ins = {"孙站长", "冯科长"}
    assert before == ({"孙站长"} if confidential else stand_ins)
    assert opened.is_success, opened.text
    assert after == stand_ins


async def test_officer_who_took_a_confidential_need_finds_no_call_back(town, phones):
    need = await resolved(town, confidential=True)
    feng = await Person.get(id=phones["冯科长"].person_id)
    await factories.role(feng, RoleKind.STATION_HEAD, NOW, station=town.stations[ABOVE])
    call_back = await call_back_of(need)
    assert await callers(phones, call_back) == {"赵站长", "孙站长", "冯科长"}
    [head] = await Role.filter(person_id=phones["赵站长"].person_id)
    await Role.filter(id=head.id).update(current=None, ended_at=NOW, ended_by_id=feng.id)

    assert await callers(phones, call_back) == {"孙站长"}


async def test_page_is_filled_from_behind_call_backs_that_are_left_out(town, phones):
    feng = await Person.get(id=phones["冯科长"].person_id)
    await factories.role(feng, RoleKind.STATION_HEAD, NOW, station=town.stations[ABOVE])
    needs = [await resolved(town, confidential=True) for _ in range(3)]
    await Role.filter(person_id=phones["赵站长"].person_id).update(ended_at=NOW, ended_by_id=feng.id)
    for number, need in enumerate(needs):
        await CallBack.filter(id=(await call_back_of(need)).id).update(due_at=NOW + timedelta(hours=number))
    # The last one has been at no station at which the officer ended a role.
    await NeedEvent.filter(need_id=needs[2].id).update(station_id=town.stations["蓝田社工站"].id)
    await Need.filter(id=needs[2].id).update(station_id=town.stations["蓝田社工站"].id)

    page = (await phones["冯科长"].get("/station/call-backs", params={"limit": 1})).json()

    assert [one["need_id"] for one in page["items"]] == [needs[2].id]
