"""Community deeds: claimed or entered at the counter, approved by another person, within the caps."""

from datetime import date, timedelta

import pytest

from server.domain import ledger, photos
from server.domain.points import deeds, earning_rules
from server.domain.points.deeds import DeedClaim
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
    deed = DeedClaim(rule.station_id, rule.id, "帮邻居买菜", NOW.date())
    return await deeds.enter_at_counter(deed, person_id=person_id, by=city.staff[by], now=NOW)


async def test_deed_approved_by_another_person_earns_its_points(city, rule):
    earning = await claimed(city, rule)
    assert await Entry.all().count() == 0

    await approve(city, earning)

    assert await has(city.grandma.id) == 5
    transfer = await Transfer.get()
    assert (transfer.kind, transfer.cause, transfer.note) == ("points_deed", f"earning:{earning.id}", rule.title)
    assert transfer.by_id == city.staff["陈社工"].person_id


async def test_second_approval_is_refused_and_pays_nothing(city, rule):
    earning = await claimed(city, rule)
    await approve(city, earning)

    with pytest.raises(AlreadyDecided):
        await approve(city, earning, by="赵站长")
    with pytest.raises(AlreadyDecided):
        await refuse(city, earning, by="赵站长")

    assert await has(city.grandma.id) == 5


async def test_refused_deed_earns_nothing_and_shows_the_reason(city, rule):
    earning = await claimed(city, rule)

    refused = await refuse(city, earning)

    assert (refused.status, refused.decision) == (EarningStatus.REFUSED, "当天没有院坝会")
    assert await Notice.filter(person_id=city.grandma.id, template="deed_refused").count() == 1
    assert await Entry.all().count() == 0


async def test_approved_deed_under_a_rule_with_public_notice_waits(city):
    earning = await claimed(city, await points.rule_with_notice(city))

    approved = await approve(city, earning)

    assert approved.status == EarningStatus.WAITING
    assert await Entry.all().count() == 0


async def test_deeds_beyond_the_daily_cap_get_the_rest_then_are_refused(city):
    rule = await points.rule(city, points=6, daily_cap=10, monthly_cap=12)
    assert (await claimed(city, rule)).points == 6
    assert (await claimed(city, rule)).points == 4

    with pytest.raises(PointsCapReached):
        await claimed(city, rule)
    assert (await claimed(city, rule, day=date(2026, 3, 9))).points == 2
    assert (await claimed(city, rule, day=date(2026, 2, 28))).points == 6


async def test_refused_deed_frees_its_part_of_the_cap(city):
    rule = await points.rule(city, points=6, daily_cap=10)
    first, second = await claimed(city, rule), await claimed(city, rule)

    await refuse(city, first)
    approved = await approve(city, second)

    assert approved.points == await has(city.grandma.id) == 6


async def test_lowered_cap_applies_at_the_approval(city, rule):
    first, second = await claimed(city, rule), await claimed(city, rule)
    await earning_rules.change(rule.id, changes={"points": 3, "daily_cap": 3}, by=city.staff["赵站长"], now=NOW)

    assert (await approve(city, first)).points == 3
    with pytest.raises(PointsCapReached):
        await approve(city, second)

    assert await has(city.grandma.id) == 3
    await refuse(city, second)


async def test_ended_rule_gives_nothing_until_it_is_renewed(city, rule):
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
async def test_deed_in_the_future_or_too_long_ago_is_refused(city, rule, days):
    with pytest.raises(DeedDayOutOfRange) as refused:
        await claimed(city, rule, day=NOW.date() - timedelta(days=days))

    assert refused.value.details == {"earliest": date(2026, 2, 8), "latest": date(2026, 3, 10)}


async def test_deed_on_the_first_or_last_allowed_day_is_accepted(city, rule):
    for day in (date(2026, 2, 8), date(2026, 3, 10)):
        assert (await claimed(city, rule, day=day)).day == day


async def test_deed_without_an_active_rule_of_the_operating_station_is_refused(city, rule):
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


