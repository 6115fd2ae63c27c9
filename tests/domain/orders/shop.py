"""Helpers for the orders' tests: points, goods, orders, and their return."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from server.domain import ledger
from server.domain.ledger import POINTS, account_keys
from server.domain.orders import cancellation, handover, place_order
from server.domain.staff import Staff
from server.models import Good, Order, Person
from tests import factories
from tests.conftest import NOW
from tests.factories import supermarket
from tests.factories.households import household
from tests.factories.timebank import points

TOWN = "邻玉社工站"
WEEK = timedelta(days=7)


async def rice(city: factories.City, pieces: int = 10, station: str = TOWN, **more: Any) -> Good:
    """Rice for 50 points a bag unless changed."""
    return await supermarket.good(city.stations[station], pieces, NOW, **more)


async def with_points(city: factories.City, amount: int, name: str = "李明") -> Person:
    """A new resident with points."""
    person = await factories.person(name, NOW, city.areas["团结村"])
    if amount:
        await points(amount, person.id, city.stations[TOWN], NOW)
    return person


async def family(city: factories.City, *amounts: int) -> Sequence[Person]:
    """People who share a household, with points each."""
    people = [await with_points(city, amount, f"家人{number}") for number, amount in enumerate(amounts)]
    await household(*(person.id for person in people), now=NOW)
    return people


async def order(person: Person, good: Good, pieces: int = 1, now=NOW) -> Order:
    return (await place_order.place(good.station_id, {good.id: pieces}, by=person.id, now=now)).order


async def cancel(made: Order, now=NOW, reason: str = "") -> Order:
    return (await cancellation.cancel(made.id, reason=reason, by=made.person_id, now=now)).order


async def hand_over(made: Order, by: Staff, now=NOW, fetched_by: int | None = None) -> Order:
    code = made.pickup_code
    return (await handover.hand_over(made.station_id, code, fetched_by=fetched_by, by=by, now=now)).order


async def points_of(person: Person) -> tuple[int, int]:
    """Return the person's points, and how many of them are on hold."""
    found = await ledger.get_balance(account_keys.person(person.id, POINTS))
    return found.balance, found.held


async def pieces_of(good: Good) -> tuple[int, int]:
    """Return the pieces on the shelf, and how many of them are on hold."""
    found = await ledger.get_balance(account_keys.shelf(good.id))
    return found.balance, found.held
