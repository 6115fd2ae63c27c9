"""Crisis: somebody may be in danger. It reaches a person at once; it is never only a row in a queue."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from server.database import db
from server.domain import job_queue, notifications, policies, staff, stations
from server.domain.needs import access, timeline
from server.domain.needs.notifications import CRISIS, CRISIS_CALL_FAILED, CRISIS_UNANSWERED
from server.domain.needs.timeline import TimelineEntry
from server.domain.staff import Staff
from server.models import CrisisAlert, Need, Station


async def raise_alert(need: Need, words: Sequence[str], *, now: datetime) -> None:
    """Raise the alert of a need: duty phones by the worker within seconds, notices to everybody who could act."""
    db.require_transaction()
    alert = await CrisisAlert.create(need_id=need.id, words=list(words), raised_at=now)
    head = await stations.head_station_of(await Station.get(id=need.station_id))
    entry = TimelineEntry("crisis", None, text="已按紧急情况处理，并已通知值班人员。", note="、".join(words))
    await timeline.add(need, entry, now=now, overseer_id=head.id)
    await _notify_workers(need, now=now)
    await job_queue.plan("sound_crisis", alert.id, due=now)


async def _notify_workers(need: Need, *, now: datetime) -> None:
    station = await Station.get(id=need.station_id)
    here, above = [await staff.workers_of(one) for one in (station.id, need.overseer_id or station.id)]
    # Where nobody works, somebody must be told who can change that.
    officers = [] if here else await staff.officers(county_id=station.county_id)
    people = {*here, *above, *officers}
    await notifications.notify(people, CRISIS, subject_id=need.id, now=now, station=station.name)


async def alarm_text_and_phones(alert: CrisisAlert) -> tuple[str, list[str]]:
    """What the gateway is told: a sentence without personal details, and the phones of station and head station.

    Where neither has one the city desk's rings.
    """
    need = await Need.get(id=alert.need_id).select_related("station")
    head = await stations.head_station_of(need.station)
    numbers = [station.duty_phone or station.phone for station in (need.station, head)]
    if not any(numbers):
        desk = await stations.city_desk()
        numbers = [desk.duty_phone or desk.phone]
    text = f"紧急需求：{need.station.name}，查询码{need.slip_code}，请立即登录处理。"
    return text, list(dict.fromkeys(number for number in numbers if number))


@db.transaction
async def plan_repetition(alert_id: int, *, now: datetime) -> None:
    """Sound it again after a while until somebody acknowledges it; officers learn of it the second time."""
    alert = await CrisisAlert.get(id=alert_id)
    if alert.acknowledged_at is not None:
        return
    need = await Need.get(id=alert.need_id).select_related("station")
    minutes = await policies.number("crisis_repeat_minutes", station_id=need.station_id)
    if now >= alert.raised_at + timedelta(minutes=minutes):
        await notifications.notify(
            await staff.officers(county_id=need.station.county_id),
            CRISIS_UNANSWERED,
            subject_id=need.id,
            now=now,
            station=need.station.name,
        )
    await job_queue.plan("sound_crisis", alert.id, due=now + timedelta(minutes=minutes))


@db.transaction
async def notify_alarm_failed(alert_id: int, *, now: datetime) -> None:
    """No phone rang: officers and everybody who could act are told to see to it by hand."""
    alert = await CrisisAlert.get(id=alert_id).select_related("need", "need__station")
    station = alert.need.station
    people = await staff.officers(county_id=station.county_id) + await staff.workers_of(station.id)
    await notifications.notify(people, CRISIS_CALL_FAILED, subject_id=alert.need_id, now=now, station=station.name)


async def get_unacknowledged(alert_id: int) -> CrisisAlert | None:
    """The alert while nobody acknowledged it."""
    return await CrisisAlert.get_or_none(id=alert_id, acknowledged_at=None)


@db.transaction
async def acknowledge(need_id: int, *, by: Staff, now: datetime) -> Need:
    """A worker says: I have it. The alert stops; who took it stands on the timeline."""
    need = await access.lock_for_station_or_overseer(need_id, by)
    taken = await CrisisAlert.filter(need_id=need.id, acknowledged_at=None).update(
        acknowledged_by_id=by.person_id, acknowledged_at=now
    )
    if taken:
        elsewhere = None if need.station_id in by.station_ids else need.overseer_id
        entry = TimelineEntry(
            "crisis_acknowledged", by.person_id, text="值班人员已看到，正在联系您。", acting_for=elsewhere
        )
        await timeline.add(need, entry, now=now)
    return need