async def test_photos_of_a_deed_are_the_claimants_and_used_once(city, rule):
    photo = await photos.add("a" * 40, owner_id=city.grandma.id, width=1, height=1, now=NOW)

    earning = await claimed(city, rule, photo_ids=[photo.id])

    assert [one.id for one in (await deeds.list_photos([earning]))[deeds.subject_key(earning.id)]] == [photo.id]
    with pytest.raises(PhotoNotAvailable):
        await claimed(city, rule, photo_ids=[photo.id])
    assert await Earning.all().count() == 1


async def test_decision_on_own_or_household_deed_is_refused(city, rule):
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


async def test_approval_by_the_worker_who_entered_the_deed_is_refused(city, rule):
    await city.need()
    earning = await enter(city, rule, city.grandma.id)

    with pytest.raises(InvolvedInPoints):
        await approve(city, earning)
    await approve(city, earning, by="林社工")

    assert await has(city.grandma.id) == 5


async def test_deed_at_the_counter_requires_a_person_known_to_the_station(city, rule):
    stranger = await factories.person("外地人", NOW)
    serving = await volunteers.volunteer("小李", city.stations["邻玉社工站"], NOW)
    neighbour = await factories.person("刘婶", NOW)
    await claimed(city, rule, by=neighbour.id)

    for known in (serving.person_id, neighbour.id):
        assert (await enter(city, rule, known)).status == EarningStatus.CLAIMED
    with pytest.raises(NotFound):
        await enter(city, rule, stranger.id)


async def test_deed_at_the_counter_of_another_station_is_refused(city, rule):
    await city.need()

    with pytest.raises(NotFound):
        await enter(city, rule, city.grandma.id, by="周社工")
    # Officers act as staff of stations where nobody works: to them the person is unknown.
    for officer in ("冯科长", "卫处长"):
        with pytest.raises((NotAllowed, NotFound)):
            await enter(city, rule, city.grandma.id, by=officer)
    assert await Earning.all().count() == 0


async def test_decision_by_another_station_or_by_officers_is_refused(city, rule):
    earning = await claimed(city, rule)

    for name in ("周社工", "褚科长"):
        with pytest.raises(NotFound):
            await approve(city, earning, by=name)
    for name in ("冯科长", "卫处长"):
        with pytest.raises(NotAllowed):
            await refuse(city, earning, by=name)


async def test_points_of_hours_cannot_be_approved_as_deeds(city):
    await points.rule(city, RuleKind.HOUR, public_notice=True)
    await points.served(city, 60)

    with pytest.raises(NotFound):
        await approve(city, await Earning.get(), by="赵站长")


async def test_own_deeds_are_listed_newest_first(city, rule, clock):
    for hour in range(3):
        deed = DeedClaim(rule.station_id, rule.id, "打扫楼道", date(2026, 3, 8 + hour))
        await deeds.claim(deed, by=city.grandma.id, now=clock.forward(hours=1))

    first = await deeds.list_for_person(city.grandma.id, before=None, limit=2)
    rest = await deeds.list_for_person(city.grandma.id, before=(first[-1].claimed_at, first[-1].id), limit=2)

    assert [one.day.day for one in first + rest] == [10, 9, 8]
    assert await deeds.list_for_person(city.staff["陈社工"].person_id, before=None, limit=2) == []


async def test_deeds_of_a_station_are_listed_oldest_first_to_its_staff(city, rule, clock):
    made = []
    for number in range(3):
        deed = DeedClaim(rule.station_id, rule.id, "打扫楼道", date(2026, 3, 8 + number))
        made.append(await deeds.claim(deed, by=city.grandma.id, now=clock.forward(hours=1)))
    await approve(city, made[0])

    async def waiting(name, after=None):
        status = EarningStatus.CLAIMED
        return await deeds.list_for_staff(city.staff[name], status=status, after=after, limit=1)

    [first] = await waiting("陈社工")
    [second] = await waiting("冯科长", after=(first.claimed_at, first.id))
    assert [first.id, second.id] == [made[1].id, made[2].id]
    assert await waiting("周社工") == []


async def test_ledger_is_consistent_after_all_steps(city, rule):
    for number in range(2):
        await approve(city, await claimed(city, rule, day=date(2026, 3, 9 + number)))

    assert (await ledger.audit()).holds
