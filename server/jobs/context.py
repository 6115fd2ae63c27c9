"""What jobs work with besides the database."""

from dataclasses import dataclass

from server.adapters.alarm_gateway import AlarmGateway, Alarms
from server.adapters.clock import Clock
from server.adapters.photo_store import PhotoStore, photo_store
from server.settings import Settings


@dataclass(frozen=True)
class JobContext:
    """The outside as far as jobs need it: no Redis, so that its loss is nothing to them."""

    clock: Clock
    alarms: Alarms
    photos: PhotoStore

    async def close(self) -> None:
        """Let go of every connection."""
        await self.alarms.close()
        await self.photos.close()


def tools_of(settings: Settings, clock: Clock) -> JobContext:
    """The tools as the settings say."""
    photos = photo_store(
        settings.photo_store,
        access_key=settings.photo_store_key.get_secret_value(),
        secret=settings.photo_store_secret.get_secret_value(),
    )
    return JobContext(clock, AlarmGateway(settings.alarm_url), photos)
