"""Payment for a task: minutes are held at publication, captured at approval, and released if there is none."""

from datetime import datetime, timedelta

from tortoise.queryset import QuerySet

from server.domain import ledger
from server.domain.ledger import MINUTES, Locked, account_keys
from server.domain.ledger.account_keys import Key
from server.models import Hold, HoldState, MinutesOffer, Payer, Task, TransferKind

TRANSFER_KINDS = {Payer.BENEFICIARY: TransferKind.HELP_PAID, Payer.POOL: TransferKind.POOL_PAID}
# Leaves time for confirmation, approval and disputes; then the payer may spend the minutes otherwise.
HOLD_AFTER_END = timedelta(days=60)


async def place_hold(task: Task, minutes: int, account: Key, *, now: datetime) -> int:
    """Hold the minutes for a task that is being published; return the hold's id. Raises `NotEnoughMinutes`."""
    wish = ledger.NewHold(f"task:{task.id}:payment", minutes, account, task.ends_at + HOLD_AFTER_END)
    return (await ledger.place_holds(wish, now=now))[0]


async def has_expired_hold(task: Task, now: datetime) -> bool:
    """Return whether the task still has minutes on hold after the hold has expired."""
    return await _open_hold(task).filter(expires_at__lte=now).exists()


def _open_hold(task: Task) -> QuerySet[Hold]:
    return Hold.filter(id=task.hold_id or 0, state=HoldState.OPEN)


async def accounts_of(task: Task) -> list[Key]:
    """Return the keys of the accounts that `settle` moves minutes between; none without an open hold."""
    hold = await _open_hold(task).select_related("account").first()
    if hold is None:
        return []
    return [Key(hold.account.owner, hold.account.unit), account_keys.issuing(task.station_id, MINUTES)]


async def settle(task: Task, minutes: int, *, by: int | None, now: datetime, locked: Locked | None = None) -> None:
    """Pay the minutes, at most those on hold, to the station's issuing account and release the rest.

    Does nothing without an open hold; minutes of an expired hold go back unpaid. Call it last: ledger locks come last.
    `locked`: accounts that the caller has locked.
    """
    hold = await _open_hold(task).first()
    if hold is None:
        return
    if now >= hold.expires_at:
        await ledger.expire_holds(hold.id, now=now, locked=locked)
    elif minutes == 0:
        await ledger.release_holds(hold.id, now=now, locked=locked)
    else:
        if task.payer == Payer.BENEFICIARY:
            # The offer is used up: the next task of this need requires a new one.
            await MinutesOffer.filter(need_id=task.need_id).delete()
        target, kind = account_keys.issuing(task.station_id, MINUTES), TRANSFER_KINDS[task.payer]
        payment = ledger.Capture(hold.id, target, kind, min(hold.amount, minutes), by, task.title)
        await ledger.capture_holds(payment, now=now, locked=locked)
