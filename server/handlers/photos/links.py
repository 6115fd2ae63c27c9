"""Links to photos."""

from collections.abc import Iterable
from datetime import datetime

from miniprogram_contract.photos import PhotoLinks, PhotoSize
from server.adapters import Dependencies
from server.handlers.http.signed_links import signed_link
from server.models import Photo


def photo_links(
    photos: Iterable[Photo], dependencies: Dependencies, now: datetime, *, reader: int | None = None
) -> list[PhotoLinks]:
    """Return signed links to the photos in both sizes.

    Links to photos of needs, and to evidence of deeds and hours, are for their `reader` alone.
    """
    return [
        PhotoLinks(
            id=one.id,
            large=_link(one, PhotoSize.LARGE, reader, dependencies, now),
            small=_link(one, PhotoSize.SMALL, reader, dependencies, now),
        )
        for one in photos
    ]


def _link(photo: Photo, size: PhotoSize, reader: int | None, dependencies: Dependencies, now: datetime) -> str:
    subject = link_subject(photo.id, size, reader)
    more = {} if reader is None else {"reader": reader}
    return signed_link(f"/photos/{photo.id}", subject, dependencies, now=now, size=size.value, **more)


def link_subject(photo_id: int, size: PhotoSize, reader: int | None) -> str:
    """Return what a link to the photo may show, and to whom."""
    return f"photo:{photo_id}:{size}" if reader is None else f"photo:{photo_id}:{size}:{reader}"
