"""Community deeds: claimed or entered at the counter, approved by other hands, never beyond the caps."""

from datetime import date, timedelta

import pytest

from server.domain import ledger, photos
from server.domain.points import deeds, earning_rules
from server.domain.points.deeds import Deed
from server.errors import (
    AlreadyDecided,
    DeedDayOutOfRange,
    InvolvedInPoints,
    NotAllowed,
    NotFound,
    PhotoNotAvailable,
    PointsCapReached,
    RuleNotAvailable,
)
from server.models import Earning, EarningRule, EarningStatus, Entry, Notice, RuleKind, Station, Transfer
from tests import factories
from tests.conftest import NOW
from tests.factories import points, volunteers
from tests.factories.points import claimed, has


@pytest.fixture
async def rule(city):
    return await points.rule(city)


async def approve(city, earning, by="陈社工"):
    return await deeds.approve(earning.id, by=city.staff[by], now=NOW)


async def refuse(city, earning, by="陈社工"):
    return await deeds.refuse(earning.id, reason="当天没有院坝会", by=city.staff[by], now=NOW)


async def enter(city, rule, person_id, by="陈社工"):
    deed = Deed(rule.station_id, rule.id, "帮邻居买菜", NOW.date())
    return await deeds.enter(deed, person_id=person_id, by=city.staff[by], now=NOW)


async def test_a_deed_earns_its_points_when_somebody_else_approved_it(city, rule):
    earning = await claimed(city, rule)
    assert await Entry.all().count() == 0

    await approve(city, earning)

    assert await has(city.grandma.id) == 5
    transfer = await Transfer.get()
    assert (transfer.kind, transfer.cause, transfer.note) == ("points_deed", f"earning:{earning.id}", rule.title)
    assert transfer.by_id == city.staff["陈社工"].person_id


async def test_approving_twice_pays_once(city, rule):
    """Bug of others 3."""
    earning = await claimed(city, rule)
    await approve(city, earning)

    with pytest.raises(AlreadyDecided):
        await approve(city, earning, by="赵站长")
    with pytest.raises(AlreadyDecided):
        await refuse(city, earning, by="赵站长")

    assert await has(city.grandma.id) == 5


async def test_a_refused_deed_earns_nothing_and_the_person_reads_why(city, rule):
    earning = await claimed(city, rule)

    refused = await refuse(city, earning)

    assert (refused.status, refused.decision) == (EarningStatus.REFUSED, "当天没有院坝会")
    assert await Notice.filter(person_id=city.grandma.id, template="deed_refused").count() == 1
    assert await Entry.all().count() == 0


async def test_under_a_rule_with_public_notice_an_approved_deed_waits(city):
    earning = await claimed(city, await points.rule_with_notice(city))

    approved = await approve(city, earning)

    assert approved.status == EarningStatus.WAITING
    assert await Entry.all().count() == 0


async def test_a_second_deed_of_the_day_gets_what_the_cap_leaves_and_the_third_nothing(city):
    rule = await points.rule(city, points=6, daily_cap=10, monthly_cap=12)
    assert (await claimed(city, rule)).points == 6
    assert (await claimed(city, rule)).points == 4

    with pytest.raises(PointsCapReached):
        await claimed(city, rule)
    assert (await claimed(city, rule, day=date(2026, 3, 9))).points == 2
    assert (await claimed(city, rule, day=date(2026, 2, 28))).points == 6


async def test_what_a_refused_deed_took_of_the_cap_is_there_again(city):
    rule = await points.rule(city, points=6, daily_cap=10)
    first, second = await claimed(city, rule), await claimed(city, rule)

    await refuse(city, first)
    approved = await approve(city, second)

    assert approved.points == await has(city.grandma.id) == 6


async def test_a_cap_that_was_lowered_meanwhile_holds(city, rule):
    first, second = await claimed(city, rule), await claimed(city, rule)
    await earning_rules.change(rule.id, changes={"points": 3, "daily_cap": 3}, by=city.staff["赵站长"], now=NOW)

    assert (await approve(city, first)).points == 3
    with pytest.raises(PointsCapReached):
        await approve(city, second)

    assert await has(city.grandma.id) == 3
    await refuse(city, second)


async def test_a_rule_that_ended_gives_nothing_more_until_it_is_taken_up_again(city, rule):
    earning = await claimed(city, rule)
    await earning_rules.change(rule.id, changes={"active": False}, by=city.staff["赵站长"], now=NOW)

    with pytest.raises(RuleNotAvailable):
        await approve(city, earning)
    assert await has(city.grandma.id) == 0
    assert (await Earning.get(id=earning.id)).status == EarningStatus.CLAIMED

    await earning_rules.change(rule.id, changes={"active": True}, by=city.staff["赵站长"], now=NOW)
    await approve(city, earning)
    assert await has(city.grandma.id) == 5


@pytest.mark.parametrize("days", [-1, 31])
async def test_a_deed_lies_neither_ahead_nor_too_far_back(city, rule, days):
    with pytest.raises(DeedDayOutOfRange) as refused:
        await claimed(city, rule, day=NOW.date() - timedelta(days=days))

    assert refused.value.details == {"earliest": date(2026, 2, 8), "latest": date(2026, 3, 10)}


async def test_the_first_and_the_last_day_are_good(city, rule):
    for day in (date(2026, 2, 8), date(2026, 3, 10)):
        assert (await claimed(city, rule, day=day)).day == day


