"""Unspent points expire with the year, the oldest first, a month after their announcement."""

from datetime import UTC, date, datetime, timedelta

import pytest

from server.domain import ledger
from server.domain.points import expiry
from server.domain.points.expiry import Expiry
from server.models import Account, Entry, Job, Notice, Policy, Transfer
from tests import factories
from tests.conftest import NOW
from tests.factories import points as make_points
from tests.factories import volunteers
from tests.factories.points import has

EARLY = datetime(2024, 5, 1, tzinfo=UTC)
LAST_YEAR = datetime(2025, 5, 1, tzinfo=UTC)
MONTH_BEFORE = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)  # midnight in Shanghai
NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)


async def keep(years):
    await Policy.filter(name="points_expiry_years").delete()
    await Policy.create(name="points_expiry_years", scope="city", value=years, source="测试")


@pytest.fixture(autouse=True)
async def _kept_for_a_year(city):
    await keep(1)


async def give(city, points, at, person=None):
    await make_points.give((person or city.grandma).id, city.stations["邻玉社工站"].id, points, at)


async def spend(city, points, at):
    return await make_points.spend(city.grandma.id, city.stations["邻玉社工站"].id, points, at)


async def expire(city, year=2025, now=NEW_YEAR):
    return await expiry.expire(city.grandma.id, year=year, now=now)


async def test_points_unspent_by_the_end_of_the_next_year_expire(city):
    await give(city, 50, LAST_YEAR)
    await give(city, 30, NOW)

    assert await expire(city) == 50

    assert await has(city.grandma.id) == 30
    transfer = await Transfer.get(kind="expired")
    assert (transfer.cause, transfer.by_id) == (f"points:{city.grandma.id}:expired:2025", None)
    assert await Notice.filter(person_id=city.grandma.id, template="points_expired").count() == 1
    assert (await ledger.audit()).holds


async def test_oldest_points_are_spent_first(city):
    await give(city, 50, LAST_YEAR)
    await give(city, 30, NOW)
    await spend(city, 40, NOW)

    assert await expire(city) == 10
    assert await has(city.grandma.id) == 30


async def test_person_who_spent_as_much_as_earned_loses_nothing(city):
    await give(city, 50, LAST_YEAR)
    await give(city, 30, NOW)
    await spend(city, 60, NOW)

    assert await expire(city) == 0
    assert await has(city.grandma.id) == 20


async def test_expired_points_count_as_spent(city):
    await give(city, 20, EARLY)
    await give(city, 50, LAST_YEAR)
    new_year_before = NEW_YEAR - timedelta(days=365)
    assert await expire(city, 2024, new_year_before) == 20

    assert await expire(city) == 50
    assert await has(city.grandma.id) == 0


async def test_year_expires_once(city):
    await give(city, 50, LAST_YEAR)
    hold = await make_points.hold(city.grandma.id, 20, NEW_YEAR - timedelta(hours=1))
    assert await expire(city) == 30
    await ledger.release_holds(hold, now=NEW_YEAR)

    assert await expire(city) == 0

    assert await has(city.grandma.id) == 20


async def test_points_on_hold_expire_with_the_next_year_when_released(city):
    await give(city, 50, LAST_YEAR)
    hold = await make_points.hold(city.grandma.id, 20, NEW_YEAR - timedelta(hours=1))
    await expire(city)
    await ledger.release_holds(hold, now=NEW_YEAR)

    assert await expire(city, 2026, NEW_YEAR + timedelta(days=366)) == 20


async def test_points_that_are_all_on_hold_do_not_expire(city):
    await give(city, 50, LAST_YEAR)
    await make_points.hold(city.grandma.id, 50, NEW_YEAR - timedelta(hours=1))

    assert await expire(city) == 0
    assert await Entry.filter(account__owner=f"person:{city.grandma.id}").count() == 1


async def test_points_taken_back_count_as_never_earned(city):
    await give(city, 50, LAST_YEAR)
    await give(city, 30, NOW)
    first, second = await Transfer.all().order_by("id")
    await ledger.reverse(first.id, note="", by=None, now=NOW)
    assert await expire(city) == 0

    await ledger.reverse(second.id, note="", by=None, now=NOW)
    assert await has(city.grandma.id) == 0


async def test_taking_back_new_points_uses_no_old_ones(city):
    await give(city, 50, LAST_YEAR)
    await give(city, 30, NOW)
    newest = await Transfer.all().order_by("-id").first()
    await ledger.reverse(newest.id, note="", by=None, now=NOW)

    assert await expire(city) == 50


async def test_refunded_points_count_as_unspent(city):
    await give(city, 50, LAST_YEAR)
    spent = await spend(city, 40, LAST_YEAR)
    await ledger.reverse(spent, note="", by=None, now=NOW)

    assert await expire(city) == 50


async def test_year_ends_at_midnight_in_shanghai(city):
    await give(city, 5, datetime(2025, 12, 31, 15, 59, 59, 999_999, tzinfo=UTC))
    await give(city, 7, datetime(2025, 12, 31, 16, 0, tzinfo=UTC))

    assert await expire(city) == 5


