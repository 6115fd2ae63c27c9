"""Stock-taking 盘点: pieces are counted, and the ledger is corrected to the count."""

from datetime import datetime

from server.database import db
from server.domain import audit, ledger
from server.domain.ledger import StatementLine, account_keys
from server.domain.pagination import Window, older
from server.domain.staff import Staff
from server.domain.supermarket import access
from server.domain.supermarket.stock import subject_key
from server.errors import CountBelowHeld
from server.models import StockTaking, TransferKind


@db.transaction
async def count(good_id: int, *, counted_pieces: int, reason: str, by: Staff, now: datetime) -> StockTaking:
    """Record the pieces counted on the shelf, held ones included, and post the difference, as the station's head.

    Raises `CountBelowHeld` for fewer pieces than are on hold for orders.
    """
    good = await access.lock_for_head(good_id, by)
    shelf, counted = account_keys.shelf(good.id), account_keys.counted(good.id)
    locked = await ledger.lock_accounts([shelf, counted])
    shelf_account = locked[shelf]
    if counted_pieces < shelf_account.held:
        raise CountBelowHeld(minimum=shelf_account.held)
    taking = await StockTaking.create(
        good_id=good.id,
        counted_pieces=counted_pieces,
        expected_pieces=shelf_account.balance,
        reason=reason,
        counted_by_id=by.person_id,
        counted_at=now,
    )
    facts = {"counted_pieces": counted_pieces, "expected_pieces": shelf_account.balance, "reason": reason}
    await audit.note("stock.counted", subject_key(good.id), by=by.person_id, now=now, **facts)
    found = counted_pieces - shelf_account.balance
    source, target = (counted, shelf) if found > 0 else (shelf, counted)
    if found:
        cause, kind = f"stock_taking:{taking.id}", TransferKind.COUNTED
        move = ledger.NewTransfer(cause, kind, abs(found), source, target, by.person_id, reason)
        await ledger.post(move, now=now, locked=locked)
    await taking.fetch_related("counted_by")
    return taking


async def list_for_good(good_id: int, by: Staff, window: Window) -> list[StockTaking]:
    """Return a page of the stock-takings of a good of the caller's stations or counties, newest first."""
    await access.require_visible(good_id, by)
    found = StockTaking.filter(older("counted_at", window.after), good_id=good_id).order_by("-counted_at", "-id")
    return await found.limit(window.limit).select_related("counted_by")


async def list_movements(good_id: int, by: Staff, *, before: int | None, limit: int) -> list[StatementLine]:
    """Return all movements of the good's pieces, newest first, with numbers below `before`."""
    await access.require_visible(good_id, by)
    return await ledger.list_entries(account_keys.shelf(good_id), before=before, limit=limit)
