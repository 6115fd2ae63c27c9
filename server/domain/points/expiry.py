"""Yearly expiry 到期: unspent points expire at the end of the years that they are kept for, the oldest first.

The expiry is announced 30 days before; points that are not announced in time are kept for another year.
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
from server.models import Account, Person, Transfer, TransferKind, Volunteer

ANNOUNCE_JOB, EXPIRE_JOB = "announce_points", "expire_points"
NOTICE_PERIOD = timedelta(days=30)
ACCOUNTS_PER_BATCH = 100
# Debits use the oldest points first. So of the points earned before a moment, those are left that came in until then,
# less all debits ever. A reversal counts at the time of the transfer that it reverses.
UNSPENT_SQL = """
    SELECT e.account_id id, SUM(e.amount) points
    FROM entry e JOIN transfer t ON t.id = e.transfer_id LEFT JOIN transfer o ON o.id = t.reverses_id
    WHERE e.account_id IN ({marks}) AND (
        (t.reverses_id IS NULL AND (e.amount < 0 OR e.at < ?))
        OR (t.reverses_id IS NOT NULL AND (e.amount > 0 OR o.at < ?))
    )
    GROUP BY e.account_id
"""
# Selected by first entries, which never change, so that a batch stays the same when asked for again.
ACCOUNTS_IN_USE_SQL = """
    SELECT a.id, a.owner FROM account a JOIN entry e ON e.account_id = a.id AND e.number = 1
    WHERE a.id > ? AND a.unit = ? AND a.owner LIKE ? AND NOT a.may_overdraw AND e.at < ?
    ORDER BY a.id LIMIT ?
"""


@dataclass(frozen=True)
class Expiry:
    """Points that expire on a day in Shanghai unless they are spent before."""

    points: int
    on: date


@dataclass(frozen=True)
class Batch:
    """A batch of the accounts in use at the end of a year: account ids with their owners' ids."""

    year: int
    owners: dict[int, int]

    @property
    def following(self) -> str | None:
        """The subject of the job for the next batch; None after the last."""
        more = len(self.owners) == ACCOUNTS_PER_BATCH
        return f"{self.year}:{max(self.owners)}" if more else None


def _start_of(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=SHANGHAI)


def _year_of(now: datetime) -> int:
    return now.astimezone(SHANGHAI).year


async def get_next_expiry(person_id: int, *, now: datetime) -> Expiry | None:
    """Return the points of the person that expire at the end of this year; None if points do not expire."""
    kept = await policies.number("points_expiry_years")
    if not kept:
        return None
    year = _year_of(now)
    account = await Account.get_or_none(owner=account_keys.person(person_id, POINTS).owner, unit=POINTS)
    points = (await _unspent([account.id], year - kept)).get(account.id, 0) if account else 0
    return Expiry(points, _start_of(year + 1).date())


async def _unspent(account_ids: Sequence[int], year: int) -> dict[int, int]:
    """Return the points earned until the end of the year and not spent since, by account, if there are any."""
    ends = _start_of(year + 1)
    statement = UNSPENT_SQL.format(marks=db.placeholders(account_ids))
    _, rows = await db.execute(statement, [*account_ids, ends, ends]) if account_ids else (0, [])
    return {row["id"]: int(row["points"]) for row in rows if row["points"] > 0}


@db.transaction
async def schedule_announcement(*, now: datetime) -> None:
    """Schedule, once, the announcement of expiring points from 30 days before the end of a year."""
    kept = await policies.number("points_expiry_years")
    this_year = _year_of(now)
    announced_at = _start_of(this_year + 1) - NOTICE_PERIOD
    if kept and now >= announced_at:
        await job_queue.ensure(ANNOUNCE_JOB, f"{this_year - kept}:0", due=announced_at)


@db.transaction
async def announce(subject: str, *, now: datetime) -> int:
    """Notify the owners of a batch, once, of points that will expire, and schedule the next batch; return how many.

    The last batch schedules the expiry at the end of the year, or 30 days from now if the announcement is late.
    """
    batch = await get_batch(subject)
    lapses_at = max(_start_of(_year_of(now) + 1), now + NOTICE_PERIOD)
    if batch.following is not None:
        first_time = await job_queue.ensure(ANNOUNCE_JOB, batch.following, due=now)
    else:
        first_time = await job_queue.ensure(EXPIRE_JOB, f"{batch.year}:0", due=lapses_at)
    if not first_time:
        return 0
    lapsing = await _unspent(list(batch.owners), batch.year)
    day = lapses_at.astimezone(SHANGHAI).strftime("%Y年%m月%d日")
    for account_id, points in lapsing.items():
        await notifications.notify([batch.owners[account_id]], POINTS_EXPIRING, now=now, points=points, day=day)
    return len(lapsing)


async def get_batch(subject: str) -> Batch:
    """Return the batch of a job's subject: a year, and the account after which the batch begins."""
    year, after = map(int, subject.split(":"))
    values = [after, POINTS, account_keys.person(0, POINTS).owner[:-1] + "%", _start_of(year + 1), ACCOUNTS_PER_BATCH]
    _, rows = await db.execute(ACCOUNTS_IN_USE_SQL, values)
    return Batch(year, {row["id"]: int(row["owner"].partition(":")[2]) for row in rows})


async def list_affected(batch: Batch) -> list[int]:
    """Return the persons of the batch with unspent points earned until the end of its year."""
    return [batch.owners[account_id] for account_id in await _unspent(list(batch.owners), batch.year)]


@db.transaction
async def schedule_next_batch(batch: Batch, *, now: datetime) -> None:
    """Schedule the expiry of the next batch, if there is one."""
    if batch.following is not None:
        await job_queue.ensure(EXPIRE_JOB, batch.following, due=now)


@db.transaction
async def expire(person_id: int, *, year: int, now: datetime) -> int:
    """Expire, once, what the person earned until the end of the year and did not spend; return how many points.

    Points on hold stay: when released, they expire with the next year's.
    """
    kept = await policies.number("points_expiry_years")
    if not kept or year + kept >= _year_of(now):  # the years were prolonged after the announcement
        return 0
    account, cause = account_keys.person(person_id, POINTS), f"points:{person_id}:expired:{year}"
    target = account_keys.expired(await _get_station_id(person_id, now))
    locked = await ledger.lock_accounts([account, target])
    unspent = (await _unspent([locked[account].id], year)).get(locked[account].id, 0)
    points = min(unspent, locked[account].spendable)
    if not points or await Transfer.filter(cause=cause).exists():
        return 0
    note = f"{year}年及以前获得的积分到期"
    move = ledger.NewTransfer(cause, TransferKind.EXPIRED, points, account, target, note=note)
    await ledger.post(move, now=now, locked=locked)
    await notifications.notify([person_id], POINTS_EXPIRED, now=now, year=year, points=points)
    return points


async def _get_station_id(person_id: int, now: datetime) -> int:
    """Return the station that the points go to: the person's station as a volunteer, else their home's, else the city
    desk.
    """
    volunteer = await Volunteer.get_or_none(person_id=person_id)
    if volunteer is not None:
        return volunteer.station_id
    person = await Person.get(id=person_id)
    if person.home_id is None:
        return (await stations.city_desk()).id
    route, _ = await routing.explained(person.home_id, NOT_SURE, stations.today(now))
    return route.station_id
