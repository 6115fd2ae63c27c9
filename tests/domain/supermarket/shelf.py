"""Helpers for the supermarket's tests: pieces on a shelf, and pieces on hold for orders."""

from datetime import timedelta

from server.domain import ledger
from server.domain.ledger import NewHold, account_keys
from server.domain.supermarket import donations, stock_taking
from server.domain.supermarket.donations import DonatedPieces
from server.models import Donation, Good, StockTaking
from tests import factories
from tests.conftest import NOW
from tests.domain.ledger.moving import fresh
from tests.factories import supermarket

LATER = NOW + timedelta(days=7)


async def rice(city: factories.City, pieces: int = 10, station: str = "邻玉社工站", **more) -> Good:
    return await supermarket.good(city.stations[station], pieces, NOW, **more)


async def pieces_of(good: Good) -> tuple[int, int]:
    """Return the pieces on the shelf, and how many of them are on hold."""
    found = await ledger.get_balance(account_keys.shelf(good.id))
    return found.balance, found.held


async def promise(good: Good, pieces: int) -> int:
    """Hold pieces as an order does; return the hold's id."""
    return (await ledger.place_holds(NewHold(fresh("order"), pieces, account_keys.shelf(good.id), LATER), now=NOW))[0]


async def give(city: factories.City, good: Good, pieces: int = 5, by: str = "陈社工", now=NOW, **gift) -> Donation:
    said = DonatedPieces(pieces, **{"donor": "泸州某食品公司", **gift})
    return await donations.receive(good.id, said, by=city.staff[by], now=now)


async def take_back(city: factories.City, donation: Donation, by: str = "赵站长") -> Donation:
    return await donations.reverse(donation.id, reason="录错了", by=city.staff[by], now=NOW)


async def count(city: factories.City, good: Good, pieces: int, by: str = "赵站长", now=NOW) -> StockTaking:
    return await stock_taking.count(good.id, counted_pieces=pieces, reason="月度盘点", by=city.staff[by], now=now)