async def test_nothing_expires_early_or_under_a_longer_policy(city):
    await give(city, 50, LAST_YEAR)
    assert await expire(city, now=NEW_YEAR - timedelta(seconds=1)) == 0
    for years in (0, 2):
        await keep(years)
        assert await expire(city) == 0

    assert await has(city.grandma.id) == 50


async def lapsed_to(city, person):
    await give(city, 5, LAST_YEAR, person)
    await expiry.expire(person.id, year=2025, now=NEW_YEAR)
    return (await Account.get(owner__endswith=":expired")).owner


async def test_points_expire_to_the_station_of_the_volunteer(city):
    await volunteers.approved(city.grandma, city.stations["蓝田社工站"], NOW)
    assert await lapsed_to(city, city.grandma) == f"station:{city.stations['蓝田社工站'].id}:expired"


async def test_points_expire_to_the_station_of_the_home(city):
    assert await lapsed_to(city, city.grandma) == f"station:{city.stations['邻玉社工站'].id}:expired"


async def test_points_of_a_person_without_a_home_expire_to_the_city_desk(city):
    homeless = await factories.person("无家可归的人", NOW)
    assert await lapsed_to(city, homeless) == f"station:{city.stations['市级服务台'].id}:expired"


async def test_next_expiry_is_shown(city):
    await give(city, 50, LAST_YEAR)
    await give(city, 30, NOW)
    stranger = await factories.person("李大爷", NOW)

    assert await expiry.get_next_expiry(city.grandma.id, now=NOW) == Expiry(50, date(2027, 1, 1))
    assert await expiry.get_next_expiry(stranger.id, now=NOW) == Expiry(0, date(2027, 1, 1))
    await keep(0)
    assert await expiry.get_next_expiry(city.grandma.id, now=NOW) is None


async def test_announcement_is_scheduled_thirty_days_before(city):
    await expiry.schedule_announcement(now=MONTH_BEFORE - timedelta(seconds=1))
    assert await Job.filter(kind="announce_points").count() == 0

    for day in range(30):
        await expiry.schedule_announcement(now=MONTH_BEFORE + timedelta(days=day))

    assert (await Job.get(kind="announce_points")).subject == "2025:0"


async def test_announcement_is_not_scheduled_where_points_do_not_expire(city):
    await keep(0)
    await expiry.schedule_announcement(now=MONTH_BEFORE)

    assert await Job.filter(kind="announce_points").count() == 0


async def test_owners_are_notified_once_of_points_and_day(city):
    await give(city, 50, LAST_YEAR)
    await give(city, 30, NOW)

    assert await expiry.announce("2025:0", now=MONTH_BEFORE) == 1
    assert await expiry.announce("2025:0", now=MONTH_BEFORE) == 0

    told = await Notice.get(person_id=city.grandma.id, template="points_expiring")
    assert "50积分将于2027年01月01日到期" in told.body
    assert (await Job.get(kind="expire_points")).due_at == NEW_YEAR


async def test_late_announcement_postpones_the_expiry_by_thirty_days(city):
    await give(city, 50, LAST_YEAR)
    late = MONTH_BEFORE + timedelta(days=10)

    await expiry.announce("2025:0", now=late)

    assert "2027年01月11日" in (await Notice.get(template="points_expiring")).body
    assert (await Job.get(kind="expire_points")).due_at == late + timedelta(days=30)


async def test_accounts_are_announced_in_batches_once(city, monkeypatch):
    monkeypatch.setattr(expiry, "ACCOUNTS_PER_BATCH", 2)
    people = [await factories.person(f"居民{number}", NOW) for number in range(3)]
    for person in people:
        await give(city, 5, LAST_YEAR, person)
    newcomer = await factories.person("新来的", NOW)
    await give(city, 5, NOW, newcomer)

    told = [await expiry.announce("2025:0", now=MONTH_BEFORE) for _ in range(2)]
    following = (await Job.get(kind="announce_points")).subject
    told += [await expiry.announce(following, now=MONTH_BEFORE) for _ in range(2)]

    assert told == [2, 0, 1, 0]
    assert await Notice.filter(template="points_expiring").count() == 3
    assert await Notice.filter(template="points_expiring", person_id=newcomer.id).count() == 0


async def test_batch_has_affected_owners_and_the_next_batch(city, monkeypatch):
    monkeypatch.setattr(expiry, "ACCOUNTS_PER_BATCH", 1)
    neighbour = await factories.person("刘婶", NOW)
    await give(city, 5, LAST_YEAR)
    await give(city, 5, LAST_YEAR, neighbour)
    await spend(city, 5, LAST_YEAR)

    first = await expiry.get_batch("2025:0")
    await expiry.schedule_next_batch(first, now=NEW_YEAR)
    second = await expiry.get_batch((await Job.get(kind="expire_points")).subject)
    last = await expiry.get_batch(second.following)
    await expiry.schedule_next_batch(last, now=NEW_YEAR)

    assert [await expiry.list_affected(one) for one in (first, second, last)] == [[], [neighbour.id], []]
    assert await Job.filter(kind="expire_points").count() == 1
