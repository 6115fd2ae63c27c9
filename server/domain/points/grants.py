"""Grants of earned points: from the station's issuing account to the person's, once for each earning."""

from collections.abc import Sequence
from datetime import datetime

from server.database import db
from server.domain import ledger, notifications
from server.domain.ledger import POINTS, Locked, account_keys
from server.domain.points.notifications import POINTS_GRANTED, POINTS_WAITING
from server.models import Earning, EarningRule, EarningStatus, RuleKind, TransferKind

S = EarningStatus

TRANSFER_KINDS = {
    RuleKind.HOUR: TransferKind.POINTS_SERVICE,
    RuleKind.ACTIVITY: TransferKind.POINTS_ACTIVITY,
    RuleKind.DEED: TransferKind.POINTS_DEED,
}
# Terminal states.
ENDED = frozenset({S.GRANTED, S.REFUSED, S.REVERSED})


async def lock_accounts(person_id: int, station_id: int) -> Locked:
    """Lock the accounts that a grant moves points between, so that one transaction at a time counts caps."""
    keys = [account_keys.person(person_id, POINTS), account_keys.issuing(station_id, POINTS)]
    return await ledger.lock_accounts(keys)


def cause_of(earning_id: int) -> str:
    """Return the cause under which the ledger posts the grant."""
    return f"earning:{earning_id}"


async def grant(earnings: Sequence[Earning], *, now: datetime, locked: Locked | None = None) -> None:
    """Grant the points of earnings whose rows are locked and not in a terminal state, and notify each person.

    `locked`: accounts that the caller has locked.
    """
    db.require_transaction()
    ids = [one.id for one in earnings]
    granted = await Earning.filter(id__in=ids, status__not_in=list(ENDED)).update(status=S.GRANTED)
    assert granted == len(earnings), "each was locked, and not ended"
    rules = await EarningRule.filter(id__in=sorted({one.rule_id for one in earnings if one.rule_id}))
    titles: dict[int | None, str] = {rule.id: rule.title for rule in rules}
    await ledger.post(*(_move(one, titles.get(one.rule_id, "")) for one in earnings), now=now, locked=locked)
    for one in earnings:
        one.status = S.GRANTED
        await notifications.notify([one.person_id], POINTS_GRANTED, subject_id=one.id, now=now, points=one.points)


def _move(earning: Earning, title: str) -> ledger.NewTransfer:
    return ledger.NewTransfer(
        cause_of(earning.id),
        TRANSFER_KINDS[earning.kind],
        earning.points,
        account_keys.issuing(earning.station_id, POINTS),
        account_keys.person(earning.person_id, POINTS),
        earning.decided_by_id,
        title,
    )


async def notify_waiting(earning: Earning, *, now: datetime) -> None:
    """Notify the person that an approved earning will be listed in public before it counts."""
    await notifications.notify(
        [earning.person_id], POINTS_WAITING, subject_id=earning.id, now=now, points=earning.points
    )
