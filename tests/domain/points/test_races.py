"""Races about points on several connections: caps hold, points are given once, nothing is lost."""

from datetime import UTC, datetime, timedelta

from server.domain import ledger
from server.domain.points import deeds, earning, earning_rules, expiry, objections, public_notices
from server.domain.points.earning_rules import NewRule
from server.domain.points.grants import S
from server.errors import (
    AlreadyDecided,
    AlreadyObjected,
    HourRuleActive,
    NotEnoughPoints,
    ObjectionsClosed,
    PointsCapReached,
    Refusal,
)
from server.models import Earning, EarningRule, Notice, Objection, Policy, RuleKind, Transfer
from tests import factories
from tests.concurrency import at_once, refused
from tests.conftest import NOW
from tests.factories import points as make_points
from tests.factories.points import has

ROUNDS = 4
LAST_YEAR, NEW_YEAR = datetime(2025, 5, 1, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)


async def test_hours_approved_at_once_keep_to_the_cap(city):
    records = [
        await make_points.record(
            city.grandma, city.stations["邻玉社工站"], 90, began=NOW - timedelta(days=1, minutes=number)
        )
        for number in range(8)
    ]
    approver = city.staff["陈社工"].person_id

    await at_once(*(make_points.earn(record, by=approver) for record in records))

    assert await has(city.grandma.id) == 60
    assert sum(await Earning.all().values_list("points", flat=True)) == 60
    assert (await ledger.audit()).holds


async def test_deeds_approved_at_once_keep_to_a_lowered_cap(city):
    rule = await make_points.rule(city, daily_cap=30)
    claims = [await make_points.claimed(city, rule) for _ in range(6)]
    await EarningRule.filter(id=rule.id).update(daily_cap=12)

    answers = await at_once(*(deeds.approve(one.id, by=city.staff["陈社工"], now=NOW) for one in claims))

    assert refused(answers, PointsCapReached) == 3
    assert await has(city.grandma.id) == 12


async def test_deeds_claimed_at_once_keep_to_the_cap(city):
    rule = await make_points.rule(city, daily_cap=10)

    answers = await at_once(*(make_points.claimed(city, rule) for _ in range(6)))

    assert refused(answers, PointsCapReached) == 4
    assert sum(await Earning.all().values_list("points", flat=True)) == 10


async def test_approvals_of_one_record_at_once_earn_once(city):
    for day in range(1, ROUNDS + 1):
        record = await make_points.record(
            city.grandma, city.stations["邻玉社工站"], 60, began=NOW - timedelta(days=day)
        )

        await at_once(*(make_points.earn(record, by=city.staff["陈社工"].person_id) for _ in range(4)))

        assert await has(city.grandma.id) == 10 * day


async def test_decisions_on_a_deed_at_once_decide_once(city):
    rule = await make_points.rule(city, daily_cap=100, monthly_cap=100)
    for _ in range(ROUNDS):
        before, claim = await has(city.grandma.id), await make_points.claimed(city, rule)

        answers = await at_once(
            deeds.approve(claim.id, by=city.staff["陈社工"], now=NOW),
            deeds.approve(claim.id, by=city.staff["林社工"], now=NOW),
            deeds.refuse(claim.id, reason="不实", by=city.staff["赵站长"], now=NOW),
        )

        assert refused(answers, AlreadyDecided) == 2
        granted = (await Earning.get(id=claim.id)).status == S.GRANTED
        assert await has(city.grandma.id) == before + (5 if granted else 0)


async def test_hour_rules_at_once_leave_one_active(city):
    station, head = city.stations["邻玉社工站"].id, city.staff["赵站长"]
    for _ in range(ROUNDS):
        await EarningRule.all().delete()

        answers = await at_once(
            *(
                earning_rules.create(station, NewRule(RuleKind.HOUR, f"一小时{number}", 5, 10, 50), by=head, now=NOW)
                for number in range(3)
            )
        )

        assert refused(answers, HourRuleActive) == 2
        assert await EarningRule.filter(active=True).count() == 1


async def test_publications_at_once_list_points_once(city):
    rule = await make_points.rule(city, public_notice=True, daily_cap=100, monthly_cap=100)
    station, head = city.stations["邻玉社工站"].id, city.staff["赵站长"]
    for _ in range(4):
        await make_points.approved(city, rule)

    answers = await at_once(*(public_notices.publish(station, title="公示", by=head, now=NOW) for _ in range(3)))

    [notice] = [one for one in answers if not isinstance(one, Refusal)]
    assert await Earning.filter(public_notice_id=notice.id, status=S.LISTED).count() == 4


async def test_objection_at_the_end_of_a_notice_is_in_time_or_refused(city):
    for number in range(ROUNDS):
        rule = await make_points.rule(city, public_notice=True, title=f"公示{number}")
        before, line = await has(city.grandma.id), await make_points.listed(city, rule)
        objector = city.staff["周社工"].person_id

        [objected, ended] = await at_once(
            # Two clocks: for the phone's server the notice still runs, for the job runner it has ended.
            objections.submit(line.id, reason="不实", by=objector, now=NOW),
            public_notices.end(line.public_notice_id, now=NOW + timedelta(days=30)),
        )

        in_time = isinstance(objected, Objection)
        assert in_time or isinstance(objected, ObjectionsClosed)
        assert (await Earning.get(id=line.id)).status == (S.FROZEN if in_time else S.GRANTED)
        assert await has(city.grandma.id) - before == 5 * ended == (0 if in_time else 5)


