"""Give minutes within a household and donate them to public pools 公益池."""

from miniprogram_contract.base import StationPageQuery
from miniprogram_contract.timebank import MinutesBalance, NewMinutesDonation, NewMinutesGift, PoolBalance, PoolStatement
from server.adapters.clock import Moment
from server.domain import timebank
from server.domain.ledger import account_keys
from server.domain.timebank import Pool
from server.errors import GiftToSelf, NotEnoughMinutes, NotFound, NotInHousehold, PoolClosed, RecipientFull
from server.handlers import subjects
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.needs.serializers import station_reference
from server.handlers.statements import minutes_balance, statement_page


@endpoint(
    "POST",
    "/timebank/gifts",
    body=NewMinutesGift,
    reply=MinutesBalance,
    subject=subjects.OWN,
    status=201,
    refuses=(GiftToSelf, NotInHousehold, NotEnoughMinutes, RecipientFull),
)
async def give_minutes(body: NewMinutesGift, caller: Caller, now: Moment) -> MinutesBalance:
    """Give minutes to a member of the household; answers the giver's balance."""
    return await minutes_balance(await timebank.give(body.minutes, to=body.person_id, by=caller.person_id, now=now))


@endpoint(
    "POST",
    "/timebank/donations",
    body=NewMinutesDonation,
    reply=MinutesBalance,
    subject=subjects.OWN,
    status=201,
    refuses=(NotFound, PoolClosed, NotEnoughMinutes),
)
async def donate_minutes(body: NewMinutesDonation, caller: Caller, now: Moment) -> MinutesBalance:
    """Donate minutes to a station's public pool; answers the giver's balance."""
    return await minutes_balance(
        await timebank.donate(body.minutes, station_id=body.station_id, by=caller.person_id, now=now)
    )


@endpoint("GET", "/timebank/pools/<station_id:int>", reply=PoolBalance, roles=Roles.ANYONE)
async def get_pool(station_id: int) -> PoolBalance:
    """Show the balance of a station's public pool."""
    return _pool(await timebank.get_pool(station_id))


@endpoint(
    "GET", "/station/timebank/pool", query=StationPageQuery, reply=PoolStatement, roles=Roles.STAFF, refuses=(NotFound,)
)
async def get_pool_statement(query: StationPageQuery, caller: Caller) -> PoolStatement:
    """List what came to a pool and left it, newest first, for staff and officers of the county."""
    found = await timebank.get_pool_for_staff(query.station, caller.scope)
    page = await statement_page(account_keys.pool(query.station), query)
    return PoolStatement(items=page.items, next=page.next, pool=_pool(found))


def _pool(found: Pool) -> PoolBalance:
    return PoolBalance(
        station=station_reference(found.station),
        minutes=found.balance.balance,
        held=found.balance.held,
        spendable=found.balance.spendable,
    )
