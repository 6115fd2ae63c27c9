"""Yearly expiry 到期: points nobody spent by the end of the years they are kept for lapse, the oldest first.

Announced 30 days before; what is not announced in time is kept for another year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.database import db
from server.domain import job_queue, ledger, notifications, policies, routing, stations
from server.domain.ledger import POINTS, account_keys
from server.domain.points.notifications import POINTS_EXPIRED, POINTS_EXPIRING
from server.domain.routing import NOT_SURE
from server.domain.working_time import SHANGHAI
from server.models import Account, Category, Person, Transfer, TransferKind, Volunteer

ANNOUNCING, EXPIRING = "announce_points", "expire_points"
ANNOUNCED_BEFORE = timedelta(days=30)
ACCOUNTS_AT_ONCE = 100
# Debits take the oldest points first, so that of those earned before a moment is left: what came in until then,
# less all that ever went out. A reversal counts where what it reverses did.
UNSPENT = """
    SELECT e.account_id id, SUM(e.amount) points
    FROM entry e JOIN transfer t ON t.id = e.transfer_id LEFT JOIN transfer o ON o.id = t.reverses_id
    WHERE e.account_id IN ({marks}) AND (
        (t.reverses_id IS NULL AND (e.amount < 0 OR e.at < ?))
        OR (t.reverses_id IS NOT NULL AND (e.amount > 0 OR o.at < ?))
    )
    GROUP BY e.account_id
"""
# By their first entries, which never change: asked again, a batch is the same.
IN_USE = """
    SELECT a.id, a.owner FROM account a JOIN entry e ON e.account_id = a.id AND e.number = 1
    WHERE a.id > ? AND a.unit = ? AND a.owner LIKE ? AND e.at < ?
    ORDER BY a.id LIMIT ?
"""


@dataclass(frozen=True)
class Lapse:
    """So many points are gone from that day on, in Shanghai, unless they are spent before."""

    points: int
    on: date


@dataclass(frozen=True)
class Batch:
    """A part of the accounts that were in use at the end of a year: each one's owner, and what lies behind them."""

    year: int
    owners: dict[int, int]

    @property
    def following(self) -> str | None:
        """The subject of the next batch; None behind the last."""
        more = len(self.owners) == ACCOUNTS_AT_ONCE
        return f"{self.year}:{max(self.owners)}" if more else None


def _start_of(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=SHANGHAI)


def _year_of(now: datetime) -> int:
    return now.astimezone(SHANGHAI).year


async def next_lapse(person_id: int, *, now: datetime) -> Lapse | None:
    """What of the person's points lapses at the end of this year; None where points are kept for ever."""
    kept = await policies.number("points_expiry_years")
    if not kept:
        return None
    year = _year_of(now)
    account = await Account.get_or_none(owner=account_keys.person(person_id, POINTS).owner, unit=POINTS)
    points = (await _unspent([account.id], year - kept)).get(account.id, 0) if account else 0
    return Lapse(points, _start_of(year + 1).date())


async def _unspent(account_ids: Sequence[int], year: int) -> dict[int, int]:
    """Points earned until the end of the year and not spent since, by account, where there are any."""
    ends = _start_of(year + 1)
    statement = UNSPENT.format(marks=db.placeholders(account_ids))
    _, rows = await db.execute(statement, [*account_ids, ends, ends]) if account_ids else (0, [])
    return {row["id"]: int(row["points"]) for row in rows if row["points"] > 0}


@db.transaction
async def watch(*, now: datetime) -> None:
    """From 30 days before the end of a year, have it announced, once, what lapses then."""
    kept = await policies.number("points_expiry_years")
    this_year = _year_of(now)
    announced_at = _start_of(this_year + 1) - ANNOUNCED_BEFORE
    if kept and now >= announced_at:
        await job_queue.ensure(ANNOUNCING, f"{this_year - kept}:0", due=announced_at)


@db.transaction
async def announce(subject: str, *, now: datetime) -> int:
    """Tell owners of a batch what they will lose and when, once, and have the next batch told; returns how many.

    The last one has the points expire, at the year's end or, announced late, 30 days from now.
    """
    batch = await batch_of(subject)
    lapses_at = max(_start_of(_year_of(now) + 1), now + ANNOUNCED_BEFORE)
    if batch.following is not None:
        first_time = await job_queue.ensure(ANNOUNCING, batch.following, due=now)
    else:
        first_time = await job_queue.ensure(EXPIRING, f"{batch.year}:0", due=lapses_at)
    if not first_time:
        return 0
    lapsing = await _unspent(list(batch.owners), batch.year)
    day = lapses_at.astimezone(SHANGHAI).strftime("%Y年%m月%d日")
    for account_id, points in lapsing.items():
        await notifications.notify([batch.owners[account_id]], POINTS_EXPIRING, now=now, points=points, day=day)
    return len(lapsing)


async def batch_of(subject: str) -> Batch:
    """The batch a job's subject names: a year, and the account behind which it begins."""
    year, after = map(int, subject.split(":"))
    values = [after, POINTS, account_keys.person(0, POINTS).owner[:-1] + "%", _start_of(year + 1), ACCOUNTS_AT_ONCE]
    _, rows = await db.execute(IN_USE, values)
    return Batch(year, {row["id"]: int(row["owner"].partition(":")[2]) for row in rows})


async def losing(batch: Batch) -> list[int]:
    """Persons of the batch with points left that were earned until the end of its year."""
    return [batch.owners[account_id] for account_id in await _unspent(list(batch.owners), batch.year)]


@db.transaction
async def go_on(batch: Batch, *, now: datetime) -> None:
    """Have the next batch expire, if there is one."""
    if batch.following is not None:
        await job_queue.ensure(EXPIRING, batch.following, due=now)


@db.transaction
async def expire(person_id: int, *, year: int, now: datetime) -> int:
    """Take what the person earned until the end of the year and did not spend, once; returns how many points.

    What is held stays untouched: released, it lapses with the next year's.
    """
    kept = await policies.number("points_expiry_years")
    if not kept or year + kept >= _year_of(now):  # kept longer since it was announced
        return 0
    account, cause = account_keys.person(person_id, POINTS), f"points:{person_id}:expired:{year}"
    target = account_keys.expired(await _station_of(person_id, now))
    locked = (await ledger.lock([account, target]))[account]
    unspent = (await _unspent([locked.id], year)).get(locked.id, 0)
    points = min(unspent, locked.spendable)
    if not points or await Transfer.filter(cause=cause).exists():
        return 0
    note = f"{year}年及以前获得的积分到期"
    await ledger.post(ledger.Move(cause, TransferKind.EXPIRED, points, account, target, note=note), now=now)
    await notifications.notify([person_id], POINTS_EXPIRED, now=now, year=year, points=points)
    return points


async def _station_of(person_id: int, now: datetime) -> int:
    """Where a person's points lapse to: the station they volunteer for, else their home's, else the city desk."""
    volunteer = await Volunteer.get_or_none(person_id=person_id)
    if volunteer is not None:
        return volunteer.station_id
    person = await Person.get(id=person_id)
    if person.home_id is None:
        return (await stations.city_desk()).id
    anything = await Category.get(code=NOT_SURE)
    return (await routing.responsible(person.home_id, anything.id, stations.today(now))).station_id
