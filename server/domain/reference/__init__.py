"""Reference data: the city's set-up in memory. Areas, stations, coverage, categories, promises, policies, calendar."""

from server.domain.reference.current import (
    area,
    areas,
    begin_change,
    ensure,
    forget,
    lock_shared,
    refresh,
    snapshot,
)
from server.domain.reference.snapshot import Snapshot

__all__ = [
    "Snapshot", "area", "areas", "begin_change", "ensure", "forget", "lock_shared", "refresh", "snapshot",
]  # fmt: skip