async def test_objections_of_a_person_at_once_make_one(city):
    line, objector = await make_points.listed(city), city.staff["周社工"].person_id

    answers = await at_once(*(objections.submit(line.id, reason="不实", by=objector, now=NOW) for _ in range(4)))

    assert refused(answers, AlreadyObjected) == 3
    assert await Objection.all().count() == 1


async def test_decision_during_the_end_of_a_notice_grants_once(city):
    for number in range(ROUNDS):
        rule = await make_points.rule(city, public_notice=True, title=f"公示{number}")
        before, line = await has(city.grandma.id), await make_points.listed(city, rule)
        objector = city.staff["周社工"].person_id
        objection = await objections.submit(line.id, reason="不实", by=objector, now=NOW)

        await at_once(
            objections.decide(objection.id, upheld=False, decision="属实", by=city.staff["林社工"], now=NOW),
            public_notices.end(line.public_notice_id, now=NOW + timedelta(days=30)),
        )

        assert (await Earning.get(id=line.id)).status == S.GRANTED
        assert await has(city.grandma.id) - before == 5


async def test_decisions_on_an_objection_at_once_decide_once(city):
    line, objector = await make_points.listed(city), city.staff["周社工"].person_id
    objection = await objections.submit(line.id, reason="不实", by=objector, now=NOW)

    answers = await at_once(
        *(
            objections.decide(objection.id, upheld=upheld, decision="已核实", by=city.staff[name], now=NOW)
            for name, upheld in (("林社工", True), ("赵站长", False), ("林社工", False))
        )
    )

    assert refused(answers, AlreadyDecided) == 2
    assert await Notice.filter(template__startswith="objection_").exclude(template="objection_made").count() == 1


async def test_ends_of_a_notice_at_once_grant_each_entry_once(city, monkeypatch):
    monkeypatch.setattr(public_notices, "GRANTS_PER_RUN", 3)
    rule = await make_points.rule(city, public_notice=True, daily_cap=100, monthly_cap=100)
    for _ in range(7):
        await make_points.approved(city, rule)
    station, later = city.stations["邻玉社工站"].id, NOW + timedelta(days=30)
    notice = await public_notices.publish(station, title="公示", by=city.staff["赵站长"], now=NOW)

    given = await at_once(*(public_notices.end(notice.id, now=later) for _ in range(5)))

    assert sorted(given) == [0, 0, 1, 3, 3]
    assert await has(city.grandma.id) == 35
    assert (await ledger.audit()).holds


async def test_spending_and_taking_back_at_once_leave_one_of_them(city):
    station = city.stations["邻玉社工站"].id
    for number in range(ROUNDS):
        record = await make_points.served(city, 60, began=NOW - timedelta(days=number + 1))
        spent_at = NOW + timedelta(hours=number)

        [taken, spent] = await at_once(
            earning.take_back_for_record(record, by=city.staff["赵站长"].person_id, now=NOW),
            make_points.spend(city.grandma.id, station, 10, spent_at),
        )

        assert isinstance(taken, NotEnoughPoints) != isinstance(spent, NotEnoughPoints)
        assert await has(city.grandma.id) == 0


async def old_points(city, person, points):
    await Policy.get_or_create(name="points_expiry_years", scope="city", defaults={"value": 1, "source": "测试"})
    await make_points.give(person.id, city.stations["邻玉社工站"].id, points, LAST_YEAR)


async def test_expiries_at_once_expire_once(city):
    await old_points(city, city.grandma, 50)

    answers = await at_once(*(expiry.expire(city.grandma.id, year=2025, now=NEW_YEAR) for _ in range(4)))

    assert sorted(answers) == [0, 0, 0, 50]
    assert await has(city.grandma.id) == 0


async def test_hold_and_expiry_at_once_never_use_the_same_points(city):
    for number in range(ROUNDS):
        person = await factories.person(f"居民{number}", NOW)
        await old_points(city, person, 50)

        [lapsed, held] = await at_once(
            expiry.expire(person.id, year=2025, now=NEW_YEAR),
            make_points.hold(person.id, 30, NEW_YEAR),
        )

        assert (lapsed, isinstance(held, NotEnoughPoints)) in {(20, False), (50, True)}
        assert await has(person.id) == 50 - lapsed


async def test_announcements_at_once_notify_once(city):
    await old_points(city, city.grandma, 50)

    await at_once(*(expiry.announce("2025:0", now=NEW_YEAR - timedelta(days=30)) for _ in range(3)))

    assert await Notice.filter(template="points_expiring").count() == 1
    assert await Transfer.filter(kind="expired").count() == 0
