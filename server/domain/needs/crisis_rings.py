"""The ringing about crises: one ring for each person and station names all their alerts, until each is acknowledged.

A ringing is three steps: `claim` (a transaction), the call of the alarm gateway, `record` (a transaction). Any process
may do them, also two at once: only one claims, and a repeated call has the same key.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import job_queue, notifications, policies, staff, stations
from server.domain.needs import access, crisis_reach
from server.domain.needs.crisis_reach import Reach
from server.domain.needs.notifications import CRISIS_CALL_FAILED, CRISIS_UNANSWERED
from server.errors import Busy
from server.models import CrisisAlert, CrisisRing, Need
from server.models.fields import new_id

JOB_KIND = "sound_crisis"
# Longer than a call of the gateway may take: then another process rings, with the same key.
CLAIM = timedelta(seconds=15)
# While the gateway refuses a ringing, the next level is tried after each minute.
FAILED_FOR = timedelta(minutes=1)
# A text message has room for so many codes.
MOST_CODES = 10
# A withdrawn need rings no second time; a merged one goes on under another need.
LIVE = """
    a.acknowledged_at IS NULL
    AND (a.sounded_at IS NULL OR NOT EXISTS (
        SELECT 1 FROM need n WHERE n.id = a.need_id AND n.status IN ('withdrawn', 'merged')))
"""

PRESENT = "SELECT id FROM crisis_ring WHERE person_id = ? AND station_id = ? AND current = ?"
# With the number of the person's other rings: their first one comes before the second one of anybody.
PRESENT_WITH_OTHERS = """
    SELECT r.id, (
        SELECT COUNT(*) FROM crisis_ring o WHERE o.person_id = r.person_id AND o.current = 1 AND o.id <> r.id) others
    FROM crisis_ring r WHERE r.person_id = ? AND r.station_id = ? AND r.current = ?
"""


@dataclass(frozen=True)
class Ringing:
    """One call of the alarm gateway. The text has no personal details. A repeated call has the same key."""

    ring_id: int
    number: int
    level: int  # above the number while it fails
    text: str
    phones: Sequence[str]
    alert_ids: Sequence[int]

    @property
    def key(self) -> str:
        climbed = f":{self.level}" if self.level > self.number else ""
        return f"crisis:{self.ring_id}:{self.number}{climbed}"


async def join(need: Need, *, now: datetime) -> int:
    """Add the need to the ring of its person at its station. Return the ring's id.

    The present ring names it the next time: ten minutes have one ring. Without a present ring, because all alerts were
    acknowledged, a new one begins and rings at once.
    """
    db.require_transaction()
    columns: dict[str, Any] = {"person_id": need.person_id, "station_id": need.station_id, "current": 1}
    new = columns | {"id": new_id(), "due_at": now, "sounded": 0, "announced": 0, "failed": -1}
    # Only where there is none: a statement that finds the key taken would lock the gap before it, and with it the first
    # rings of other people.
    insert = f"INSERT INTO crisis_ring ({', '.join(new)}) SELECT {db.placeholders(new)} WHERE NOT EXISTS ({PRESENT})"
    begin = [
        db.statement(f"{insert} {db.unless_taken('crisis_ring', 'id')}", *new.values(), *columns.values()),
        # Locked: it does not end meanwhile.
        db.statement(f"{PRESENT_WITH_OTHERS}{db.for_update()}", *columns.values()),
    ]
    # A ring that was there may have ended before it was locked: the second time a new one begins.
    present = await db.execute_together(begin) or await db.execute_together(begin)
    if not present:
        raise Busy
    ring_id: int = present[0]["id"]
    if ring_id == new["id"]:
        await job_queue.plan(JOB_KIND, ring_id, due=now, behind=present[0]["others"])
    return ring_id


async def end_if_acknowledged(ring_id: int) -> None:
    """End the ring if none of its alerts waits any more."""
    await CrisisRing.filter(id=ring_id).select_for_update().only("id")
    if not await _live_alerts(ring_id):
        await CrisisRing.filter(id=ring_id).update(current=None)


async def _live_alerts(ring_id: int) -> Sequence[dict[str, Any]]:
    _, found = await db.execute(
        f"SELECT a.id, a.need_id FROM crisis_alert a WHERE a.ring_id = ? AND {LIVE} ORDER BY a.raised_at, a.id",  # noqa: S608 - a condition of ours
        [ring_id],
    )
    return found


@db.transaction
async def claim(ring_id: int, *, now: datetime) -> Ringing | None:
    """Return what to send to the gateway now; None if nothing rings, or another process is ringing.

    From the second ringing on, officers get a notice before it. What is not yet due, or is claimed by another process,
    stays planned.
    """
    ring = await CrisisRing.filter(id=ring_id, current=1).select_for_update().first()
    if ring is None:
        return None
    waits_until = max(ring.due_at, ring.claimed_until or ring.due_at)
    if waits_until > now:
        await job_queue.plan(JOB_KIND, ring.id, due=waits_until)
        return None
    alerts = await _live_alerts(ring.id)
    if not alerts:
        await CrisisRing.filter(id=ring.id).update(current=None)
        return None
    needs = await Need.filter(id__in=[row["need_id"] for row in alerts]).order_by("submitted_at", "id")
    level = ring.sounded + _failed_levels(ring, now)
    reach = await _reach(needs, level, now)
    officers = await _notify_officers(ring, needs, now=now)
    alert_ids = [row["id"] for row in alerts]
    await crisis_reach.remember(alert_ids, {*reach.people, *officers}, now=now)
    await CrisisRing.filter(id=ring.id).update(claimed_until=now + CLAIM, announced=ring.sounded)
    return Ringing(ring.id, ring.sounded, level, await _text(needs), reach.phones, alert_ids)


def _failed_levels(ring: CrisisRing, now: datetime) -> int:
    """Return how many levels a ringing that fails has climbed: a phone that the gateway refuses stops nobody else's."""
    return 0 if ring.failed < ring.sounded else int((now - ring.due_at) / FAILED_FOR)


