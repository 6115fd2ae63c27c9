"""Is it up, and does it reach what it needs."""

from miniprogram_contract.health import Health, Readiness
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.database import db
from server.domain import job_runners
from server.errors import NotReady
from server.handlers.http import Roles, endpoint


# At once: a database that does not answer is no reason to start the server anew.
@endpoint("GET", "/health", reply=Health, roles=Roles.ANYONE, skips_queue=True)
async def get_health() -> Health:
    """Say that the server runs."""
    return Health(up=True)


@endpoint("GET", "/ready", reply=Readiness, roles=Roles.ANYONE, refuses=(NotReady,))
async def get_readiness(dependencies: Dependencies, is_leaving: bool, now: Moment) -> Readiness:
    """Ready while the database answers; without Redis everything still works, a little slower.

    A missing job runner is named, and is no reason to take away the instances, which still serve people.
    """
    if is_leaving:
        raise NotReady(stopping=True)
    if not await db.is_up():
        raise NotReady(stopping=False)
    job_runner = await job_runners.is_any_alive(now=now)
    return Readiness(database=True, redis=await dependencies.cache.is_up(), job_runner=job_runner)
