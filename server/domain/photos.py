"""Photos: rows about pictures that lie in the photo store."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal

from server.database import db
from server.errors import NotFound, PhotoNotAvailable
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
    return (
        await Photo.filter(need_id=None, subject_key=None, created_at__lt=now - UNUSED_KEPT).order_by("id").limit(most)
    )


@db.transaction
async def forget(photo_id: int) -> bool:
    """Delete the row of an unused photo; False when it was used meanwhile."""
    return bool(await Photo.filter(id=photo_id, need_id=None, subject_key=None).delete())


async def attach(photo_ids: Sequence[int], subject_key: str, *, owner_id: int) -> None:
    """Make unused photos of the owner's belong to a thing, like `good:9`; PhotoNotAvailable when one is not theirs."""
    db.must_be_in_transaction()
    wanted = sorted(set(photo_ids))
    free = Photo.filter(id__in=wanted, owner_id=owner_id, need_id=None, subject_key=None)
    if wanted and await free.update(subject_key=subject_key) != len(wanted):
        raise PhotoNotAvailable(photo_ids=wanted)


async def of_subjects(things: Collection[str]) -> dict[str, list[Photo]]:
    """The photos that belong to each of the things, oldest first."""
    found: dict[str, list[Photo]] = {subject_key: [] for subject_key in things}
    for photo in await Photo.filter(subject_key__in=list(found)).order_by("created_at", "id") if found else []:
        found[str(photo.subject_key)].append(photo)
    return found
