"""What is not ours: each a Protocol, the real one, and no mocks. Built in app.py, injected into handlers."""

from dataclasses import dataclass
from datetime import timedelta

from server.adapters.clock import Clock
from server.adapters.county_borders import Borders
from server.adapters.drawing_executor import DrawingExecutor
from server.adapters.photo_sanitizer import Redraw
from server.adapters.photo_store import PhotoStore
from server.adapters.rate_limits import Limits
from server.adapters.redis import RedisCache
from server.adapters.route_cache import Routes
from server.adapters.wechat import WeChat


@dataclass(frozen=True)
class Dependencies:
    """Everything outside of the house, and how long a session is kept."""

    clock: Clock
    memory: RedisCache
    limits: Limits
    routes: Routes
    wechat: WeChat
    photos: PhotoStore
    redraw: Redraw
    drawing: DrawingExecutor
    borders: Borders
    session_kept: timedelta
    public_url: str
    signing_secret: bytes

    async def close(self) -> None:
        """Let go of every connection, and of the threads."""
        for subject_key in (self.memory, self.wechat, self.photos, self.drawing):
            await subject_key.close()
