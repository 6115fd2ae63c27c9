"""Steps of serving a need; each runs the steps before it."""

from datetime import datetime

from server.domain.needs import triage
from server.models import Need
from tests.factories import City


async def accept_need(city: City, need: Need, now: datetime, by: str = "陈社工") -> Need:
    return await triage.accept(need.id, by=city.staff[by], now=now)


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
