"""Community deeds 积分事项: claimed by the resident or entered at the counter, approved by another person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.database import db
from server.domain import audit, notifications, people, photos, policies, reference, stations, working_time
from server.domain.pagination import Place, later, older
from server.domain.points import access, caps, grants
from server.domain.points.grants import S
from server.domain.points.notifications import DEED_REFUSED
from server.domain.staff import Staff
from server.errors import AlreadyDecided, DeedDayOutOfRange, NotAllowed, NotFound, PointsCapReached, RuleNotAvailable
from server.models import Earning, EarningRule, EarningStatus, Photo, RuleKind
from server.models.fields import new_id


@dataclass(frozen=True)
class DeedClaim:
    """A deed with its day in Shanghai and the station's rule by which it earns points."""

    station_id: int
    rule_id: int
    text: str
    day: date
    photo_ids: Sequence[int] = ()


@db.transaction
async def claim(deed: DeedClaim, *, by: int, now: datetime) -> Earning:
    """Claim points for the caller's own deed. Raises `RuleNotAvailable`, `DeedDayOutOfRange` and `PointsCapReached`."""
    return await _create(deed, person_id=by, by=by, now=now)


@db.transaction
async def enter_at_counter(deed: DeedClaim, *, person_id: int, by: Staff, now: datetime) -> Earning:
    """Enter a deed at the counter for a person that the station knows; a colleague approves it.

    Raises `NotAllowed` for callers without a station, and `NotFound` for a person whom the station does not know.
    """
    if not by.station_ids:
        raise NotAllowed
    if deed.station_id not in by.station_ids or not await _is_known_at(deed.station_id, person_id, by, now):
        raise NotFound
    earning = await _create(deed, person_id=person_id, by=by.person_id, now=now)
    await audit.note(
        "deed.entered", subject_key(earning.id), by=by.person_id, now=now, person=person_id, rule=deed.rule_id
    )
    return earning


KNOWN_SQL = """
    SELECT 1 FROM volunteer WHERE station_id = ? AND person_id = ?
    UNION ALL SELECT 1 FROM earning WHERE station_id = ? AND person_id = ? LIMIT 1
"""


async def _is_known_at(station_id: int, person_id: int, by: Staff, now: datetime) -> bool:
    """Return whether the person had a need at the station, volunteers for it, or earned points there."""
    _, rows = await db.execute(KNOWN_SQL, [station_id, person_id] * 2)
    return bool(rows) or await people.is_known_to_station(person_id, by, at=station_id, now=now)


async def _create(deed: DeedClaim, *, person_id: int, by: int, now: datetime) -> Earning:
    rule = await _require_rule(deed)
    await _require_recent(deed, now)
    number = new_id()
    await photos.attach(deed.photo_ids, subject_key(number), owner_id=by)
    await grants.lock_accounts(person_id, deed.station_id)
    terms = caps.terms_of(rule)
    points = min(terms.points, await caps.points_left(terms, person_id, deed.day, counted=caps.APPROVED_OR_CLAIMED))
    if not points:
        raise PointsCapReached
    earning = await Earning.create(
        id=number,
        cause=subject_key(number),
        status=S.CLAIMED,
        person_id=person_id,
        station_id=deed.station_id,
        rule=rule,
        kind=RuleKind.DEED,
        text=deed.text,
        points=points,
        day=deed.day,
        claimed_by_id=by,
        claimed_at=now,
    )
    return (await reference.attach([earning], "station"))[0]


def subject_key(earning_id: int) -> str:
    """Return the key of a deed for its photos and for the audit trail."""
    return f"deed:{earning_id}"


async def _require_rule(deed: DeedClaim) -> EarningRule:
    """Return the rule; its station stays open until the transaction ends."""
    is_open = await stations.lock_operating(deed.station_id)
    offered = EarningRule.filter(id=deed.rule_id, station_id=deed.station_id, kind=RuleKind.DEED, active=True)
    rule = await offered.first()
    if rule is None or not is_open:
        raise RuleNotAvailable
    return rule


