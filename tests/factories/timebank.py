"""Minutes and points for tests."""

from datetime import datetime

from server.domain import ledger
from server.domain.ledger import MINUTES, POINTS, NewTransfer, account_keys
from server.models import Station, TransferKind
from server.models.fields import new_id


async def minutes(amount: int, person_id: int, station: Station, now: datetime, note: str = "") -> None:
    """Issue minutes of the station to the person for service."""
    source, target = account_keys.issuing(station.id, MINUTES), account_keys.person(person_id, MINUTES)
    await ledger.post(NewTransfer(f"made:{new_id()}", TransferKind.SERVICE, amount, source, target, note=note), now=now)


async def points(amount: int, person_id: int, station: Station, now: datetime, note: str = "") -> None:
    """Give points of the station to the person for a deed."""
    source, target = account_keys.issuing(station.id, POINTS), account_keys.person(person_id, POINTS)
    await ledger.post(
        NewTransfer(f"made:{new_id()}", TransferKind.POINTS_DEED, amount, source, target, note=note), now=now
    )


async def minutes_of(person_id: int) -> int:
    """Return the person's minutes."""
    return (await ledger.get_balance(account_keys.person(person_id, MINUTES))).balance
