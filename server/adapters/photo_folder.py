"""Photos in a folder."""

import asyncio
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from server.adapters.photo_store import path_in_store, raise_unavailable

UNFINISHED_SECONDS = 3600

Result = TypeVar("Result")


class FolderStore:
    """Photos in a folder on this machine or on one it mounts; several servers may share it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = folder.resolve()
        # The subfolder also shows that the disk is mounted: an empty mount point does not have it.
        self._unfinished = self._root / "unfinished"
        self._unfinished.mkdir(mode=0o700, exist_ok=True)
        self._sweep()

    async def put(self, name: str, content: bytes) -> None:
        await self._in_thread("keep", name, lambda path: self._write(path, content))

    async def get(self, name: str) -> bytes | None:
        return await self._in_thread("read", name, _read)

    async def delete(self, name: str) -> None:
        await self._in_thread("delete", name, _remove)

    async def close(self) -> None:
        """Do nothing: no connection is open."""

    async def _in_thread(self, action: str, name: str, work: Callable[[Path], Result]) -> Result:
        return await asyncio.to_thread(self._at, action, self._root / path_in_store(name), work)

    def _at(self, action: str, path: Path, work: Callable[[Path], Result]) -> Result:
        with raise_unavailable(action, self._root):
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
        self._sync_folders_of(path)

    def _sync_folders_of(self, path: Path) -> None:
        """Sync the folders that hold the file: after a power cut the names in an unsynced folder may be lost."""
        for folder in path.parents[: len(path.relative_to(self._root).parts)]:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _sweep(self) -> None:
        """Delete unfinished files of killed servers, by the file system's own clock: several machines may share it."""
        probe = self._unfinished / secrets.token_hex(16)
        probe.touch()
        oldest = probe.stat().st_mtime - UNFINISHED_SECONDS
        probe.unlink()
        for file in self._unfinished.iterdir():
            with suppress(FileNotFoundError):  # another server finished it, or sweeps as well
                if file.stat().st_mtime < oldest:
                    file.unlink()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
