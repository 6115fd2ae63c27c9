"""Signed links to photos that expire: an image element cannot send a token."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from miniprogram_contract.photos import PhotoLinks
from server.adapters import Dependencies
from server.models import Photo

Size = Literal["large", "small"]
GOOD_FOR = timedelta(hours=1)


def photo_links(photos: Iterable[Photo], dependencies: Dependencies, now: datetime) -> list[PhotoLinks]:
    """Return links to the photos in both sizes, valid for an hour."""
    until = now + GOOD_FOR
    return [
        PhotoLinks(
            id=one.id, large=link(one, "large", dependencies, until), small=link(one, "small", dependencies, until)
        )
        for one in photos
    ]


def link(photo: Photo, size: Size, dependencies: Dependencies, until: datetime) -> str:
    """A path below the server's address that shows the photo until then."""
    # Rounded up to five minutes, so that a phone that asks again finds the picture in its cache.
    seconds = int(until.timestamp()) // 300 * 300 + 300
    signature = sign(photo.id, size, seconds, dependencies.signing_secret)
    return f"/api/v1/photos/{photo.id}?size={size}&until={seconds}&signature={signature}"


def sign(photo_id: int, size: str, until: int, secret: bytes) -> str:
    message = f"photo:{photo_id}:{size}:{until}".encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:40]


def is_good(photo_id: int, size: str, until: int, signature: str, dependencies: Dependencies) -> bool:
    """Return whether the link is ours and has not expired."""
    expected = sign(photo_id, size, until, dependencies.signing_secret)
    return hmac.compare_digest(expected, signature) and dependencies.clock.now().timestamp() < until