async def test_no_points_without_a_rule_of_that_open_station(city, rule):
    hour = await points.rule(city, RuleKind.HOUR)
    other = city.stations["蓝田社工站"].id
    for wrong in ({"rule_id": hour.id}, {"rule_id": 1}, {"station_id": other}):
        with pytest.raises(RuleNotAvailable):
            await claimed(city, rule, **wrong)
    await EarningRule.filter(id=rule.id).update(active=False)
    with pytest.raises(RuleNotAvailable):
        await claimed(city, rule)
    await EarningRule.filter(id=rule.id).update(active=True)
    await Station.filter(id=rule.station_id).update(status="suspended")
    with pytest.raises(RuleNotAvailable):
        await claimed(city, rule)


async def test_photos_belong_to_who_claims_and_are_used_once(city, rule):
    photo = await photos.add("a" * 40, owner_id=city.grandma.id, width=1, height=1, now=NOW)

    earning = await claimed(city, rule, photo_ids=[photo.id])

    assert [one.id for one in (await deeds.photos_of([earning]))[deeds.subject_key(earning.id)]] == [photo.id]
    with pytest.raises(PhotoNotAvailable):
        await claimed(city, rule, photo_ids=[photo.id])
    assert await Earning.all().count() == 1


async def test_nobody_decides_about_their_own_deed_or_that_of_who_they_live_with(city, rule):
    worker = city.staff["陈社工"]
    own = await claimed(city, rule, by=worker.person_id)
    for decide in (approve, refuse):
        with pytest.raises(InvolvedInPoints):
            await decide(city, own)
    earning = await claimed(city, rule)
    await points.household(city.grandma, await factories.Person.get(id=worker.person_id))

    for decide in (approve, refuse):
        with pytest.raises(InvolvedInPoints):
            await decide(city, earning)
    await approve(city, earning, by="赵站长")


async def test_who_entered_a_deed_does_not_approve_it(city, rule):
    await city.need()
    earning = await enter(city, rule, city.grandma.id)

    with pytest.raises(InvolvedInPoints):
        await approve(city, earning)
    await approve(city, earning, by="林社工")

    assert await has(city.grandma.id) == 5


async def test_staff_enter_deeds_of_people_their_station_knows(city, rule):
    stranger = await factories.person("外地人", NOW)
    serving = await volunteers.volunteer("小李", city.stations["邻玉社工站"], NOW)
    neighbour = await factories.person("刘婶", NOW)
    await claimed(city, rule, by=neighbour.id)

    for known in (serving.person_id, neighbour.id):
        assert (await enter(city, rule, known)).status == EarningStatus.CLAIMED
    with pytest.raises(NotFound):
        await enter(city, rule, stranger.id)


async def test_staff_enter_deeds_at_their_own_station_alone(city, rule):
    await city.need()

    with pytest.raises(NotFound):
        await enter(city, rule, city.grandma.id, by="周社工")
    for officer in ("冯科长", "卫处长"):
        with pytest.raises(NotAllowed):
            await enter(city, rule, city.grandma.id, by=officer)
    assert await Earning.all().count() == 0


async def test_other_stations_do_not_know_of_a_deed_and_officers_only_read_it(city, rule):
    earning = await claimed(city, rule)

    for name in ("周社工", "褚科长"):
        with pytest.raises(NotFound):
            await approve(city, earning, by=name)
    for name in ("冯科长", "卫处长"):
        with pytest.raises(NotAllowed):
            await refuse(city, earning, by=name)


async def test_points_of_hours_are_no_deeds_to_approve(city):
    await points.rule(city, RuleKind.HOUR, public_notice=True)
    await points.served(city, 60)

    with pytest.raises(NotFound):
        await approve(city, await Earning.get(), by="赵站长")


async def test_ones_own_deeds_newest_first_page_by_page(city, rule, clock):
    for hour in range(3):
        deed = Deed(rule.station_id, rule.id, "打扫楼道", date(2026, 3, 8 + hour))
        await deeds.claim(deed, by=city.grandma.id, now=clock.forward(hours=1))

    first = await deeds.own(city.grandma.id, before=None, limit=2)
    rest = await deeds.own(city.grandma.id, before=(first[-1].claimed_at, first[-1].id), limit=2)

    assert [one.day.day for one in first + rest] == [10, 9, 8]
    assert await deeds.own(city.staff["陈社工"].person_id, before=None, limit=2) == []


async def test_a_stations_deeds_wait_oldest_first_and_nobody_elses_see_them(city, rule, clock):
    made = []
    for number in range(3):
        deed = Deed(rule.station_id, rule.id, "打扫楼道", date(2026, 3, 8 + number))
        made.append(await deeds.claim(deed, by=city.grandma.id, now=clock.forward(hours=1)))
    await approve(city, made[0])

    async def waiting(name, after=None):
        status = EarningStatus.CLAIMED
        return await deeds.of_stations(city.staff[name], status=status, after=after, limit=1)

    [first] = await waiting("陈社工")
    [second] = await waiting("冯科长", after=(first.claimed_at, first.id))
    assert [first.id, second.id] == [made[1].id, made[2].id]
    assert await waiting("周社工") == []


async def test_after_all_of_it_the_ledger_holds(city, rule):
    for number in range(2):
        await approve(city, await claimed(city, rule, day=date(2026, 3, 9 + number)))

    assert (await ledger.audit()).holds
