"""Reference data: the city's set-up in memory. Areas, stations, coverage, categories, promises, policies, calendar."""

from server.domain.reference.current import (
    area,
    areas,
    attach,
    begin_change,
    changes_here,
    ensure,
    forget,
    kept,
    lock_shared,
    refresh,
    snapshot,
    station,
    successors,
    within,
)
from server.domain.reference.load import ROW
from server.domain.reference.snapshot import Snapshot

__all__ = [
    "ROW", "Snapshot", "area", "areas", "attach", "begin_change", "changes_here", "ensure", "forget", "kept",
    "lock_shared", "refresh", "snapshot", "station", "successors", "within",
]  # fmt: skip
