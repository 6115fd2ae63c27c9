"""The subject of a stored answer: what the answer is about, and whether the caller may still read it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.handlers.http.auth import Caller


@dataclass(frozen=True)
class Subject:
    """A kind of thing that answers are about, such as needs of a station.

    - `kind` and the id name it: `need:123`. The id is the path's parameter `<kind>_id`; without one `id_of` takes it
      from the reply.
    - `require_readable` is called before a stored answer is given again. It raises the refusal that reading the
      subject would raise now. It is None if every caller who may call the operation may read the answer.
    """

    kind: str
    require_readable: Callable[[int, Caller, datetime], Awaitable[object]] | None = None
    id_of: Callable[[Any], int] = lambda reply: int(reply.id)

    def key(self, parameters: Mapping[str, Any], reply: Any, caller: Caller) -> str:
        """Return the subject's key, which is stored with the answer."""
        if self.require_readable is None:
            return f"person:{caller.person_id}"
        subject_id = parameters.get(f"{self.kind}_id")
        return f"{self.kind}:{self.id_of(reply) if subject_id is None else subject_id}"

    async def require(self, key: str, caller: Caller, now: datetime) -> None:
        """Raise unless the caller may read the subject with this key now."""
        if self.require_readable is not None:
            await self.require_readable(int(key.partition(":")[2]), caller, now)
