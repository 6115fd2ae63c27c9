"""Minutes that the resident's side offers for help; they are held when a task is published, not before."""

from datetime import datetime

from server.database import db
from server.domain import ledger
from server.domain.ledger import account_keys
from server.domain.needs import access, timeline
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import OPEN, require_status
from server.errors import NotEnoughMinutes, NotFound, TaskOpen
from server.models import MinutesOffer, Need, Task


@db.transaction
async def offer_minutes(need_id: int, minutes: int, *, by: int, now: datetime) -> MinutesOffer:
    """Offer minutes of the caller's own account for help with the need; a new offer replaces the old one.

    Raises `TaskOpen` while a task is open: what was agreed for it does not change. Raises `NotEnoughMinutes` for more
    than the account has now; it may have less when the task is published.
    """
    need = await _lock_need_without_task(need_id, by)
    require_status(need, *OPEN)
    balance = await ledger.get_balance(account_keys.person(by, ledger.MINUTES))
    if minutes > balance.spendable:
        raise NotEnoughMinutes(spendable=balance.spendable)
    await MinutesOffer.filter(need_id=need_id).delete()
    made = await MinutesOffer.create(need_id=need_id, payer_id=by, minutes=minutes, offered_at=now)
    text = f"愿意用时间银行支付{minutes}分钟，发布任务时预留，服务核实后才支付。"
    await timeline.add(need, TimelineEntry("minutes_offered", by, text=text), now=now)
    return made


@db.transaction
async def withdraw(need_id: int, *, by: int, now: datetime) -> None:
    """Withdraw the offer. Raises `TaskOpen`, and `NotFound` if there is no offer."""
    need = await _lock_need_without_task(need_id, by)
    if not await MinutesOffer.filter(need_id=need_id).delete():
        raise NotFound
    await timeline.add(need, TimelineEntry("offer_withdrawn", by, text="不再用时间银行支付。"), now=now)


async def _lock_need_without_task(need_id: int, by: int) -> Need:
    need = await access.lock_for_owner(need_id, by)
    if await Task.exists(need_id=need_id, open=1):
        raise TaskOpen
    return need
