"""The interface of photo stores, and what a folder and a bucket share: names inside the store, and faults."""

import hashlib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from server.errors.photos import PhotosUnavailable

MAX_NAME_CHARACTERS = 200
NAME = re.compile(r"[0-9a-f-]+(/[0-9a-f-]+)*\.jpg")
REASON = re.compile(r"<Code>(\w+)</Code>|kind: (\w+)")

logger = logging.getLogger(__name__)


class PhotoStore(Protocol):
    """A store of photos under names that the server chooses: lower-case hex digits, `-` and `/`, then `.jpg`.

    Another name raises ValueError. Every call raises `PhotosUnavailable` if the store fails; it may then be repeated.
    """

    async def put(self, name: str, content: bytes) -> None:
        """Store the content completely or not at all; it replaces what had the name."""

    async def get(self, name: str) -> bytes | None:
        """Return the content, or None if nothing has the name."""

    async def delete(self, name: str) -> None:
        """Delete what has the name, if anything has it."""

    async def close(self) -> None:
        """Close open connections."""


def path_in_store(name: str) -> str:
    """Return the path of the name inside a store. Raises ValueError if it is not the name of a photo."""
    # Folder and bucket use the same path, so moving from one to the other is a plain copy.
    if len(name) > MAX_NAME_CHARACTERS or NAME.fullmatch(name) is None:
        raise ValueError("not a name of a photo")
    return f"{hashlib.sha256(name.encode()).hexdigest()[:2]}/{name}"


@contextmanager
def raise_unavailable(action: str, store: object, kind: type[Exception] = OSError) -> Iterator[None]:
    """Turn a store's fault into `PhotosUnavailable` and a log line."""
    try:
        yield
    except (OSError, kind) as fault:
        # The fault's full text is not logged: it repeats the request.
        match = REASON.search(str(fault))
        reason = match.group(1) or match.group(2) if match else getattr(fault, "strerror", None)
        logger.warning("could not %s a photo at %s: %s %s", action, store, type(fault).__name__, reason)
        raise PhotosUnavailable from None
