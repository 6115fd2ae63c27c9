"""Minutes for approved service: the station issues them to the volunteer, and a reversal takes them back."""

from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import ledger, policies
from server.domain.ledger import MINUTES, Locked, account_keys
from server.domain.ledger.account_keys import Key
from server.models import ServiceRecord, Transfer, TransferKind

DEFAULT_NOTE = "志愿服务"


def cause_of(record: ServiceRecord) -> str:
    """Return the cause under which the ledger posts the minutes."""
    return f"service_record:{record.id}:approved"


def accounts_of(record: ServiceRecord) -> list[Key]:
    """Return the keys of the accounts that minutes for the record move between: the station's, the volunteer's."""
    return [account_keys.issuing(record.station_id, MINUTES), account_keys.person(record.volunteer_id, MINUTES)]


async def issue(record: ServiceRecord, accounts: Locked, *, by: int, now: datetime) -> None:
    """Issue the minutes of an approved record, up to the volunteer's balance limit; the rest is honour.

    `accounts`: locked, those of `accounts_of(record)` among them.
    """
    source, target = accounts_of(record)
    limit = await policies.number("minutes_balance_limit")
    amount = min(record.minutes, max(0, limit - accounts[target].balance))
    if not amount:
        return
    note = record.task.title if record.task else DEFAULT_NOTE
    move = ledger.NewTransfer(cause_of(record), TransferKind.SERVICE, amount, source, target, by, note)
    await ledger.post(move, now=now, locked=accounts)
    await ServiceRecord.filter(id=record.id).update(spendable_minutes=amount)
    record.spendable_minutes = amount


async def take_back(record: ServiceRecord, *, by: int, now: datetime) -> None:
    """Take the issued minutes back from the volunteer, and give back what was paid for the service.

    Raises `NotEnoughMinutes` if the volunteer has spent them.
    """
    db.require_transaction()
    hold_id = record.task.hold_id if record.task else None
    caused = Q(cause=cause_of(record)) | Q(hold_id=hold_id) if hold_id else Q(cause=cause_of(record))
    found = await Transfer.filter(caused).order_by("id").select_related("source", "target")
    keys = {Key(side.owner, side.unit) for transfer in found for side in (transfer.source, transfer.target)}
    locked = await ledger.lock_accounts(keys)
    for transfer in found:
        await ledger.reverse(transfer.id, note="服务记录已撤销", by=by, now=now, locked=locked)
