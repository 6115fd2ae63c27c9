"""Crisis alerts: a person may be in danger, so phones ring at once until a worker acknowledges."""

from collections.abc import Collection, Sequence
from datetime import datetime

from server.database import db
from server.database.condition import select, where
from server.domain import notifications, policies, staff, stations
from server.domain.crisis_words import find_crisis_words
from server.domain.duty import cover
from server.domain.duty.cover import CoveringShift
from server.domain.needs import access, crisis_access, crisis_reach, crisis_rings, timeline
from server.domain.needs.notifications import CRISIS, CRISIS_SEEN, notify_resident
from server.domain.needs.timeline import TimelineEntry
from server.domain.staff import Staff, StationStaff
from server.errors import CrisisNotAcknowledged, CrisisNotOpened
from server.models import CrisisAlert, Need, NeedEvent, Urgency

FIRST = ("police_phone", "ambulance_phone", "counselling_phone")


async def raise_alert(
    need: Need,
    words: Sequence[str],
    *,
    now: datetime,
    shifts: Sequence[CoveringShift] | None = None,
    people: StationStaff | None = None,
) -> None:
    """Raise the alert of a need: notify all workers who could act, and have the job runner ring the duty phones.

    A need whose alert waits already only gets more words. One whose alert was acknowledged is alerted again, and rings
    again. `shifts` are those around its station, and `people` those of it, if the caller has read them.
    """
    db.require_transaction()
    alert, rings_anew = await _raise(need, words, now=now)
    head = await stations.head_station_of(await stations.get(need.station_id))
    shifts = await _shifts_around(need, now) if shifts is None else shifts
    people = people or await staff.of_station(need.station_id)
    need.duty = await cover.state_of(shifts, people, now, await access.kept_from(need))
    text = f"已按紧急情况处理，已发出警报。{cover.in_words(need.duty)}{await _call_first()}"
    entry = TimelineEntry("crisis", None, text=text, note="、".join(words))
    await timeline.add(need, entry, now=now, overseer_id=head.id)
    # Who has the notice already reads the new words with it.
    but = [] if rings_anew else await crisis_reach.list_recipients(need)
    await _notify_workers(need, alert, people, cover.on_duty(shifts, now), but=but, now=now)


async def _call_first() -> str:
    police, ambulance, counselling = (await policies.numbers(*FIRST)).values()
    return f"如有生命危险，请先拨打{police}或{ambulance}；心理援助热线{counselling}。"


async def _raise(need: Need, words: Sequence[str], *, now: datetime) -> tuple[CrisisAlert, bool]:
    """Return the alert, and whether it begins to ring now."""
    ring_id = await crisis_rings.join(need, now=now)
    alert = await CrisisAlert.get_or_none(need_id=need.id) if need.event_count > 1 else None
    if alert is None:
        return await CrisisAlert.create(need_id=need.id, ring_id=ring_id, words=list(words), raised_at=now), True
    alert.words = list(dict.fromkeys([*alert.words, *words]))
    rings_anew = alert.acknowledged_at is not None
    if rings_anew:
        alert.update_from_dict(
            {
                "ring_id": ring_id,
                "raised_at": now,
                "sounded_at": None,
                "acknowledged_by_id": None,
                "acknowledged_at": None,
            }
        )
    await alert.save()
    return alert, rings_anew


async def _notify_workers(
    need: Need,
    alert: CrisisAlert,
    own: StationStaff,
    present: Sequence[CoveringShift],
    *,
    but: Collection[int] = (),
    now: datetime,
) -> None:
    station = await stations.get(need.station_id)
    elsewhere = need.overseer_id if need.overseer_id != station.id else None
    above = (await staff.of_station(elsewhere)).acting if elsewhere is not None else []
    people = {*own.acting, *above, *(shift.person_id for shift in present)} - await access.kept_from(need) - {*but}
    await notifications.notify(people, CRISIS, subject_id=need.id, now=now, station=station.name)
    await crisis_reach.remember([alert.id], people, now=now)


