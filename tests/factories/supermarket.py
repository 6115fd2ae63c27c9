"""Goods for tests."""

from datetime import datetime
from typing import Any

from server.domain import ledger
from server.domain.ledger import account_keys
from server.models import Good, Station, TransferKind


async def good(station: Station, pieces: int, now: datetime, **more: Any) -> Good:
    """A bag of rice for 50 points unless changed, with this many pieces on the station's shelf."""
    said = {"name": "大米5公斤", "points_price": 50, "created_at": now, **more}
    made = await Good.create(station=station, **said)
    if pieces:
        source, target = account_keys.donors(made.id), account_keys.shelf(made.id)
        cause = f"good:{made.id}:first"
        await ledger.post(ledger.NewTransfer(cause, TransferKind.DONATED, pieces, source, target), now=now)
    return made
