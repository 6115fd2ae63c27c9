"""What is paid for a task: minutes held when it is published, captured when it is approved, released when not."""

from datetime import datetime, timedelta

from tortoise.queryset import QuerySet

from server.domain import ledger
from server.domain.ledger import MINUTES, account_keys
from server.domain.ledger.account_keys import Key
from server.models import Hold, HoldState, MinutesOffer, Payer, Task, TransferKind

TRANSFER_KINDS = {Payer.BENEFICIARY: TransferKind.HELP_PAID, Payer.POOL: TransferKind.POOL_PAID}
# Time for confirming, approving and disputes; then whoever offered them may spend their minutes otherwise.
HOLD_AFTER_END = timedelta(days=60)


async def place_hold(task: Task, minutes: int, account: Key, *, now: datetime) -> int:
    """Hold the minutes for a task that is being published; NotEnoughMinutes when they are not there."""
    wish = ledger.Wish(f"task:{task.id}:payment", minutes, account, task.ends_at + HOLD_AFTER_END)
    return (await ledger.place(wish, now=now))[0]


async def has_expired_hold(task: Task, now: datetime) -> bool:
    """Whether minutes are still held for the task although their time is over."""
    return await _open_hold(task).filter(expires_at__lte=now).exists()


def _open_hold(task: Task) -> QuerySet[Hold]:
    return Hold.filter(id=task.hold_id or 0, state=HoldState.OPEN)


async def settle(task: Task, minutes: int, *, by: int | None, now: datetime) -> None:
    """Pay so many minutes, at most what was held, to the station's issuing account and release the rest.

    Nothing where nothing is held any more; what was held too long goes back unpaid. The ledger comes last in a verb.
    """
    hold = await _open_hold(task).first()
    if hold is None:
        return
    if now >= hold.expires_at:
        await ledger.expire(hold.id, now=now)
    elif minutes == 0:
        await ledger.release(hold.id, now=now)
    else:
        await _pay(task, hold, min(hold.amount, minutes), by, now)


async def _pay(task: Task, hold: Hold, minutes: int, by: int | None, now: datetime) -> None:
    if task.payer == Payer.BENEFICIARY:
        # What was offered is used up: the next task of the need asks again.
        await MinutesOffer.filter(need_id=task.need_id).delete()
    target, kind = account_keys.issuing(task.station_id, MINUTES), TRANSFER_KINDS[task.payer]
    await ledger.capture(ledger.Capture(hold.id, target, kind, minutes, by, task.title), now=now)
