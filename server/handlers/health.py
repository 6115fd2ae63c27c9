"""Is it up, and does it reach what it needs."""

from miniprogram_contract.health import Health, Readiness
from server.adapters import Dependencies
from server.database import db
from server.errors import NotReady
from server.handlers.http import Roles, endpoint


# At once: a database that does not answer is no reason to start the server anew.
@endpoint("GET", "/health", reply=Health, roles=Roles.ANYONE, skips_queue=True)
async def get_health() -> Health:
    """Say that the server runs."""
    return Health(up=True)


@endpoint("GET", "/ready", reply=Readiness, roles=Roles.ANYONE, refuses=(NotReady,))
async def get_readiness(dependencies: Dependencies, is_leaving: bool) -> Readiness:
    """Ready while the database answers; without Redis everything still works, a little slower."""
    if is_leaving:
        raise NotReady(stopping=True)
    if not await db.is_up():
        raise NotReady(stopping=False)
    return Readiness(database=True, redis=await dependencies.cache.is_up())
