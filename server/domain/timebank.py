"""Time bank 时间银行: give minutes to the family and donate them to a public pool.

Service records earn minutes, and help spends them. A person may use minutes also after they stopped serving.
"""

from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.domain import households, ledger, notifications, policies, reference, stations
from server.domain.ledger import MINUTES, Balance, Key, Locked, NewTransfer, account_keys
from server.domain.notifications import NoticeTemplate
from server.domain.staff import Staff
from server.errors import GiftToSelf, NotFound, NotInHousehold, PoolClosed, RecipientFull
from server.models import Station, StationLevel, TransferKind
from server.models.fields import new_id

MINUTES_GIVEN = NoticeTemplate(
    "minutes_given", title="收到赠送的时间", body="家人赠送给您{minutes}分钟，已存入您的时间银行。"
)


@dataclass(frozen=True)
class Pool:
    """A station's public pool 公益池 and its balance."""

    station: Station
    balance: Balance


async def balance_limit() -> int:
    """Return how many minutes a person may hold."""
    return await policies.number("minutes_balance_limit")


@db.transaction
async def give(minutes: int, *, to: int, by: int, now: datetime) -> Balance:
    """Give minutes to a member of the giver's household and return the giver's balance.

    Raises `GiftToSelf`, `NotInHousehold`, `NotEnoughMinutes`, and `RecipientFull` beyond what a person may hold.
    """
    if to == by:
        raise GiftToSelf
    await _lock_common_household(by, to)
    giver, recipient = account_keys.person(by, MINUTES), account_keys.person(to, MINUTES)
    locked = await _lock_with_space(recipient, minutes, beside=giver)
    move = NewTransfer(f"gift:{new_id()}", TransferKind.GIFT, minutes, giver, recipient, by)
    await ledger.post(move, now=now, locked=locked)
    await notifications.notify([to], MINUTES_GIVEN, now=now, minutes=minutes)
    return Balance(locked[giver].balance, locked[giver].held)


async def _lock_common_household(*person_ids: int) -> None:
    """Lock the household of these people. Raises `NotInHousehold` if they do not share one."""
    household_id = await households.of(person_ids[0])
    if household_id is None:
        raise NotInHousehold
    await households.lock(household_id)
    if not set(person_ids) <= set(await households.members(household_id)):
        raise NotInHousehold


async def _lock_with_space(recipient: Key, minutes: int, *, beside: Key) -> Locked:
    """Return both accounts, locked. Refuse minutes beyond what the recipient may hold."""
    limit = await balance_limit()
    locked = await ledger.lock_accounts([recipient, beside])
    # A giver with too few minutes reads that first, whatever the recipient may hold.
    if minutes <= locked[beside].spendable and locked[recipient].balance + minutes > limit:
        raise RecipientFull
    return locked


@db.transaction
async def donate(minutes: int, *, station_id: int, by: int, now: datetime) -> Balance:
    """Give minutes to an open station's public pool and return the giver's balance.

    Raises `NotFound`, `PoolClosed`, `NotEnoughMinutes`.
    """
    station = await _get_station(station_id)
    if not await stations.lock_operating(station_id):
        raise PoolClosed
    giver, pool = account_keys.person(by, MINUTES), account_keys.pool(station_id)
    locked = await ledger.lock_accounts([giver, pool])
    cause = f"pool_donation:{new_id()}"
    move = NewTransfer(cause, TransferKind.DONATION, minutes, giver, pool, by, note=station.name)
    await ledger.post(move, now=now, locked=locked)
    return Balance(locked[giver].balance, locked[giver].held)


async def _get_station(station_id: int) -> Station:
    """Return a station with a pool. Raises `NotFound`; the city desk has no pool because it has no neighbourhood."""
    station = await reference.station(station_id)
    if station is None or station.level == StationLevel.CITY_DESK:
        raise NotFound
    return station


async def get_pool(station_id: int) -> Pool:
    """Return a station's public pool. Raises `NotFound`."""
    return Pool(await _get_station(station_id), await ledger.get_balance(account_keys.pool(station_id)))


async def get_pool_for_staff(station_id: int, by: Staff) -> Pool:
    """Return the pool to staff of the station and officers of its county. Raises `NotFound` for others."""
    if not by.is_city and station_id not in by.station_ids | by.county_station_ids:
        raise NotFound
    return await get_pool(station_id)
