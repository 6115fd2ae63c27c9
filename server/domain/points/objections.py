"""Objections 异议 to an entry of a public notice: the entry is frozen until uninvolved staff decide."""

from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, notifications, reference, staff
from server.domain.pagination import Place, later, older
from server.domain.points import access, grants, public_notices
from server.domain.points.grants import S
from server.domain.points.notifications import (
    OBJECTION_MADE,
    OBJECTION_REFUSED,
    OBJECTION_UPHELD,
    POINTS_FROZEN,
    POINTS_REFUSED,
)
from server.domain.staff import Staff
from server.errors import AlreadyDecided, AlreadyObjected, NotFound, ObjectionsClosed, OwnPoints
from server.models import Earning, Objection, PublicNotice


@db.transaction
async def submit(earning_id: int, *, reason: str, by: int, now: datetime) -> Objection:
    """Object, once, to another person's listed points; they are frozen until the decision.

    Raises `NotFound`, `OwnPoints`, `ObjectionsClosed` and `AlreadyObjected`.
    """
    earning = await _lock_listed(earning_id)
    if earning.person_id == by:
        raise OwnPoints
    notice = await PublicNotice.get(id=earning.public_notice_id)
    if earning.status == S.GRANTED or public_notices.is_over(notice, now):
        raise ObjectionsClosed(until=notice.ended_at or notice.ends_at)
    if await Objection.filter(earning_id=earning_id, made_by_id=by).exists():
        raise AlreadyObjected
    await Earning.filter(id=earning_id).update(status=S.FROZEN)
    objection = await Objection.create(earning_id=earning_id, reason=reason, made_by_id=by, made_at=now)
    await _notify_of_objection(earning, objection, now)
    return objection


async def _lock_listed(earning_id: int) -> Earning:
    listed = Earning.filter(
        id=earning_id, public_notice_id__not_isnull=True, status__in=list(public_notices.SHOWN_STATUSES)
    )
    earning = await listed.select_for_update().first()
    if earning is None:
        raise NotFound
    return earning


async def _notify_of_objection(earning: Earning, objection: Objection, now: datetime) -> None:
    if earning.status == S.LISTED:
        await notifications.notify([earning.person_id], POINTS_FROZEN, subject_id=earning.id, now=now)
    acting = (await staff.of_station(earning.station_id)).acting
    await notifications.notify(acting, OBJECTION_MADE, subject_id=objection.id, now=now)


@db.transaction
async def decide(objection_id: int, *, upheld: bool, decision: str, by: Staff, now: datetime) -> Objection:
    """Decide an objection, once: if upheld, the points are refused, else they are listed again or granted.

    Other open objections keep them frozen. Raises `NotFound`, `AlreadyDecided`, and `InvolvedInPoints` for anyone who
    entered, approved, earned or objected to them.
    """
    found = await Objection.filter(id=objection_id).select_related("earning").first()
    if found is None:
        raise NotFound
    assert found.earning.public_notice_id is not None, "only what is listed is objected to"
    notice = await public_notices.lock_notice(found.earning.public_notice_id)
    earning = await access.lock_for_station(by, id=found.earning_id)
    objections = await Objection.filter(earning_id=earning.id)
    parties = [earning.decided_by_id, *(one.made_by_id for one in objections)]
    await access.require_uninvolved(earning, by.person_id, *parties, now=now)
    waiting = {one.id for one in objections if one.decided_at is None}
    if earning.status != S.FROZEN or objection_id not in waiting:
        raise AlreadyDecided
    # A refusal settles all objections to the same points.
    decided = waiting if upheld else {objection_id}
    facts = {"upheld": upheld, "decision": decision, "decided_by_id": by.person_id, "decided_at": now}
    await Objection.filter(id__in=sorted(decided)).update(**facts)
    await _apply_decision(earning, notice, upheld=upheld, decision=decision, more=waiting > decided, now=now)
    await _notify_of_decision([one for one in objections if one.id in decided], upheld=upheld, now=now)
    subject = f"objection:{objection_id}"
    await audit.note("objection.decided", subject, by=by.person_id, now=now, upheld=upheld, earning=earning.id)
    return await Objection.get(id=objection_id).select_related("earning")


async def _apply_decision(
    earning: Earning, notice: PublicNotice, *, upheld: bool, decision: str, more: bool, now: datetime
) -> None:
    if upheld:
        await Earning.filter(id=earning.id).update(status=S.REFUSED, decision=decision)
        await notifications.notify(
            [earning.person_id], POINTS_REFUSED, subject_id=earning.id, now=now, points=earning.points
        )
    elif more:
        return
    elif public_notices.is_over(notice, now):
        await grants.grant([earning], now=now)
    else:
        await Earning.filter(id=earning.id).update(status=S.LISTED)


async def _notify_of_decision(decided: list[Objection], *, upheld: bool, now: datetime) -> None:
    template = OBJECTION_UPHELD if upheld else OBJECTION_REFUSED
    for one in decided:
        await notifications.notify([one.made_by_id], template, subject_id=one.id, now=now)


async def list_for_staff(by: Staff, *, decided: bool, after: Place | None, limit: int) -> list[Objection]:
    """Return objections at the caller's stations and counties, oldest first; none to the caller's own points."""
    found = Objection.filter(by.of_stations("earning__station")).exclude(earning__person_id=by.person_id)
    waiting = Q(decided_at=None, earning__status=S.FROZEN)
    found = found.filter(Q(decided_at__not_isnull=True) if decided else waiting)
    found = found.filter(later("made_at", after))
    lines = found.select_related("earning", "earning__person", "earning__rule", "made_by")
    objections = await lines.order_by("made_at", "id").limit(limit)
    await reference.attach([one.earning for one in objections], "station")
    return objections


async def list_for_person(person_id: int, *, before: Place | None, limit: int) -> list[Objection]:
    """Return the person's objections, newest first."""
    found = Objection.filter(made_by_id=person_id)
    found = found.filter(older("made_at", before))
    return await found.order_by("-made_at", "-id").limit(limit).select_related("earning", "earning__rule")