@db.transaction
async def acknowledge(need_id: int, *, by: Staff, now: datetime) -> Need:
    """Acknowledge the alert: it stops ringing, and the timeline shows which worker took it.

    An acknowledged alert stays as it is. Raises `CrisisNotOpened` if the caller has not read the need.
    """
    need = await access.lock_for_crisis(need_id, by)
    await acknowledge_if_opened(need, by=by, now=now)
    await require_heard(need)
    return need


async def tell_of_danger(*needs: Need) -> bool:
    """Return whether one of the needs, or one merged into it, ever was an emergency, or has words of crisis."""
    ids = [need.id for need in needs]
    ids += [one.id for one in await Need.filter(merged_into_id__in=ids).only("id")]
    if await CrisisAlert.filter(need_id__in=ids).exists():
        return True
    # Words in the reason of a reopening, say, were filed as another need, but stand here too.
    return any(find_crisis_words(one.text) for one in await NeedEvent.filter(need_id__in=ids).only("id", "text"))


async def follow(need: Need, *, now: datetime) -> None:
    """Have an alert that nobody has acknowledged ring at the station that took over its locked need."""
    # Only an emergency has an alert.
    waiting = CrisisAlert.get_or_none(need_id=need.id, acknowledged_at=None)
    alert = await waiting if need.urgency == Urgency.EMERGENCY else None
    if alert is None:
        return
    before, alert.ring_id = alert.ring_id, await crisis_rings.join(need, now=now)
    await alert.save(update_fields=["ring_id"])
    await crisis_rings.end_if_acknowledged(before)
    own, present = await staff.of_station(need.station_id), cover.on_duty(await _shifts_around(need, now), now)
    await _notify_workers(need, alert, own, present, now=now)


async def _shifts_around(need: Need, now: datetime) -> Sequence[CoveringShift]:
    return await cover.list_around(need.station_id, now, await access.kept_from(need))


async def hand_over(need: Need, to: Need) -> None:
    """Give the alert of a locked need to the one it is merged into, unless it is over or that one has its own.

    People whom an alert once reached do not read the other need by it. Raises `CrisisNotAcknowledged` if nobody has
    acknowledged it: a plea is not merged away unheard.
    """
    alert = await CrisisAlert.get_or_none(need_id=need.id)
    if alert is None:
        return
    if alert.acknowledged_at is None:
        raise CrisisNotAcknowledged
    lasts = await select("n.id", "need n", where("n.id = ?", need.id) & crisis_access.lasting())
    if lasts and not await CrisisAlert.exists(need_id=to.id):
        await CrisisAlert.filter(id=alert.id).update(need_id=to.id)


async def waits(need_id: int) -> bool:
    """Return whether the need has an alert that nobody has acknowledged."""
    return await CrisisAlert.exists(need_id=need_id, acknowledged_at=None)


async def require_heard(need: Need) -> None:
    """Raise `CrisisNotOpened` if the locked need has an alert that nobody has acknowledged."""
    if need.urgency == Urgency.EMERGENCY and await waits(need.id):
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
        await crisis_rings.end_if_acknowledged((await CrisisAlert.get(need_id=need.id)).ring_id)
        next_step = "正在联系您，请保持电话畅通" if need.contact_phone else await _call_us(need)
        entry = TimelineEntry(
            "crisis_acknowledged",
            by.person_id,
            text=f"值班人员已看到您的求助，{next_step}。",
            acting_for=access.acting_for(need, by),
        )
        await timeline.add(need, entry, now=now)
        await notify_resident(need, CRISIS_SEEN, now=now, next_step=next_step)


async def _call_us(need: Need) -> str:
    phone = (await stations.get(need.station_id)).phone
    call = f"请打{phone}，或者" if phone else "请"
    return f"但没有您的电话：{call}在催办留言里写下您的电话和所在的地方"
