"""The adapters that jobs use."""

from dataclasses import dataclass

from server.adapters.alarm_gateway import AlarmGateway, Alarms
from server.adapters.clock import Clock
from server.adapters.photo_store import PhotoStore
from server.adapters.photo_store_factory import photo_store
from server.settings import Settings


@dataclass(frozen=True)
class JobContext:
    """Clock, alarms and photo store. Jobs use no Redis, so its loss does not affect them."""

    clock: Clock
    alarms: Alarms
    photo_store: PhotoStore

    async def close(self) -> None:
        """Close every connection."""
        await self.alarms.close()
        await self.photo_store.close()


def job_context(settings: Settings, clock: Clock) -> JobContext:
    """Build the context that the settings describe."""
    photos = photo_store(
        settings.photo_store,
        access_key=settings.photo_store_key.get_secret_value(),
        secret=settings.photo_store_secret.get_secret_value(),
    )
    return JobContext(clock, AlarmGateway(settings.alarm_url), photos)
