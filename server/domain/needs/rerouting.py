"""Rerouting: open needs get a new station when stations open, are suspended, close or change coverage."""

from collections.abc import Sequence
from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import routing
from server.domain.needs.notifications import (
    NEED_ARRIVED,
    NEED_REROUTED,
    REFERRAL_CANCELLED,
    notify_resident,
    notify_station,
)
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import S, move, move_or_stay, status_after_return
from server.domain.routing import Route
from server.domain.working_time import SHANGHAI
from server.models import Area, Need, Referral, Station

# Needs without a worker may move; needs in hand stay with their worker, unless the station no longer operates.
NOT_ASSIGNED = (S.SUBMITTED, S.ACCEPTED)
NOT_ENDED = (S.SUBMITTED, S.ACCEPTED, S.ASSIGNED, S.REFERRED, S.IN_PROGRESS, S.REOPENED, S.RESOLVED)


async def reroute(*, station_id: int | None, area_ids: Sequence[int], now: datetime) -> int:
    """Move the open needs of a station that no longer operates, and unassigned needs of areas whose coverage changed.

    Runs in the transaction that changes the station. Returns the number of needs moved; each has a timeline entry.
    """
    db.require_transaction()
    affected = Q(status__in=NOT_ASSIGNED, area_id__in=await _communities(area_ids)) if area_ids else Q(id=0)
    if station_id is not None:
        affected |= Q(status__in=NOT_ENDED, station_id=station_id)
    needs = await Need.filter(affected).order_by("id").select_for_update()
    if station_id is not None:
        await _cancel_referrals_to(station_id, now)
    moved = [await _reroute_need(need, now) for need in needs]
    return sum(moved)


async def _communities(area_ids: Sequence[int]) -> list[int]:
    covered = await Area.filter(id__in=list(area_ids))
    below = [Q(ancestry__startswith=f"{area.ancestry}{area.id}/") for area in covered]
    found = Area.filter(Q(Q(id__in=list(area_ids)), *below, join_type="OR"))
    return [area.id for area in await found.only("id")]


async def _cancel_referrals_to(station_id: int, now: datetime) -> None:
    """Cancel open referrals to a station that no longer operates; the needs stay with their senders."""
    for referral in await Referral.filter(to_station_id=station_id, open=1).order_by("need_id"):
        need = await Need.filter(id=referral.need_id).select_for_update().first()
        assert need is not None
        # Checked again under the lock: the station may have answered meanwhile.
        if await Referral.filter(id=referral.id, open=1).update(open=None, accepted=False, answered_at=now):
            entry = TimelineEntry("referral_returned", None, text="对方站点已停止服务，转介取消，仍由原站点负责。")
            await move(need, status_after_return(need, referral.status_before), entry, now=now, referred_to_id=None)
            await notify_station(need, REFERRAL_CANCELLED, now=now)


async def _reroute_need(need: Need, now: datetime) -> bool:
    # `settled` locks the areas: two stations that close at once wait here, and neither gets the other's needs.
    route = await routing.settled(need.area_id, need.category_id, now.astimezone(SHANGHAI).date())
    if route.station_id == need.station_id:
        return False
    status = S.ACCEPTED if need.status in {S.ASSIGNED, S.REFERRED, S.IN_PROGRESS, S.REOPENED} else None
    if need.status == S.REFERRED:
        await Referral.filter(need_id=need.id, open=1).update(open=None, answered_at=now)
    await move_or_stay(
        need,
        status,
        TimelineEntry("rerouted", None, text=await _reroute_text(route)),
        now=now,
        station_id=route.station_id,
        route=route.words,
        assignee_id=None,
        referred_to_id=None,
    )
    await notify_station(need, NEED_ARRIVED, now=now)
    await notify_resident(need, NEED_REROUTED, now=now)
    return True


async def _reroute_text(route: Route) -> str:
    station = await Station.get(id=route.station_id)
    return f"站点有变动，您的需求改由{station.name}负责，办理期限不变。{route.words}"
