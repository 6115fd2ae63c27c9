"""Time bank 时间银行: what one may do with minutes one has, whether one still serves or not.

Minutes are earned by service records and spent on help elsewhere; here they are given and donated.
"""

from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.domain import households, ledger, notifications, policies, stations
from server.domain.ledger import MINUTES, Balance, Key, Move, account_keys
from server.domain.notifications import NoticeTemplate
from server.domain.staff import Staff
from server.errors import GiftToSelf, NotFound, NotInHousehold, PoolClosed, RecipientFull
from server.models import Station, StationLevel, StationStatus, TransferKind
from server.models.fields import new_id

MINUTES_GIVEN = NoticeTemplate(
    "minutes_given", title="收到赠送的时间", body="家人赠送给您{minutes}分钟，已存入您的时间银行。"
)


@dataclass(frozen=True)
class Pool:
    """A station's public pool 公益池 and what is in it."""

    station: Station
    balance: Balance


async def kept_most() -> int:
    """How many minutes a person may keep."""
    return await policies.number("minutes_balance_limit")


@db.transaction
async def give(minutes: int, *, to: int, by: int, now: datetime) -> Balance:
    """Give minutes to a member of one's household and return what one has left.

    Raises GiftToSelf, NotInHousehold, NotEnoughMinutes, and RecipientFull beyond what a person may keep.
    """
    if to == by:
        raise GiftToSelf
    await _hold_household_of(by, to)
    giver, recipient = account_keys.person(by, MINUTES), account_keys.person(to, MINUTES)
    await _must_have_room(recipient, minutes, beside=giver)
    await ledger.post(Move(f"gift:{new_id()}", TransferKind.GIFT, minutes, giver, recipient, by), now=now)
    await notifications.notify([to], MINUTES_GIVEN, now=now, minutes=minutes)
    return await ledger.balance(giver)


async def _hold_household_of(*person_ids: int) -> None:
    """Keep them in one household until the transaction ends; NotInHousehold when they are not."""
    household_id = await households.of(person_ids[0])
    if household_id is None:
        raise NotInHousehold
    await households.lock(household_id)
    if not set(person_ids) <= set(await households.members(household_id)):
        raise NotInHousehold


async def _must_have_room(recipient: Key, minutes: int, *, beside: Key) -> None:
    """Refuse what they could not keep; both accounts stay locked, so that it holds until the minutes are there."""
    most = await kept_most()
    locked = await ledger.lock([recipient, beside])
    # Who has too little is told that, whatever the other could keep.
    if minutes <= locked[beside].spendable and locked[recipient].balance + minutes > most:
        raise RecipientFull


@db.transaction
async def donate(minutes: int, *, station_id: int, by: int, now: datetime) -> Balance:
    """Give minutes to an open station's public pool and return what one has left.

    Raises NotFound, PoolClosed and NotEnoughMinutes.
    """
    await _station(station_id)
    station = await Station.filter(id=station_id, status=StationStatus.OPEN).select_for_update().first()
    if station is None:
        raise PoolClosed
    giver, cause = account_keys.person(by, MINUTES), f"pool_donation:{new_id()}"
    move = Move(cause, TransferKind.DONATION, minutes, giver, account_keys.pool(station_id), by, note=station.name)
    await ledger.post(move, now=now)
    return await ledger.balance(giver)


async def _station(station_id: int) -> Station:
    """A station with a pool; NotFound for none, and for the city desk, which has no neighbourhood."""
    station = await Station.filter(id=station_id).exclude(level=StationLevel.CITY_DESK).first()
    if station is None:
        raise NotFound
    return station


async def pool(station_id: int) -> Pool:
    """A station's public pool; NotFound for a station that has none."""
    return Pool(await _station(station_id), await ledger.balance(account_keys.pool(station_id)))


async def pool_for(station_id: int, by: Staff) -> Pool:
    """As `pool`, for who works for the station or is an officer of its county; NotFound for others."""
    officers = Station.filter(stations.in_counties_of(by), id=station_id)
    if station_id not in by.station_ids and not await officers.exists():
        raise NotFound
    return await pool(station_id)