async def _reach(needs: Sequence[Need], rung_before: int, now: datetime) -> Reach:
    found = Reach()
    residents = frozenset[int]().union(*[await access.kept_from(need) for need in needs])
    for station_id in sorted({need.station_id for need in needs}):
        found |= await crisis_reach.reach(station_id, rung_before, residents=residents, now=now)
    return found


async def _text(needs: Sequence[Need]) -> str:
    names = {(await stations.get(need.station_id)).name for need in needs}
    codes = "、".join(need.slip_code for need in needs[:MOST_CODES])
    more = f"等{len(needs)}件" if len(needs) > MOST_CODES else ""
    return f"紧急需求：{'、'.join(sorted(names))}，查询码{codes}{more}，请立即登录处理。"


async def _notify_officers(ring: CrisisRing, needs: Sequence[Need], *, now: datetime) -> Collection[int]:
    """Notify the officers once for each ringing from the second one on; return their ids."""
    if ring.announced >= ring.sounded:
        return ()
    reached = set[int]()
    # After the first such notice about each need, one for each ringing is enough.
    for need in needs if ring.sounded == 1 else needs[:1]:
        station, people = await stations.get(need.station_id), await staff.of_station(need.station_id)
        officers = {*people.officers} - await access.kept_from(need)
        reached |= officers
        await notifications.notify(officers, CRISIS_UNANSWERED, subject_id=need.id, now=now, station=station.name)
    return reached


@db.transaction
async def record(ringing: Ringing, *, now: datetime) -> None:
    """Record that the phones rang, and plan the next ringing. Does nothing if another process did it."""
    ring = await CrisisRing.filter(id=ringing.ring_id, sounded=ringing.number).select_for_update().first()
    if ring is None:
        return
    minutes = await policies.number("crisis_repeat_minutes", station_id=ring.station_id)
    due = now + timedelta(minutes=minutes)
    await CrisisRing.filter(id=ring.id).update(sounded=ring.sounded + 1, due_at=due, claimed_until=None)
    await CrisisAlert.filter(id__in=list(ringing.alert_ids), sounded_at=None).update(sounded_at=now)
    if ring.current is not None:
        await job_queue.plan(JOB_KIND, ring.id, due=due, behind=1)  # first rings of others come before it


@db.transaction
async def record_failure(ringing: Ringing, *, now: datetime) -> None:
    """Free the ring for the next try. Officers and workers get a notice, once a ringing, that no phone rang."""
    ring = CrisisRing.filter(id=ringing.ring_id, sounded=ringing.number)
    if not await ring.update(claimed_until=None):
        return
    if not await ring.filter(failed__lt=ringing.number).update(failed=ringing.number):
        return
    for alert in await CrisisAlert.filter(id__in=list(ringing.alert_ids)).select_related("need").order_by("id"):
        station, found = await stations.get(alert.need.station_id), await staff.of_station(alert.need.station_id)
        people = {*found.officers, *found.acting} - await access.kept_from(alert.need)
        await crisis_reach.remember([alert.id], people, now=now)
        await notifications.notify(people, CRISIS_CALL_FAILED, subject_id=alert.need_id, now=now, station=station.name)


async def list_overdue(before: datetime) -> list[int]:
    """Return the ids of rings that were due before this moment and did not ring, oldest first."""
    found = CrisisRing.filter(current=1, due_at__lte=before).order_by("due_at", "id").limit(20)
    return [ring.id for ring in await found]
