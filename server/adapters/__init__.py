"""What is not ours: each a Protocol, the real one, and no mocks. Built in app.py, injected into handlers."""

from dataclasses import dataclass
from datetime import timedelta

from server.outside.borders import Borders
from server.outside.clock import Clock
from server.outside.drawing_room import DrawingRoom
from server.outside.limits import Limits
from server.outside.photos import PhotoStore
from server.outside.redis import ShortMemory
from server.outside.redraw import Redraw
from server.outside.routes import Routes
from server.outside.wechat import WeChat


@dataclass(frozen=True)
class Outside:
    """Everything outside of the house, and how long a session is kept."""

    clock: Clock
    memory: ShortMemory
    limits: Limits
    routes: Routes
    wechat: WeChat
    photos: PhotoStore
    redraw: Redraw
    drawing: DrawingRoom
    borders: Borders
    session_kept: timedelta
    public_url: str
    signing_secret: bytes

    async def close(self) -> None:
        """Let go of every connection, and of the threads."""
        for thing in (self.memory, self.wechat, self.photos, self.drawing):
            await thing.close()
