"""Crisis alerts: a person may be in danger, so phones ring at once until a worker acknowledges."""

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
    """Raise the alert of a need: notify all workers who could act, and have the job runner ring the duty phones."""
    db.require_transaction()
    alert = await CrisisAlert.create(need_id=need.id, words=list(words), raised_at=now)
    head = await stations.head_station_of(await Station.get(id=need.station_id))
    entry = TimelineEntry("crisis", None, text="已按紧急情况处理，并已通知值班人员。", note="、".join(words))
    await timeline.add(need, entry, now=now, overseer_id=head.id)
    await _notify_workers(need, now=now)
    await job_queue.plan("sound_crisis", alert.id, due=now)


async def _notify_workers(need: Need, *, now: datetime) -> None:
    station = await Station.get(id=need.station_id)
    own, above = [await staff.workers_of(id_) for id_ in (station.id, need.overseer_id or station.id)]
    # A station without workers: its officers are the ones who can act.
    officers = [] if own else await staff.officers(county_id=station.county_id)
    people = {*own, *above, *officers}
    await notifications.notify(people, CRISIS, subject_id=need.id, now=now, station=station.name)


async def alarm_text_and_phones(alert: CrisisAlert) -> tuple[str, list[str]]:
    """Return the text for the alarm gateway, without personal details, and the phone numbers to ring.

    These are the phones of the station and its head station, or the city desk's if neither has one.
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
    """Plan the next ringing unless the alert is acknowledged; from the second ringing on, notify the officers."""
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
    """Notify officers and the station's workers that no phone rang, so that they call by hand."""
    alert = await CrisisAlert.get(id=alert_id).select_related("need", "need__station")
    station = alert.need.station
    people = await staff.officers(county_id=station.county_id) + await staff.workers_of(station.id)
    await notifications.notify(people, CRISIS_CALL_FAILED, subject_id=alert.need_id, now=now, station=station.name)


async def get_unacknowledged(alert_id: int) -> CrisisAlert | None:
    """Return the alert, or None if it is acknowledged."""
    return await CrisisAlert.get_or_none(id=alert_id, acknowledged_at=None)


@db.transaction
async def acknowledge(need_id: int, *, by: Staff, now: datetime) -> Need:
    """Acknowledge the alert: it stops ringing, and the timeline shows which worker took it."""
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
