"""Photos: rows about the pictures in the photo store."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal

from server.database import db, rows
from server.errors import NotFound, PhotoNotAvailable
from server.models import Need, Photo

UNUSED_KEPT = timedelta(days=1)
PIXELS = {"large": 1600, "small": 320}


def file_name(name: str, size: Literal["large", "small"]) -> str:
    """Return the file name of a photo in the store, in this size."""
    return f"{name}/{PIXELS[size]}.jpg"


@db.transaction
async def add(name: str, *, owner_id: int, width: int, height: int, now: datetime) -> Photo:
    """Add a photo that belongs to its owner alone, until it is attached."""
    return await Photo.create(name=name, owner_id=owner_id, width=width, height=height, created_at=now)


async def one(photo_id: int) -> Photo:
    photo = await Photo.get_or_none(id=photo_id)
    if photo is None:
        raise NotFound
    return photo


async def unused(now: datetime, *, most: int) -> list[Photo]:
    """Return photos that still belong to nothing after a day."""
    return (
        await Photo.filter(need_id=None, subject_key=None, created_at__lt=now - UNUSED_KEPT).order_by("id").limit(most)
    )


@db.transaction
async def forget(photo_id: int) -> bool:
    """Delete the row of an unused photo. Returns False if it was used meanwhile."""
    return bool(await Photo.filter(id=photo_id, need_id=None, subject_key=None).delete())


async def attach_to_entry(photo_ids: Collection[int], need: Need, *, owner_id: int) -> None:
    """Attach unused photos of the owner to the newest entry of a locked need's timeline.

    Raises `PhotoNotAvailable`.
    """
    db.require_transaction()
    wanted = sorted(set(photo_ids))
    free = Photo.filter(id__in=wanted, owner_id=owner_id, need_id=None, subject_key=None)
    if wanted and await free.update(need_id=need.id, event_number=need.event_count) != len(wanted):
        raise PhotoNotAvailable(photo_ids=wanted)


async def attach(photo_ids: Sequence[int], subject_key: str, *, owner_id: int) -> None:
    """Attach unused photos of the owner to a subject such as `good:9`. Raises `PhotoNotAvailable`."""
    db.require_transaction()
    wanted = sorted(set(photo_ids))
    free = Photo.filter(id__in=wanted, owner_id=owner_id, need_id=None, subject_key=None)
    if wanted and await free.update(subject_key=subject_key) != len(wanted):
        raise PhotoNotAvailable(photo_ids=wanted)


async def of_subjects(subject_keys: Collection[str]) -> dict[str, list[Photo]]:
    """Return the photos of each subject, oldest first: its name, its owner and what a link needs."""
    found: dict[str, list[Photo]] = {subject_key: [] for subject_key in subject_keys}
    where = f"subject_key IN ({db.placeholders(found)}) ORDER BY created_at, id"
    statement = f"SELECT id, subject_key, owner_id, name FROM photo WHERE {where}"  # noqa: S608
    for row in (await db.execute(statement, found))[1] if found else []:
        found[row["subject_key"]].append(rows.of(Photo, row))
    return found
