"""The path from an area up to its province, read or locked."""

from collections.abc import Mapping
from typing import Any

from server.database import db
from server.domain import areas
from server.domain.routing.routing_rule import AreaFacts, AreaStep
from server.errors import Busy, NotFound
from server.models import Area, AreaLevel

# As many communities as a large city has; each takes about a kilobyte.
MOST_KNOWN = 5_000
# Areas as this process last read them. They only say which rows to lock; the locked rows decide.
_known: dict[int, AreaFacts] = {}


async def facts_of(area_id: int) -> AreaFacts:
    """Return the present area with all areas above it. Raises `NotFound`."""
    area = await _with_ancestors(area_id)
    if area.valid_until is not None:
        area = await _with_ancestors((await areas.current_area(area_id)).id)
    ended, steps = area.valid_until is not None, [_step(area.id, area.level, area.name)]
    while area.parent is not None and area.parent_id is not None:
        area = area.parent
        steps.append(_step(area.id, area.level, area.name))
    return AreaFacts(tuple(steps), ended)


async def held(area_id: int) -> AreaFacts:
    """As `facts_of`, and unchanged until the transaction ends: the rows are share-locked in the order of their keys.

    It takes one statement for an area this process has seen before and that has not changed since.
    """
    facts = _known.get(area_id) or await facts_of(area_id)
    if await _shared(facts) != facts:
        facts = await facts_of(area_id)
        if await _shared(facts) != facts:
            raise Busy  # the tree is being changed at this moment
    # The successors of an ended area are in other rows, which are not locked here.
    if facts.ids[0] == area_id and not facts.ended:
        _remember(area_id, facts)
    return facts


async def _shared(seen: AreaFacts) -> AreaFacts | None:
    """Share-lock the rows. Returns what they say now, from the same area upwards."""
    db.require_transaction()
    # On SQLite a transaction is the only writer anyway.
    lock = "" if db.dialect() == "sqlite" else " LOCK IN SHARE MODE"
    wanted = f"SELECT id, level, name, parent_id, valid_until FROM area WHERE id IN ({db.placeholders(seen.ids)})"  # noqa: S608
    _, rows = await db.execute(f"{wanted} ORDER BY id{lock}", sorted(seen.ids))
    return _upwards({row["id"]: row for row in rows}, seen.ids[0])


def _upwards(rows: Mapping[int, Mapping[str, Any]], first: int) -> AreaFacts | None:
    if first not in rows:
        return None
    steps, row = [], rows.get(first)
    while row is not None:
        steps.append(_step(row["id"], AreaLevel(row["level"]), row["name"]))
        row = rows.get(row["parent_id"])
    return AreaFacts(tuple(steps), ended=rows[first]["valid_until"] is not None)


def _remember(area_id: int, facts: AreaFacts) -> None:
    if area_id not in _known and len(_known) >= MOST_KNOWN:
        del _known[next(iter(_known))]
    _known[area_id] = facts


async def _with_ancestors(area_id: int) -> Area:
    area = await Area.get_or_none(id=area_id).select_related("parent__parent__parent__parent")
    if area is None:
        raise NotFound(kind="area", ids=[area_id])
    return area


def _step(area_id: int, level: AreaLevel, name: str) -> AreaStep:
    """Return the step with the name people use: 团结村, not 团结村村民委员会."""
    return AreaStep(area_id, level, areas.short_name(name))
