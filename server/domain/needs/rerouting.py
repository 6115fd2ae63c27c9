"""Rerouting: open needs get a new station when stations open, are suspended, close or change what they cover or offer.

The change of the set-up is a brief transaction of its own. A job then moves the needs in portions; until its turn
comes, each need is served by the people of the station that it has.
"""

from collections.abc import Collection
from datetime import date, datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import job_queue, reference, routing, staff, stations
from server.domain.needs import access, crisis_alerts, deadlines, referrals, responsibility
from server.domain.needs.notifications import (
    NEED_ARRIVED,
    NEED_REROUTED,
    REFERRAL_CANCELLED,
    notify_resident,
    notify_station,
)
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import S, move, move_or_stay, status_after_return
from server.domain.reference import Snapshot
from server.domain.routing import Route
from server.domain.working_time import midnight
from server.models import Need, NeedEvent, Referral, Urgency

JOB_KIND = "reroute_needs"
# A change of the set-up waits for one portion at most.
PORTION = 50
# Needs without a worker may move; needs in hand stay with their worker, unless the station no longer operates.
NOT_ASSIGNED = (S.SUBMITTED, S.ACCEPTED)
NOT_ENDED = (*NOT_ASSIGNED, S.ASSIGNED, S.REFERRED, S.IN_PROGRESS, S.REOPENED, S.RESOLVED)


async def plan(station_id: int, *, now: datetime, day: date | None = None) -> None:
    """Plan to move needs after a change of the station, or on the `day` on which coverage of it begins or ends."""
    if day is None:
        await job_queue.plan(JOB_KIND, station_id, due=now)
    else:
        await job_queue.plan(JOB_KIND, f"{station_id} {day}", due=max(now, midnight(day)))


@db.transaction
async def move_portion(subject: str, *, now: datetime) -> bool:
    """Move the first needs that have another station since the change. Return whether these were the last ones.

    If not, the job is planned again. It may be repeated: a need that is where it belongs does not move.
    """
    setup, on = await reference.lock_shared(), stations.today(now)
    need_ids = await _next_needs(setup, subject, on)
    for need in await Need.filter(id__in=need_ids).order_by("id").select_for_update():
        # Under the lock: what was found before it may have changed.
        route = await _route_of(setup, need, on)
        if _moves(setup, need, route):
            await _move(need, route, setup.stations[route.station_id].name, now)
        elif need.referred_to_id is not None and not stations.is_operating(setup, need.referred_to_id):
            await _cancel_referral(need, now)
    if len(need_ids) < PORTION:
        return True
    await job_queue.plan(JOB_KIND, subject, due=now)
    return False


async def has_needs(station_id: int) -> bool:
    """Return whether the station has needs that have not ended, or referrals to answer."""
    needs = Need.filter(station_id=station_id, status__in=NOT_ENDED)
    return await needs.exists() or await Referral.filter(to_station_id=station_id, open=1).exists()


# Entries by which people gave the need to a station: it stays there although routing finds another one.
GIVEN = ("referral_accepted", "head_decides", "appeal_granted", "reopened")


async def _route_of(setup: Snapshot, need: Need, on: date) -> Route:
    kept, is_plea = await access.kept_from(need), need.urgency == Urgency.EMERGENCY
    operates = stations.is_operating(setup, need.station_id)
    if operates and await NeedEvent.exists(need_id=need.id, kind__in=GIVEN):
        return await responsibility.find_from(need, kept=kept)
    found = await responsibility.find(need.area_id, need.category_id, on, kept=kept, is_plea=is_plea)
    return found.route


def _moves(setup: Snapshot, need: Need, route: Route) -> bool:
    leaves = need.status in NOT_ENDED and not stations.is_operating(setup, need.station_id)
    return (leaves or need.status in NOT_ASSIGNED) and need.station_id != route.station_id


