"""The way from an area up to its province, read or held."""

from collections.abc import Mapping
from typing import Any

from server.database import db
from server.domain import areas
from server.domain.routing.routing_rule import AreaFacts, AreaStep
from server.errors import Busy, NotFound
from server.models import Area, AreaLevel

# As many communities as a large city has; each takes about a kilobyte.
MOST_KNOWN = 5_000
# What this process last saw of areas that last. Only a hint at which rows to hold: they have the word.
_known: dict[int, AreaFacts] = {}


async def facts_of(area_id: int) -> AreaFacts:
    """Return the area as it is today with all it lies in; NotFound for one that does not exist."""
    area = await _with_ancestors(area_id)
    if area.valid_until is not None:
        area = await _with_ancestors((await areas.current_area(area_id)).id)
    ended, steps = area.valid_until is not None, [_step(area.id, area.level, area.name)]
    while area.parent is not None and area.parent_id is not None:
        area = area.parent
        steps.append(_step(area.id, area.level, area.name))
    return AreaFacts(tuple(steps), ended)


async def held(area_id: int) -> AreaFacts:
    """As `facts_of`, and so it stays until the transaction ends: the rows are shared, in the order of their keys.

    One statement for an area this process has seen before, unless it changed since.
    """
    facts = _known.get(area_id) or await facts_of(area_id)
    if await _shared(facts) != facts:
        facts = await facts_of(area_id)
        if await _shared(facts) != facts:
            raise Busy  # the tree is being changed this very moment
    # What became of an area of old stands in other rows than these.
    if facts.ids[0] == area_id and not facts.ended:
        _remember(area_id, facts)
    return facts


async def _shared(seen: AreaFacts) -> AreaFacts | None:
    """Keep the rows from being changed; returns what they say now, from the same area upwards."""
    db.must_be_in_transaction()
    # On SQLite a transaction is the only writer as it is.
    lock = "" if db.dialect() == "sqlite" else " LOCK IN SHARE MODE"
    wanted = f"SELECT id, level, name, parent_id, valid_until FROM area WHERE id IN ({db.marks(seen.ids)})"  # noqa: S608
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
    """As people say its name: 团结村, not 团结村村民委员会."""
    return AreaStep(area_id, level, areas.short_name(name))
