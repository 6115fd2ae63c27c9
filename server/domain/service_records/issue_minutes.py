"""Minutes for approved service: issued by the station to the volunteer, and taken back again."""

from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import ledger, policies
from server.domain.ledger import MINUTES, POINTS, account_keys
from server.domain.ledger.account_keys import Key
from server.models import Hold, HoldState, ServiceRecord, Transfer, TransferKind

NOTE = "志愿服务"


def cause_of(record: ServiceRecord) -> str:
    """What the ledger knows the minutes by."""
    return f"service_record:{record.id}:approved"


async def issue(record: ServiceRecord, *, by: int, now: datetime) -> None:
    """Issue the minutes of an approved record, as many as the volunteer may still keep: the rest is honour."""
    db.require_transaction()
    source, target = account_keys.issuing(record.station_id, MINUTES), account_keys.person(record.volunteer_id, MINUTES)
    most = await policies.number("minutes_balance_limit")
    # All that approving moves is locked at once: two who approve never wait for each other crosswise.
    locked = await ledger.lock([source, target, *await _paid_with(record), *_points(record)])
    amount = min(record.minutes, max(0, most - locked[target].balance))
    if not amount:
        return
    note = record.task.title if record.task else NOTE
    move = ledger.Move(cause_of(record), TransferKind.SERVICE, amount, source, target, by, note)
    await ledger.post(move, now=now)
    await ServiceRecord.filter(id=record.id).update(spendable_minutes=amount)
    record.spendable_minutes = amount


async def _paid_with(record: ServiceRecord) -> list[Key]:
    """The account that the task's minutes are held of."""
    hold_id = record.task.hold_id if record.task else None
    hold = await Hold.get_or_none(id=hold_id, state=HoldState.OPEN).select_related("account") if hold_id else None
    return [Key(hold.account.owner, hold.account.unit)] if hold else []


def _points(record: ServiceRecord) -> list[Key]:
    return [account_keys.issuing(record.station_id, POINTS), account_keys.person(record.volunteer_id, POINTS)]


async def take_back(record: ServiceRecord, *, by: int, now: datetime) -> None:
    """Take back what was issued, and give back what was paid for it.

    Raises NotEnoughMinutes when the volunteer has spent them.
    """
    db.require_transaction()
    hold_id = record.task.hold_id if record.task else None
    caused = Q(cause=cause_of(record)) | Q(hold_id=hold_id) if hold_id else Q(cause=cause_of(record))
    found = await Transfer.filter(caused).order_by("id").select_related("source", "target")
    accounts = {Key(one.owner, one.unit) for transfer in found for one in (transfer.source, transfer.target)}
    if accounts:
        await ledger.lock(accounts)
    for transfer in found:
        await ledger.reverse(transfer.id, note="服务记录已撤销", by=by, now=now)
