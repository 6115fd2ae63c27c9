"""Links to photos."""

from collections.abc import Iterable
from datetime import datetime

from miniprogram_contract.photos import PhotoLinks, PhotoSize
from server.adapters import Dependencies
from server.handlers.http.signed_links import signed_link
from server.models import Photo


def photo_links(photos: Iterable[Photo], dependencies: Dependencies, now: datetime) -> list[PhotoLinks]:
    """Return signed links to the photos in both sizes."""
    return [
        PhotoLinks(
            id=one.id,
            large=_link(one, PhotoSize.LARGE, dependencies, now),
            small=_link(one, PhotoSize.SMALL, dependencies, now),
        )
        for one in photos
    ]


def _link(photo: Photo, size: PhotoSize, dependencies: Dependencies, now: datetime) -> str:
    subject = link_subject(photo.id, size)
    return signed_link(f"/photos/{photo.id}", subject, dependencies, now=now, size=size.value)


def link_subject(photo_id: int, size: PhotoSize) -> str:
    """Return what a link to the photo may show."""
    return f"photo:{photo_id}:{size}"
