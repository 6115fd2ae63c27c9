"""Adapters to everything outside: a Protocol and its real implementation each, without mocks."""

from dataclasses import dataclass
from datetime import timedelta

from server.adapters.clock import Clock
from server.adapters.county_borders import CountyBorders
from server.adapters.drawing_executor import DrawingExecutor
from server.adapters.photo_sanitizer import PhotoSanitizer
from server.adapters.photo_store import PhotoStore
from server.adapters.rate_limits import RateLimiter
from server.adapters.redis import RedisCache
from server.adapters.wechat import WeChat


@dataclass(frozen=True)
class Dependencies:
    """The adapters and settings that handlers receive; `server/app.py` builds them."""

    clock: Clock
    cache: RedisCache
    rate_limiter: RateLimiter
    wechat: WeChat
    photo_store: PhotoStore
    photo_sanitizer: PhotoSanitizer
    drawing_executor: DrawingExecutor
    county_borders: CountyBorders
    session_lifetime: timedelta
    public_url: str
    signing_secret: bytes

    async def close(self) -> None:
        """Close every connection and stop the threads."""
        for adapter in (self.cache, self.wechat, self.photo_store, self.drawing_executor):
            await adapter.close()
