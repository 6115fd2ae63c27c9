"""Crisis alerts: a person may be in danger, so phones ring at once until a worker acknowledges."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import job_queue, notifications, policies, staff, stations
from server.domain.needs import access, timeline
from server.domain.needs.notifications import CRISIS, CRISIS_CALL_FAILED, CRISIS_UNANSWERED
from server.domain.needs.timeline import TimelineEntry
from server.domain.staff import Staff
from server.errors import CrisisNotAcknowledged, CrisisNotOpened
from server.models import CrisisAlert, Need


async def raise_alert(need: Need, words: Sequence[str], *, now: datetime) -> None:
    """Raise the alert of a need: notify all workers who could act, and have the job runner ring the duty phones.

    A need whose resident writes words of crisis again has its alert raised again; who acknowledged it must look again.
    """
    db.require_transaction()
    alert = await _raised(need, words, now)
    head = await stations.head_station_of(await stations.get(need.station_id))
    entry = TimelineEntry("crisis", None, text="已按紧急情况处理，并已通知值班人员。", note="、".join(words))
    await timeline.add(need, entry, now=now, overseer_id=head.id)
    await _notify_workers(need, now=now)
    await job_queue.plan("sound_crisis", alert.id, due=now)


async def _raised(need: Need, words: Sequence[str], now: datetime) -> CrisisAlert:
    """Return the alert of the locked need, raised. One that nobody has acknowledged still counts from its beginning."""
    alert = await CrisisAlert.get_or_none(need_id=need.id)
    if alert is None:
        return await CrisisAlert.create(need_id=need.id, words=list(words), raised_at=now)
    changes: dict[str, Any] = {"words": list(dict.fromkeys([*alert.words, *words]))}
    if alert.acknowledged_at is not None:
        changes |= {"raised_at": now, "acknowledged_by_id": None, "acknowledged_at": None}
    await CrisisAlert.filter(id=alert.id).update(**changes)
    return alert.update_from_dict(changes)


async def _notify_workers(need: Need, *, now: datetime) -> None:
    station, own = await stations.get(need.station_id), await staff.of_station(need.station_id)
    elsewhere = need.overseer_id if need.overseer_id != station.id else None
    above = (await staff.of_station(elsewhere)).acting if elsewhere is not None else []
    people = {*own.acting, *above}
    await notifications.notify(people, CRISIS, subject_id=need.id, now=now, station=station.name)


async def alarm_text_and_phones(alert: CrisisAlert) -> tuple[str, list[str]]:
    """Return the text for the alarm gateway, without personal details, and the phone numbers to ring.

    These are the phones of the station and its head station, or the city desk's if neither has one.
    """
    need = await Need.get(id=alert.need_id)
    station = await stations.get(need.station_id)
    head = await stations.head_station_of(station)
    numbers = [one.duty_phone or one.phone for one in (station, head)]
    if not any(numbers):
        desk = await stations.city_desk()
        numbers = [desk.duty_phone or desk.phone]
    text = f"紧急需求：{station.name}，查询码{need.slip_code}，请立即登录处理。"
    return text, list(dict.fromkeys(number for number in numbers if number))


@db.transaction
async def plan_repetition(alert_id: int, *, now: datetime) -> None:
    """Plan the next ringing unless the alert is acknowledged; from the second ringing on, notify the officers."""
    alert = await CrisisAlert.get(id=alert_id)
    if alert.acknowledged_at is not None:
        return
    need = await Need.get(id=alert.need_id)
    minutes = await policies.number("crisis_repeat_minutes", station_id=need.station_id)
    if now >= alert.raised_at + timedelta(minutes=minutes):
        station, people = await stations.get(need.station_id), await staff.of_station(need.station_id)
        await notifications.notify(
            people.officers, CRISIS_UNANSWERED, subject_id=need.id, now=now, station=station.name
        )
    await job_queue.plan("sound_crisis", alert.id, due=now + timedelta(minutes=minutes))


@db.transaction
async def notify_alarm_failed(alert_id: int, *, now: datetime) -> None:
    """Notify officers and the station's workers that no phone rang, so that they call by hand."""
    alert = await CrisisAlert.get(id=alert_id).select_related("need")
    station, found = await stations.get(alert.need.station_id), await staff.of_station(alert.need.station_id)
    people = [*found.officers, *found.acting]
    await notifications.notify(people, CRISIS_CALL_FAILED, subject_id=alert.need_id, now=now, station=station.name)


async def get_unacknowledged(alert_id: int) -> CrisisAlert | None:
    """Return the alert, or None if it is acknowledged."""
    return await CrisisAlert.get_or_none(id=alert_id, acknowledged_at=None)


@db.transaction
async def acknowledge(need_id: int, *, by: Staff, now: datetime) -> Need:
    """Acknowledge the alert: it stops ringing, and the timeline shows which worker took it.

    An acknowledged alert stays as it is. Raises `CrisisNotOpened` if the caller has not read the need.
    """
    need = await access.lock_for_crisis(need_id, by)
    await acknowledge_if_opened(need, by=by, now=now)
    await require_heard(need)
    return need


async def hand_over(need: Need, to: Need) -> None:
    """Give the alert of a locked need to the one it is merged into, unless that one has its own.

    Raises `CrisisNotAcknowledged` if nobody has acknowledged it: a plea is not merged away unheard.
    """
    alert = await CrisisAlert.get_or_none(need_id=need.id)
    if alert is None:
        return
    if alert.acknowledged_at is None:
        raise CrisisNotAcknowledged
    if not await CrisisAlert.exists(need_id=to.id):
        await CrisisAlert.filter(id=alert.id).update(need_id=to.id)


async def require_heard(need: Need) -> None:
    """Raise `CrisisNotOpened` if the locked need has an alert that nobody has acknowledged."""
    if await CrisisAlert.exists(need_id=need.id, acknowledged_at=None):
        raise CrisisNotOpened


# What the resident reads then must be true: a person who has not read the contact cannot contact anybody.
ACKNOWLEDGE = """
    UPDATE crisis_alert SET acknowledged_by_id = ?, acknowledged_at = ? WHERE need_id = ? AND acknowledged_at IS NULL
    AND EXISTS (
        SELECT 1 FROM crisis_opening o
        WHERE o.alert_id = crisis_alert.id AND o.raised_at = crisis_alert.raised_at AND o.person_id = ?)
"""


async def acknowledge_if_opened(need: Need, *, by: Staff, now: datetime) -> None:
    """Acknowledge the alert of a locked need, if it waits and the caller has opened it. Else it goes on ringing."""
    if (await db.execute(ACKNOWLEDGE, [by.person_id, now, need.id, by.person_id]))[0]:
        text, acting_for = "值班人员已看到您的求助，正在联系您。", access.acting_for(need, by)
        await timeline.add(
            need, TimelineEntry("crisis_acknowledged", by.person_id, text=text, acting_for=acting_for), now=now
        )
