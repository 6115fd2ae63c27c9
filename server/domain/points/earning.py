"""Points for approved hours of service, given with the approval and taken back with it."""

from datetime import datetime

from server import db
from server.domain import ledger, notices
from server.domain.points import caps, granting, rules
from server.domain.points.granting import S
from server.domain.workdays import SHANGHAI
from server.models import Earning, ServiceRecord, Transfer

MINUTES_AN_HOUR = 60


def cause_of(record: ServiceRecord) -> str:
    return f"service_record:{record.id}"


@db.transaction
async def for_record(record: ServiceRecord, *, by: int, now: datetime) -> None:
    """Give the volunteer points for an approved record's minutes, at once or after a public notice.

    Honour-only time earns none, caps cut what exceeds them, and the same record earns once.
    """
    terms = await rules.of_hour(record.station_id)
    wanted = record.minutes * terms.points // MINUTES_AN_HOUR
    if not record.verified or not wanted:
        return
    await granting.lock_accounts(record.volunteer_id, record.station_id)
    day = record.started_at.astimezone(SHANGHAI).date()
    points = min(wanted, await caps.left(terms, record.volunteer_id, day))
    if not points or await Earning.filter(cause=cause_of(record)).exists():
        return
    earning = await Earning.create(
        cause=cause_of(record),
        status=S.WAITING,
        person_id=record.volunteer_id,
        station_id=record.station_id,
        rule_id=terms.rule_id,
        kind=terms.kind,
        points=points,
        day=day,
        claimed_at=now,
        decided_by_id=by,
        decided_at=now,
    )
    await (granting.let_wait(earning, now=now) if terms.public_notice else granting.grant([earning], now=now))


@db.transaction
async def take_back_for_record(record: ServiceRecord, *, by: int, now: datetime) -> None:
    """Take back, or never give, what the record earned; NotEnoughPoints when it was spent meanwhile."""
    earning = await Earning.filter(cause=cause_of(record)).select_for_update().first()
    if earning is None or earning.status in {S.REFUSED, S.REVERSED}:
        return
    await Earning.filter(id=earning.id).update(status=S.REVERSED)
    if earning.status != S.GRANTED:
        return
    given = await Transfer.get(cause=granting.cause_of(earning.id))
    await ledger.reverse(given.id, note="服务记录已撤销", by=by, now=now)
    said = f"一条服务记录被撤销，相应的{earning.points}积分已收回。"
    await notices.tell(
        [earning.person_id], "points_taken_back", "积分收回", said, about={"earning": earning.id}, now=now
    )
