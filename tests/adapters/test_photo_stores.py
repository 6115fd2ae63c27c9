"""A folder and a bucket keep photos the same way, and say the same when they cannot."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.adapters.photo_folder import FolderStore
from server.adapters.photo_store import PhotoStore
from server.adapters.photo_store_factory import photo_store
from server.errors.photos import PhotosUnavailable
from tests.adapters.buckets import BUCKET, KEY, s3  # noqa: F401 - a fixture

PHOTO = b"\xff\xd8 a photo \xff\xd9"
NAME = "0f3a-77/9c.jpg"


@pytest.fixture(params=["folder", "bucket"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PhotoStore]:
    if request.param == "folder":
        store = photo_store(str(tmp_path / "photos"))
    else:
        store = photo_store(f"s3://{BUCKET}?endpoint={request.getfixturevalue('s3')}&region=cn-1", **KEY)
    yield store
    await store.delete(NAME)
    await store.close()


@pytest.fixture
def folder(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "photos")


async def test_stored_photo_is_returned(store: PhotoStore):
    await store.put(NAME, PHOTO)

    assert await store.get(NAME) == PHOTO
    assert type(await store.get(NAME)) is bytes


async def test_a_photo_put_again_takes_the_place_of_the_first(store: PhotoStore):
    await store.put(NAME, b"first")
    await store.put(NAME, PHOTO)

    assert await store.get(NAME) == PHOTO


async def test_unknown_photo_is_none(store: PhotoStore):
    assert await store.get("ab.jpg") is None


async def test_deleted_photo_is_gone_and_may_be_deleted_again(store: PhotoStore):
    await store.put(NAME, PHOTO)

    await store.delete(NAME)
    await store.delete(NAME)

    assert await store.get(NAME) is None


async def test_a_photo_of_six_megabytes_is_kept_whole(store: PhotoStore):
    large = os.urandom(6 << 20)
    await store.put(NAME, large)

    assert await store.get(NAME) == large


async def test_twenty_photos_at_once_are_not_mixed_up(store: PhotoStore):
    photos = {f"{n:02x}.jpg": str(n).encode() for n in range(20)}

    await asyncio.gather(*(store.put(*photo) for photo in photos.items()))

    assert await asyncio.gather(*map(store.get, photos)) == list(photos.values())


@pytest.mark.parametrize(
    "name",
    [
        "../ab.jpg",
        "ab/../cd.jpg",
        "/ab.jpg",
        "ab//cd.jpg",
        "ab/.jpg",
        "%2e%2e/ab.jpg",
        "ab\0.jpg",
        "ab.jpg\n",
        "ab\\cd.jpg",
        "AB.jpg",
        "ab.png",
        "ab.jpg.jpg",
        "ａｂ.jpg",
        "",
        "a" * 300 + ".jpg",
    ],
)
async def test_a_name_the_server_would_not_choose_is_refused(store: PhotoStore, name: str):
    for attempt in (store.put(name, PHOTO), store.get(name), store.delete(name)):
        with pytest.raises(ValueError, match="not a name of a photo"):
            await attempt


async def test_a_link_out_of_the_folder_is_not_followed(folder: FolderStore, tmp_path: Path):
    await folder.put(NAME, PHOTO)
    (kept,) = (tmp_path / "photos").rglob("9c.jpg")
    dependencies = tmp_path / "outside.jpg"
    kept.rename(dependencies)
    kept.symlink_to(dependencies)

    for attempt in (folder.get(NAME), folder.put(NAME, b"other"), folder.delete(NAME)):
        with pytest.raises(ValueError, match="symbolic link"):
            await attempt
    assert dependencies.read_bytes() == PHOTO


async def test_a_linked_folder_inside_is_not_followed_either(folder: FolderStore, tmp_path: Path):
    await folder.put(NAME, PHOTO)
    (kept,) = (tmp_path / "photos").rglob("0f3a-77")
    kept.rename(tmp_path / "elsewhere")
    kept.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ValueError, match="symbolic link"):
        await folder.get(NAME)


async def test_the_folder_is_for_the_server_alone(folder: FolderStore, tmp_path: Path):
    assert (tmp_path / "photos").stat().st_mode & 0o077 == 0


async def test_reading_while_a_photo_is_replaced_returns_either_version(folder: FolderStore):
    old, new = b"o" * 3_000_000, b"n" * 3_000_000
    await folder.put(NAME, old)
    seen = set()
    for _ in range(5):
        reads = [folder.get(NAME) for _ in range(4)]
        seen.update((await asyncio.gather(folder.put(NAME, new), *reads, folder.put(NAME, old)))[1:5])

    assert seen <= {old, new}


async def test_a_photo_that_cannot_be_kept_leaves_nothing_half_written(folder: FolderStore, tmp_path: Path, caplog):
    await folder.put(NAME, PHOTO)
    (kept,) = (tmp_path / "photos").rglob("9c.jpg")
    kept.unlink()
    kept.mkdir()

    with pytest.raises(PhotosUnavailable):
        await folder.put(NAME, PHOTO)

    assert list((tmp_path / "photos" / "unfinished").iterdir()) == []
    assert "could not keep a photo" in caplog.text


async def test_unfinished_files_of_a_killed_server_are_deleted_and_others_stay(tmp_path: Path):
    unfinished = tmp_path / "photos" / "unfinished"
    unfinished.mkdir(parents=True)
    old, fresh = unfinished / "old", unfinished / "fresh"
    old.touch()
    fresh.touch()
    os.utime(old, (0, 0))

    FolderStore(tmp_path / "photos")

    assert list(unfinished.iterdir()) == [fresh]


async def test_a_folder_whose_disk_is_away_is_a_fault_and_not_an_empty_one(folder: FolderStore, tmp_path: Path):
    (tmp_path / "photos" / "unfinished").rmdir()

    for attempt in (folder.put(NAME, PHOTO), folder.get(NAME), folder.delete(NAME)):
        with pytest.raises(PhotosUnavailable):
            await attempt


async def test_the_folder_and_the_bucket_lay_photos_out_alike(folder: FolderStore, s3: str, tmp_path: Path):  # noqa: F811
    await folder.put(NAME, PHOTO)
    bucket = photo_store(f"s3://{BUCKET}?endpoint={s3}&region=cn-1", **KEY)
    await bucket.put(NAME, PHOTO)

    (kept,) = (tmp_path / "photos").rglob("9c.jpg")
    (listed,) = [item["path"] for page in bucket._bucket.list() for item in page if item["path"].endswith(NAME)]
    await bucket.delete(NAME)
    assert kept.relative_to(tmp_path / "photos").as_posix() == listed
    assert NAME in listed
