"""Points for approved service, given and taken back with the approval, and points for attending activities."""

from collections.abc import Sequence
from datetime import date, datetime

from server.database import db
from server.domain import ledger, notifications
from server.domain.ledger import POINTS, Locked, account_keys
from server.domain.ledger.account_keys import Key
from server.domain.points import caps, earning_rules, grants
from server.domain.points.grants import S
from server.domain.points.notifications import POINTS_TAKEN_BACK
from server.domain.working_time import SHANGHAI
from server.models import Attendee, Earning, EarningRule, ServiceRecord, Transfer

MINUTES_PER_HOUR = 60


def cause_of(record: ServiceRecord) -> str:
    return f"service_record:{record.id}"


def accounts_of(record: ServiceRecord) -> list[Key]:
    """Return the keys of the accounts that points for the record move between: the station's, the volunteer's."""
    return [account_keys.issuing(record.station_id, POINTS), account_keys.person(record.volunteer_id, POINTS)]


async def earn_for_record(record: ServiceRecord, accounts: Locked, *, by: int, now: datetime) -> None:
    """Give the volunteer points for an approved record's minutes, at once or after a public notice.

    Honour-only time earns none, caps cut what exceeds them, and the same record earns once. `accounts` are locked,
    those of `accounts_of(record)` among them, so that concurrent approvals do not use up the same rest of a cap.
    """
    db.require_transaction()
    terms = await earning_rules.get_hour_terms(record.station_id)
    full_points = record.minutes * terms.points // MINUTES_PER_HOUR
    if not record.verified or not full_points:
        return
    day = record.started_at.astimezone(SHANGHAI).date()
    points = min(full_points, await caps.points_left(terms, record.volunteer_id, day))
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
    if terms.public_notice:
        await grants.notify_waiting(earning, now=now)
    else:
        await grants.grant([earning], now=now, locked=accounts)


@db.transaction
async def take_back_for_record(record: ServiceRecord, *, by: int, now: datetime) -> None:
    """Reverse what the record earned, granted or still waiting. Raises `NotEnoughPoints` if the points were spent."""
    earning = await Earning.filter(cause=cause_of(record)).select_for_update().first()
    if earning is None or earning.status in {S.REFUSED, S.REVERSED}:
        return
    await Earning.filter(id=earning.id).update(status=S.REVERSED)
    if earning.status != S.GRANTED:
        return
    given = await Transfer.get(cause=grants.cause_of(earning.id))
    await ledger.reverse(given.id, note="服务记录已撤销", by=by, now=now)
    await notifications.notify(
        [earning.person_id], POINTS_TAKEN_BACK, subject_id=earning.id, now=now, points=earning.points
    )


async def causes_granted_for(record: ServiceRecord) -> list[str]:
    """Return the cause under which the ledger posted the record's points; empty if it has none."""
    granted = await Earning.filter(cause=cause_of(record), status=S.GRANTED).only("id").first()
    return [grants.cause_of(granted.id)] if granted is not None else []


def cause_of_attendee(attendee_id: int) -> str:
    return f"attendee:{attendee_id}"


@db.transaction
async def earn_for_attendees(attendees: Sequence[Attendee], rule: EarningRule, *, day: date, now: datetime) -> None:
    """Give each attendee the points of a rule for the day, at once or after a public notice.

    Caps cut what exceeds them, and the same attendance earns once.
    """
    people = {one.person_id for one in attendees if one.person_id}
    if not people:
        return
    # One lock in the order of keys, so that what is left under a cap is counted by one transaction at a time.
    locked = await ledger.lock_accounts(
        [account_keys.issuing(rule.station_id, POINTS), *(account_keys.person(one, POINTS) for one in people)]
    )
    causes = [cause_of_attendee(one.id) for one in attendees]
    earned = {one["cause"] for one in await Earning.filter(cause__in=causes).values("cause")}
    new = [one for one in attendees if cause_of_attendee(one.id) not in earned]
    earnings = [made for one in new if (made := await _create_for_attendee(one, rule, day, now))]
    if rule.public_notice:
        for made in earnings:
            await grants.notify_waiting(made, now=now)
    elif earnings:
        await grants.grant(earnings, now=now, locked=locked)


async def _create_for_attendee(attendee: Attendee, rule: EarningRule, day: date, now: datetime) -> Earning | None:
    """Create the earning of an attendee, claimed by the worker who checked them in; None if the cap leaves nothing."""
    assert attendee.person_id is not None, "only who has an account has points"
    terms = caps.terms_of(rule)
    points = min(terms.points, await caps.points_left(terms, attendee.person_id, day))
    if not points:
        return None
    return await Earning.create(
        cause=cause_of_attendee(attendee.id),
        status=S.WAITING,
        person_id=attendee.person_id,
        station_id=rule.station_id,
        rule_id=rule.id,
        kind=rule.kind,
        points=points,
        day=day,
        claimed_by_id=attendee.checked_in_by_id,
        claimed_at=now,
        decided_at=now,
    )
