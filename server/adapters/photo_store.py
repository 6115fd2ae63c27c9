"""Where photos are kept: a folder, or any S3-compatible bucket, with the same names inside either."""

import asyncio
import hashlib
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

from server.errors.photos import PhotosUnavailable

MAX_NAME_CHARACTERS = 200
NAME = re.compile(r"[0-9a-f-]+(/[0-9a-f-]+)*\.jpg")
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
UNFINISHED_SECONDS = 3600
REASON = re.compile(r"<Code>(\w+)</Code>|kind: (\w+)")

logger = logging.getLogger(__name__)
Result = TypeVar("Result")


class PhotoStore(Protocol):
    """The server chooses the names: lower-case hex digits, `-` and `/`, then `.jpg`; others are a ValueError.

    Every call raises PhotosUnavailable when the store does not do it; each may then be repeated.
    """

    async def put(self, name: str, content: bytes) -> None:
        """Keep it, whole or not at all, in place of what had the name."""

    async def get(self, name: str) -> bytes | None:
        """Give what has the name, None when nothing has."""

    async def delete(self, name: str) -> None:
        """See to it that nothing has the name."""

    async def close(self) -> None:
        """Let go of what is held open."""


def photo_store(url: str, *, access_key: str = "", secret: str = "") -> PhotoStore:
    """Give the store of a folder's path or `s3://bucket?endpoint=…&region=…`; ValueError says what is wrong.

    `addressing=virtual` puts the bucket's name before the endpoint's host, as some clouds demand.
    """
    if "://" not in url:
        return FolderStore(Path(url))
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    _check_bucket_url(parts, options)
    if not access_key or not secret:
        raise ValueError("a bucket needs an access key and a secret, given apart from its URL")
    # Who keeps them in a folder never loads what speaks to buckets.
    from server.adapters.photo_bucket import BucketStore

    return BucketStore(
        parts.netloc,
        endpoint=options["endpoint"],
        region=options["region"],
        credential={"access_key_id": access_key, "secret_access_key": secret, "expires_at": None},
        virtual_host=options.get("addressing") == "virtual",
    )


def _check_bucket_url(parts: SplitResult, options: dict[str, str]) -> None:
    """Refuse without repeating the URL: somebody may have put a secret into it."""
    if parts.scheme != "s3":
        raise ValueError("photos are kept in a folder or at s3://")
    if BUCKET_NAME.fullmatch(parts.netloc) is None or parts.path or parts.fragment:
        raise ValueError("between s3:// and ? stands the bucket's name alone, without credentials")
    if not {"endpoint", "region"} <= options.keys() <= {"endpoint", "region", "addressing"}:
        raise ValueError("a bucket's URL has endpoint and region, it may have addressing, and nothing else")
    if options.get("addressing", "path") not in {"path", "virtual"}:
        raise ValueError("addressing is path or virtual")


def place(name: str) -> str:
    """Where the name stands inside a store; ValueError when it is not a photo's."""
    # The same in a folder and in a bucket, so that moving from one to the other is a plain copy.
    if len(name) > MAX_NAME_CHARACTERS or NAME.fullmatch(name) is None:
        raise ValueError("not a name of a photo")
    return f"{hashlib.sha256(name.encode()).hexdigest()[:2]}/{name}"


@contextmanager
def faults_told(what: str, where: object, kind: type[Exception] = OSError) -> Iterator[None]:
    """Turn a store's fault into PhotosUnavailable and a log line; its full text repeats what was sent."""
    try:
        yield
    except (OSError, kind) as fault:
        found = REASON.search(str(fault))
        reason = found.group(1) or found.group(2) if found else getattr(fault, "strerror", None)
        logger.warning("could not %s a photo at %s: %s %s", what, where, type(fault).__name__, reason)
        raise PhotosUnavailable from None


class FolderStore:
    """Photos in a folder on this machine or on one it mounts; several servers may share it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = folder.resolve()
        # Also tells this folder from the empty one that stays when a disk is not mounted.
        self._unfinished = self._root / "unfinished"
        self._unfinished.mkdir(mode=0o700, exist_ok=True)
        self._sweep()

    async def put(self, name: str, content: bytes) -> None:
        await self._aside("keep", name, lambda path: self._write(path, content))

    async def get(self, name: str) -> bytes | None:
        return await self._aside("read", name, _read)

    async def delete(self, name: str) -> None:
        await self._aside("delete", name, _remove)

    async def close(self) -> None:
        """Nothing is held open."""

    async def _aside(self, what: str, name: str, work: Callable[[Path], Result]) -> Result:
        return await asyncio.to_thread(self._at, what, self._root / place(name), work)

    def _at(self, what: str, path: Path, work: Callable[[Path], Result]) -> Result:
        with faults_told(what, self._root):
            if path.resolve() != path:
                raise ValueError("a photo's path leads through a symbolic link")
            if not self._unfinished.is_dir():
                raise FileNotFoundError(None, "the folder is not there")
            return work(path)

    def _write(self, path: Path, content: bytes) -> None:
        unfinished = self._unfinished / secrets.token_hex(16)
        try:
            with unfinished.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        self._remember_folders_of(path)

    def _remember_folders_of(self, path: Path) -> None:
        """Until a folder is synced itself, a power cut may forget the names in it."""
        for folder in path.parents[: len(path.relative_to(self._root).parts)]:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _sweep(self) -> None:
        """Delete what killed servers left unfinished, by the file system's own clock: others may share it."""
        probe = self._unfinished / secrets.token_hex(16)
        probe.touch()
        oldest = probe.stat().st_mtime - UNFINISHED_SECONDS
        probe.unlink()
        for left in self._unfinished.iterdir():
            with suppress(FileNotFoundError):  # another server finished it, or sweeps too
                if left.stat().st_mtime < oldest:
                    left.unlink()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
