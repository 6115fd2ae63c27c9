"""Stock-taking 盘点, and the movements of a shelf."""

from miniprogram_contract.base import IdPageQuery, Page, PageQuery
from miniprogram_contract.supermarket import NewStockTaking, StockMovement, StockTakingDetail
from server.adapters.clock import Moment
from server.domain.supermarket import stock_taking
from server.errors import CountBelowHeld, HeadRequired
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.supermarket.serializers import stock_movement, stock_taking_detail, window
from server.models import StockTaking

OF_GOOD = "/station/goods/<good_id:int>/stock-takings"


@endpoint(
    "POST",
    OF_GOOD,
    body=NewStockTaking,
    reply=StockTakingDetail,
    subject=subjects.GOOD,
    status=201,
    roles=Roles.STAFF,
    refuses=(HeadRequired, CountBelowHeld),
)
async def create_stock_taking(good_id: int, body: NewStockTaking, caller: Caller, now: Moment) -> StockTakingDetail:
    """Record the pieces counted on the shelf of a station that the caller heads; the ledger is corrected."""
    return stock_taking_detail(await stock_taking.count(good_id, **dict(body), by=caller.scope, now=now))


@endpoint("GET", OF_GOOD, query=PageQuery, reply=Page[StockTakingDetail], roles=Roles.STAFF)
async def list_stock_takings(good_id: int, query: PageQuery, caller: Caller) -> Page[StockTakingDetail]:
    """List the stock-takings of a good, newest first."""
    found = await stock_taking.list_for_good(good_id, caller.scope, window(query))
    following = cursor.following(found, query.limit, _place)
    return Page[StockTakingDetail](items=[stock_taking_detail(one) for one in found], next=following)


def _place(one: StockTaking) -> cursor.Place:
    return one.counted_at, one.id


@endpoint(
    "GET",
    "/station/goods/<good_id:int>/statement",
    query=IdPageQuery,
    reply=Page[StockMovement],
    roles=Roles.STAFF,
)
async def list_stock_movements(good_id: int, query: IdPageQuery, caller: Caller) -> Page[StockMovement]:
    """List the movements of a good's pieces, newest first, with the pieces after each."""
    found = await stock_taking.list_movements(good_id, caller.scope, before=query.after, limit=query.limit)
    following = str(found[-1].number) if len(found) == query.limit else None
    return Page[StockMovement](items=[stock_movement(one) for one in found], next=following)
