"""Transfers, and holds with their captures: ours, and the same statements through bare aiomysql."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from scripts.benchmarks.measuring import Measured, Work, measure
from scripts.benchmarks.replay import Sent, bare_pool, listening, recorded, replay
from scripts.services import MariaDB
from server.database import db, schema
from server.domain import ledger
from server.domain.ledger import POINTS, Capture, NewHold, NewTransfer, account_keys
from server.models import TransferKind

NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)
HANDS = 8
WARM = 200

Maker = Callable[[int], Work]


def disjoint(number: int) -> Work:
    """A transfer between two accounts that nobody else uses at that moment."""
    hand = number % HANDS
    move = NewTransfer(f"disjoint:{number}", TransferKind.GIFT, 1, _person(2 * hand), _person(2 * hand + 1))
    return lambda: ledger.post(move, now=NOW)


def hot(number: int) -> Work:
    """A transfer out of one account that everybody uses."""
    move = NewTransfer(f"hot:{number}", TransferKind.GIFT, 1, _person(0), _person(1 + number % HANDS))
    return lambda: ledger.post(move, now=NOW)


def held_and_captured(number: int) -> Work:
    """A hold and its capture: two transactions."""
    account = _person(number % HANDS)

    async def both() -> None:
        [hold] = await ledger.place_holds(NewHold(f"held:{number}", 1, account, NOW + timedelta(days=1)), now=NOW)
        await ledger.capture_holds(
            Capture(hold, account_keys.issuing(1 + number % HANDS, POINTS), TransferKind.REDEEMED), now=NOW
        )

    return both


KINDS: dict[str, Maker] = {
    "transfers, disjoint accounts": disjoint,
    "transfers, one hot account": hot,
    "hold + capture": held_and_captured,
}


def _person(number: int) -> ledger.Key:
    return account_keys.person(number, POINTS)


async def _prepared(server: MariaDB, name: str) -> str:
    """A database in which everybody has enough."""
    url = server.create_database(name)
    await schema.migrate(url)
    async with db.connected(url, pool=2):
        for number in range(2 * HANDS):
            give = NewTransfer(
                f"given:{number}", TransferKind.GIFT, 10**8, account_keys.issuing(1, POINTS), _person(number)
            )
            await ledger.post(give, now=NOW)
        for number in range(2, HANDS + 1):
            first = NewTransfer(
                f"first:{number}", TransferKind.GIFT, 1, account_keys.issuing(number, POINTS), _person(0)
            )
            await ledger.post(first, now=NOW)
    return url


async def both(server: MariaDB, maker: Maker, count: int) -> tuple[Measured, Measured]:
    """Ours and the ceiling, each on a database that nobody used before."""
    statements: list[list[Sent]] = []

    def recording(work: Work) -> Work:
        async def one() -> None:
            statements.append(await recorded(work))

        return one

    async with db.connected(await _prepared(server, "ours"), pool=HANDS + 2):
        await measure([maker(number) for number in range(WARM)], hands=HANDS)
        ours = await measure([maker(number) for number in range(WARM, WARM + count)], hands=HANDS)
    async with db.connected(await _prepared(server, "recorded"), pool=HANDS + 2):
        with listening():
            await measure([recording(maker(number)) for number in range(WARM + count)], hands=HANDS)
    async with bare_pool(await _prepared(server, "ceiling"), HANDS) as pool:
        await measure([_sending(pool, one) for one in statements[:WARM]], hands=HANDS)
        ceiling = await measure([_sending(pool, one) for one in statements[WARM:]], hands=HANDS)
    return ours, ceiling


def _sending(pool: object, statements: list[Sent]) -> Callable[[], Awaitable[None]]:
    return lambda: replay(pool, statements)
