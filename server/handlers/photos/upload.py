"""Upload a photo: it is redrawn and stored before the database knows it."""

import hashlib
from dataclasses import dataclass

from miniprogram_contract.photos import PhotoLinks
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain import photos
from server.errors import (
    PhotoAnimated,
    PhotosBusy,
    PhotosUnavailable,
    PhotoTooLarge,
    PhotoTooManyPixels,
    PhotoUnreadable,
    UnsupportedPhotoFormat,
)
from server.handlers import subjects
from server.handlers.http import Caller, endpoint
from server.handlers.http.endpoint import RateLimit
from server.handlers.photos.links import photo_links


@dataclass(frozen=True)
class Stored:
    """A photo that is in the store under this name."""

    name: str
    width: int
    height: int


async def redraw_and_store(upload: bytes, caller: Caller, key: str, dependencies: Dependencies) -> Stored:
    """Redraw and store outside of a transaction. A repeated upload gets the same name and leaves nothing behind."""
    drawn = await dependencies.photo_sanitizer.sanitize(upload)
    name = hashlib.sha256(f"{caller.person_id}:{key}".encode() + hashlib.sha256(upload).digest()).hexdigest()[:40]
    await dependencies.photo_store.put(photos.file_name(name, "large"), drawn.large)
    await dependencies.photo_store.put(photos.file_name(name, "small"), drawn.small)
    return Stored(name, drawn.width, drawn.height)


@endpoint(
    "POST",
    "/photos",
    upload=True,
    reply=PhotoLinks,
    subject=subjects.OWN,
    status=201,
    prepare=redraw_and_store,
    refuses=(
        PhotoTooLarge,
        UnsupportedPhotoFormat,
        PhotoTooManyPixels,
        PhotoAnimated,
        PhotoUnreadable,
        PhotosBusy,
        PhotosUnavailable,
    ),
    limit=RateLimit(most=60, seconds=3600),
)
async def upload_photo(prepared: Stored, caller: Caller, dependencies: Dependencies, now: Moment) -> PhotoLinks:
    """Upload a photo (field `photo`, at most 10 MB; JPEG, PNG, WebP or HEIC); unused, it is deleted after a day."""
    photo = await photos.add(
        prepared.name, owner_id=caller.person_id, width=prepared.width, height=prepared.height, now=now
    )
    return photo_links([photo], dependencies, now, reader=caller.person_id)[0]