async def _require_recent(deed: DeedClaim, now: datetime) -> None:
    latest = now.astimezone(working_time.SHANGHAI).date()
    days = await policies.number("back_entry_days", station_id=deed.station_id)
    earliest = latest - timedelta(days=days)
    if not earliest <= deed.day <= latest:
        raise DeedDayOutOfRange(earliest=earliest, latest=latest)


@db.transaction
async def approve(earning_id: int, *, by: Staff, now: datetime) -> Earning:
    """Approve a deed: its points are given, or wait for a public notice.

    Raises `AlreadyDecided`, `RuleNotAvailable` if its rule has ended, and `PointsCapReached`.
    """
    earning = await _lock_undecided(earning_id, by, now)
    rule = await EarningRule.get(id=earning.rule_id)
    if not rule.active:
        raise RuleNotAvailable
    terms = caps.terms_of(rule)
    locked = await grants.lock_accounts(earning.person_id, earning.station_id)
    points = min(terms.points, await caps.points_left(terms, earning.person_id, earning.day))
    if not points:
        raise PointsCapReached
    await _decide(earning, by, now, status=S.WAITING, points=points)
    if rule.public_notice:
        await grants.notify_waiting(earning, now=now)
    else:
        await grants.grant([earning], now=now, locked=locked)
    return earning


@db.transaction
async def refuse(earning_id: int, *, reason: str, by: Staff, now: datetime) -> Earning:
    """Refuse a deed with a reason that the person reads. Raises `AlreadyDecided`."""
    earning = await _lock_undecided(earning_id, by, now)
    await _decide(earning, by, now, status=S.REFUSED, decision=reason)
    await notifications.notify([earning.person_id], DEED_REFUSED, subject_id=earning.id, now=now)
    return earning


async def _lock_undecided(earning_id: int, by: Staff, now: datetime) -> Earning:
    """Return the undecided claim, locked, if the caller may decide it."""
    earning = await access.lock_for_station(by, id=earning_id, kind=RuleKind.DEED)
    await access.require_uninvolved(earning, by.person_id, now=now)
    if earning.status != S.CLAIMED:
        raise AlreadyDecided
    return earning


async def _decide(earning: Earning, by: Staff, now: datetime, **changes: object) -> None:
    changes |= {"decided_by_id": by.person_id, "decided_at": now}
    decided = await Earning.filter(id=earning.id, status=S.CLAIMED).update(**changes)
    assert decided, "it is locked, and was undecided"
    earning.update_from_dict(changes)
    facts = {"status": earning.status, "points": earning.points}
    await audit.note("deed.decided", subject_key(earning.id), by=by.person_id, now=now, **facts)


async def list_for_person(person_id: int, *, before: Place | None, limit: int) -> list[Earning]:
    """Return the person's deeds with rule and station, newest first."""
    found = Earning.filter(person_id=person_id, kind=RuleKind.DEED)
    found = found.filter(older("claimed_at", before))
    found = found.order_by("-claimed_at", "-id").limit(limit).select_related("rule")
    return await reference.attach(await found, "station")


async def list_for_staff(by: Staff, *, status: EarningStatus, after: Place | None, limit: int) -> list[Earning]:
    """Return deeds of the caller's stations and counties in a status, oldest first."""
    found = Earning.filter(by.of_stations(), kind=RuleKind.DEED, status=status)
    found = found.filter(later("claimed_at", after))
    found = found.order_by("claimed_at", "id").limit(limit).select_related("rule", "person")
    return await reference.attach(await found, "station")


async def list_photos(earnings: Sequence[Earning]) -> dict[str, list[Photo]]:
    """Return the photos of each deed, by its `subject_key`."""
    return await photos.of_subjects([subject_key(one.id) for one in earnings])
