"""Rules, service records and points for tests."""

from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import ledger
from server.domain.ledger import POINTS, account_keys
from server.domain.points import deeds, earning, public_notices
from server.domain.points.deeds import DeedClaim
from server.models import (
    Earning,
    EarningRule,
    Household,
    HouseholdMember,
    Person,
    RecordSource,
    RecordStatus,
    RuleKind,
    ServiceRecord,
    Station,
    TransferKind,
)
from tests.conftest import NOW
from tests.factories import City


async def rule(city: City, kind: RuleKind = RuleKind.DEED, **more: Any) -> EarningRule:
    """A rule of 邻玉社工站: 5 points for a deed, at most 10 a day and 30 a month."""
    usual = {"title": "参加院坝会", "points": 5, "daily_cap": 10, "monthly_cap": 30, "written_at": NOW}
    station = more.pop("station", None) or city.stations["邻玉社工站"]
    by = city.staff["赵站长"].person_id
    return await EarningRule.create(kind=kind, station=station, written_by_id=by, **{**usual, **more})


async def record(volunteer: Person, station: Station, minutes: int, **more: Any) -> ServiceRecord:
    """An approved, verified record of this length that began yesterday at ten in Shanghai."""
    began: datetime = more.pop("began", NOW - timedelta(days=1))
    usual = {"status": RecordStatus.APPROVED, "source": RecordSource.CLAIM, "verified": True, "claimed_at": began}
    return await ServiceRecord.create(
        volunteer=volunteer,
        station=station,
        minutes=minutes,
        started_at=began,
        ended_at=began + timedelta(minutes=minutes),
        **{**usual, **more},
    )


async def served(city: City, minutes: int, **more: Any) -> ServiceRecord:
    """A record of 王奶奶's at 邻玉社工站 for which she has got her points."""
    made = await record(city.grandma, city.stations["邻玉社工站"], minutes, **more)
    await earn(made, by=city.staff["陈社工"].person_id)
    return made


@db.transaction
async def earn(record: ServiceRecord, by: int) -> None:
    """Give the points of an approved record, under the lock that its approval takes."""
    accounts = await ledger.lock_accounts(earning.accounts_of(record))
    await earning.earn_for_record(record, accounts, by=by, now=NOW)


async def has(person_id: int) -> int:
    """Return the person's balance of points."""
    return (await ledger.get_balance(account_keys.person(person_id, POINTS))).balance


@db.transaction
async def give(person_id: int, station_id: int, points: int, now: datetime) -> None:
    """Give the person points from the station, earned now."""
    source, target = account_keys.issuing(station_id, POINTS), account_keys.person(person_id, POINTS)
    cause = f"test:{person_id}:{now.isoformat()}"
    await ledger.post(ledger.NewTransfer(cause, TransferKind.POINTS_DEED, points, source, target), now=now)


@db.transaction
async def spend(person_id: int, station_id: int, points: int, now: datetime) -> int:
    """Move points back to the station; return the transfer's id."""
    source, target = account_keys.person(person_id, POINTS), account_keys.issuing(station_id, POINTS)
    cause = f"spent:{person_id}:{now.isoformat()}"
    return (await ledger.post(ledger.NewTransfer(cause, TransferKind.REDEEMED, points, source, target), now=now))[0]


@db.transaction
async def hold(person_id: int, points: int, now: datetime) -> int:
    """Hold points for a week; return the hold's id."""
    wish = ledger.NewHold(f"held:{person_id}", points, account_keys.person(person_id, POINTS), now + timedelta(days=7))
    return (await ledger.place_holds(wish, now=now))[0]


async def household(*people: Person) -> None:
    """Let these people share a household from now on."""
    made = await Household.create(created_at=NOW)
    for one in people:
        await HouseholdMember.create(household=made, person=one, joined_at=NOW, entered_by=one)


async def claimed(city: City, rule: EarningRule, **more: Any) -> Earning:
    """A deed of 王奶奶's today, claimed by her."""
    usual = {"station_id": rule.station_id, "rule_id": rule.id, "text": "打扫楼道", "day": NOW.date()}
    by = more.pop("by", city.grandma.id)
    return await deeds.claim(DeedClaim(**{**usual, **more}), by=by, now=NOW)


async def approved(city: City, rule: EarningRule, **more: Any) -> Earning:
    """A deed as in `claimed`, approved by 陈社工."""
    made = await claimed(city, rule, **more)
    return await deeds.approve(made.id, by=city.staff["陈社工"], now=NOW)


async def listed(city: City, rule: EarningRule | None = None, **more: Any) -> Earning:
    """A deed as in `approved`, under a rule with public notice, listed by 赵站长."""
    made = await approved(city, rule or await rule_with_notice(city), **more)
    station = city.stations["邻玉社工站"]
    await public_notices.publish(station.id, title="三月积分公示", by=city.staff["赵站长"], now=NOW)
    return await Earning.get(id=made.id)


async def rule_with_notice(city: City) -> EarningRule:
    return await rule(city, public_notice=True, title="公示的积分")
