"""People who upload photos, and a check that each photo the database knows is in the store."""

from pathlib import Path

import httpx

from server.adapters.photo_store_factory import photo_store
from server.database import db
from server.domain import photos
from server.models import Photo
from tests.adapters.pictures import file_of, noise
from tests.people import idempotency_key


def a_picture(number: int) -> bytes:
    """Return one of many pictures, each of another width; redrawn, its file is twice as large."""
    return file_of(noise((1200 + number, 900)), "JPEG", quality=5)


async def upload(client: httpx.AsyncClient, url: str, token: str, key: str, content: bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": idempotency_key(key)}
    return await client.post(f"{url}/photos", files={"photo": ("photo.jpg", content)}, headers=headers)


async def whole_photos(url: str, folder: Path) -> int:
    """Return how many photos there are. Each must have both its files, and nothing may be left unfinished."""
    store = photo_store(str(folder))
    async with db.connected(url, pool=1):
        names = await Photo.all().values_list("name", flat=True)
    for name in names:
        for size in ("large", "small"):
            assert await store.get(photos.file_name(name, size)), f"photo {name} has no {size} file"
    assert not list((folder / "unfinished").iterdir())
    return len(names)