async def _next_needs(setup: Snapshot, subject: str, on: date) -> list[int]:
    """Return the ids of a portion of the needs that the change moves."""
    station_id, _, day = subject.partition(" ")
    if day or stations.is_operating(setup, int(station_id)):
        return await _misplaced(setup, _communities(setup, int(station_id), day), int(station_id), on)
    own = Need.filter(station_id=int(station_id), status__in=NOT_ENDED).order_by("id").limit(PORTION)
    referred = Referral.filter(to_station_id=int(station_id), open=1).order_by("need_id").limit(PORTION)
    found = {*await own.values_list("id", flat=True), *await referred.values_list("need_id", flat=True)}
    return sorted(found)[:PORTION]  # type: ignore[return-value]


def _communities(setup: Snapshot, station_id: int, day: str) -> list[int]:
    """Return the areas that the station covers without an end, or from or until the day, with all areas below."""
    rows = [row for some in setup.coverage.values() for row in some if row.station_id == station_id]
    changed = date.fromisoformat(day) if day else None
    covered = {row.area_id for row in rows if (changed in {row.valid_from, row.valid_until} if day else row.current)}
    return [area.id for area in setup.areas.values() if not covered.isdisjoint({area.id, *area.ancestor_ids})]


PLACE = (
    "id",
    "station_id",
    "area_id",
    "category_id",
    "person_id",
    "submitted_by_id",
    "channel",
    "joined_needs",
    "urgency",
    "submitted_at",
)


async def _misplaced(setup: Snapshot, area_ids: Collection[int], changed_id: int, on: date) -> list[int]:
    """Return the ids of a portion of the needs without a worker that do not belong to their station.

    They are of the areas, or of the changed station itself: of people who act there, who may not handle their own, and
    confidential ones, which need a head.
    """
    changed = await staff.of_station(changed_id)
    confidential = setup.category_ids(confidential=True) if not changed.heading else []
    routes: dict[tuple[int, int], int] = {}
    found: list[int] = []
    here = Q(area_id__in=area_ids) | Q(station_id=changed_id)
    for need in await Need.filter(here, status__in=NOT_ASSIGNED).order_by("id").only(*PLACE):
        place = need.area_id, need.category_id
        if place not in routes:
            routes[place] = (await routing.responsible(*place, on)).station_id
        suspect = routes[place] != need.station_id or not {*changed.acting}.isdisjoint(await access.kept_from(need))
        suspect = suspect or (need.station_id == changed_id and need.category_id in confidential)
        if suspect and (await _route_of(setup, need, on)).station_id != need.station_id:
            found.append(need.id)
        if len(found) == PORTION:
            break
    return found


async def _move(need: Need, route: Route, station: str, now: datetime) -> None:
    status = S.ACCEPTED if need.status in {S.ASSIGNED, S.REFERRED, S.IN_PROGRESS, S.REOPENED} else None
    await referrals.end_unanswered(need, now=now)
    await move_or_stay(
        need,
        status,
        TimelineEntry("rerouted", None, text=f"站点有变动，您的需求改由{station}负责，办理期限不变。{route.words}"),
        now=now,
        station_id=route.station_id,
        route=route.words,
        assignee_id=None,
        referred_to_id=None,
    )
    await deadlines.plan_check_now(need, now=now)
    await crisis_alerts.follow(need, now=now)
    await notify_station(need, NEED_ARRIVED, now=now)
    await notify_resident(need, NEED_REROUTED, now=now, station=station)


async def _cancel_referral(need: Need, now: datetime) -> None:
    """Cancel the referral of a locked need to a station that no longer operates; the need stays with its sender."""
    referral = await Referral.get(need_id=need.id, open=1)
    await Referral.filter(id=referral.id).update(open=None, accepted=False, answered_at=now)
    entry = TimelineEntry("referral_returned", None, text="对方站点已停止服务，转介取消，仍由原站点负责。")
    await move(need, status_after_return(need, referral.status_before), entry, now=now, referred_to_id=None)
    await notify_station(need, REFERRAL_CANCELLED, now=now)
