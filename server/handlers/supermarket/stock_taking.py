"""盘点: counting the shelf, and what came to it and left it."""

from miniprogram_contract.base import IdPageQuery, Page, PageQuery
from miniprogram_contract.supermarket import NewStockTaking, StockMovement, StockTakingDetail
from server.adapters.clock import Moment
from server.domain.supermarket import stock_taking
from server.errors import CountBelowHeld, HeadRequired
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.supermarket.serializers import shelf_line, stock_taking_shape, window
from server.models import StockTaking

OF_GOOD = "/station/goods/<good_id:int>/stock-takings"


@endpoint(
    "POST",
    OF_GOOD,
    body=NewStockTaking,
    reply=StockTakingDetail,
    status=201,
    roles=Roles.STAFF,
    refuses=(HeadRequired, CountBelowHeld),
)
async def create_stock_taking(good_id: int, body: NewStockTaking, caller: Caller, now: Moment) -> StockTakingDetail:
    """Say how many pieces lie on the shelf of the station one heads; the ledger follows."""
    return stock_taking_shape(await stock_taking.count(good_id, **dict(body), by=caller.scope, now=now))


@endpoint("GET", OF_GOOD, query=PageQuery, reply=Page[StockTakingDetail], roles=Roles.STAFF)
async def list_stock_takings(good_id: int, query: PageQuery, caller: Caller) -> Page[StockTakingDetail]:
    """What was counted of a good, newest first."""
    found = await stock_taking.of_good(good_id, caller.scope, window(query))
    following = cursor.following(found, query.limit, _place)
    return Page[StockTakingDetail](items=[stock_taking_shape(one) for one in found], next=following)


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
    """What came to the shelf of a good and left it, newest first, with the pieces after each."""
    found = await stock_taking.statement(good_id, caller.scope, before=query.after, limit=query.limit)
    following = str(found[-1].number) if len(found) == query.limit else None
    return Page[StockMovement](items=[shelf_line(one) for one in found], next=following)
