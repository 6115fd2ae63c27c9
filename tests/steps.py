"""Steps of serving a need; each runs the steps before it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from server.domain.needs import access, closing, duplicates, referrals, triage
from server.domain.satisfaction import need_rating
from server.models import Need, Urgency
from tests.factories import City, ratings
from tests.factories.needs import hear


async def accept_need(city: City, need: Need, now: datetime, by: str = "陈社工") -> Need:
    """Accept a need as the worker, or a confidential one as the head. A plea is heard first."""
    scope = city.staff["赵站长" if await access.is_confidential(need) else by]
    if need.urgency == Urgency.EMERGENCY:
        await hear(need, scope, now)
    return await triage.accept(need.id, by=scope, now=now)


async def assign_need(city: City, need: Need, now: datetime, to: str = "陈社工") -> Need:
    await accept_need(city, need, now)
    return await triage.assign(need.id, worker_id=city.staff[to].person_id, by=city.staff["赵站长"], now=now)


async def start_need(city: City, need: Need, now: datetime) -> Need:
    await assign_need(city, need, now)
    return await triage.start(need.id, by=city.staff["陈社工"], now=now)


async def resolve_need(city: City, need: Need, now: datetime) -> Need:
    await start_need(city, need, now)
    return await triage.resolve(
        need.id, outcome="已代购药品并送到家中。", service_minutes=40, by=city.staff["陈社工"], now=now
    )


async def resolve_again(city: City, need: Need, now: datetime) -> Need:
    """Let the head serve the reopened need."""
    await triage.start(need.id, by=city.staff["赵站长"], now=now)
    return await triage.resolve(need.id, outcome="已换好药。", service_minutes=10, by=city.staff["赵站长"], now=now)


async def decline_need(city: City, need: Need, now: datetime) -> Need:
    return await triage.decline(
        need.id, reason="不属于服务范围", alternative_help="街道便民服务中心", by=city.staff["陈社工"], now=now
    )


async def need_in_state(city: City, state: str, now: datetime, *, by: int | None = None) -> Need:
    """Return a new need in the state; a referred one was accepted before."""
    resident, city.now = by or city.grandma.id, now
    need = await city.need(by=resident, area_id=city.areas["团结村"].id)
    made: dict[str, Callable[[], Awaitable[Any]]] = {
        "accepted": lambda: accept_need(city, need, now),
        "assigned": lambda: assign_need(city, need, now),
        "in_progress": lambda: start_need(city, need, now),
        "resolved": lambda: resolve_need(city, need, now),
        "declined": lambda: decline_need(city, need, now),
        "withdrawn": lambda: closing.withdraw(need.id, reason="", by=resident, now=now),
        "referred": lambda: _refer_accepted(city, need, now),
        "reopened": lambda: _reopen(city, need, resident, now),
        "closed": lambda: _close(city, need, resident, now),
        "merged": lambda: _merge(city, need, now),
    }
    if state in made:
        await made[state]()
    need = await Need.get(id=need.id)
    assert need.status == state
    return need


async def _refer_accepted(city: City, need: Need, now: datetime) -> None:
    await accept_need(city, need, now)
    to = city.stations["蓝田社工站"].id
    await referrals.refer(need.id, to_station=to, reason="已搬到蓝田", by=city.staff["陈社工"], now=now)


async def _reopen(city: City, need: Need, resident: int, now: datetime) -> None:
    await resolve_need(city, need, now)
    await closing.reopen(need.id, reason="没有解决", by=resident, now=now)


async def _close(city: City, need: Need, resident: int, now: datetime) -> None:
    await resolve_need(city, need, now)
    await need_rating.rate(need.id, ratings.stars(5), by=resident, now=now)


async def _merge(city: City, need: Need, now: datetime) -> None:
    other = await city.need(by=need.person_id, area_id=need.area_id)
    await duplicates.merge(need.id, into=other.id, by=city.staff["陈社工"], now=now)
