"""Photos: rows about pictures that lie in the photo store."""

from datetime import datetime, timedelta
from typing import Literal

from server import db
from server.errors import NotFound
from server.models import Photo

UNUSED_KEPT = timedelta(days=1)
PIXELS = {"large": 1600, "small": 320}


def file_name(name: str, size: Literal["large", "small"]) -> str:
    """Where in the store the photo of this name lies in this size."""
    return f"{name}/{PIXELS[size]}.jpg"


@db.transaction
async def add(name: str, *, owner_id: int, width: int, height: int, now: datetime) -> Photo:
    """A photo of its owner's, belonging to nothing yet."""
    return await Photo.create(name=name, owner_id=owner_id, width=width, height=height, created_at=now)


async def one(photo_id: int) -> Photo:
    photo = await Photo.get_or_none(id=photo_id)
    if photo is None:
        raise NotFound
    return photo


async def unused(now: datetime, *, most: int) -> list[Photo]:
    """Photos that belong to nothing after a day."""
    return await Photo.filter(need_id=None, created_at__lt=now - UNUSED_KEPT).order_by("id").limit(most)


@db.transaction
async def forget(photo_id: int) -> bool:
    """Delete the row of an unused photo; False when it was used meanwhile."""
    return bool(await Photo.filter(id=photo_id, need_id=None).delete())
