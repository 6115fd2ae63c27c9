"""Find an area by the words people use, and show which one it is: a name alone never identifies it."""
# ruff: noqa: S608 - the statements are put together from the constants of this file

from collections.abc import Iterable
from dataclasses import dataclass, field

from server.domain import reference
from server.domain.areas import sql
from server.domain.areas.names import path_of, short_name, spellings
from server.domain.areas.successors import todays_areas
from server.errors import NotFound
from server.models import Area, AreaCode, AreaLevel

MOST_FOUND = 50
# Sorts after every name that begins with the text before it.
_LAST = "\U0010ffff"
# How a name may match the words, the best match first, and how matches of one kind are sorted.
_FITS = (
    ("{name} IN ({exactly})", "id"),
    ("{name} >= :short AND {name} < :after", "bytes, id"),
    ("INSTR({name}, :short) > 0", "bytes, id"),
)
# Present areas, and ended ones that have successors.
_REACHABLE = "(a.valid_until IS NULL OR EXISTS (SELECT 1 FROM area_successor s WHERE s.area_id = a.id))"


@dataclass(frozen=True)
class Place:
    """An area with its path; `found_by` is the old name or alias that a search matched."""

    area: Area
    path: str
    found_by: str | None = None
    successors: list["Place"] = field(default_factory=list)


async def area(area_id: int) -> Place:
    """Return one area, present or ended, with the present areas that replaced it. Raises `NotFound`."""
    found = await reference.area(area_id)
    if found is None:
        raise NotFound(kind="area", ids=[area_id])
    [place] = await _with_successors([(found, found.name)])
    return place


async def codes(area_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return the present codes of areas, by area and code system."""
    rows = await AreaCode.filter(area_id__in=sorted(set(area_ids)), current=1).values("area_id", "code_system", "code")
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row["area_id"], {})[row["code_system"]] = row["code"]
    return found


async def children(parent_id: int | None, *, after: int = 0, limit: int = MOST_FOUND) -> list[Place]:
    """Return the present areas right below one, or at the top, in order of id; `after` is the last id."""
    found = await _below_in_city(parent_id, after)
    if found is None:
        found = await Area.filter(parent_id=parent_id, valid_until=None, id__gt=after).order_by("id").limit(limit)
    return await _places([(one, one.name) for one in found[:limit]])


async def _below_in_city(parent_id: int | None, after: int) -> list[Area] | None:
    """Return the present areas right below an area of the city, by id; None for other areas."""
    snapshot = await reference.snapshot()
    parent = snapshot.areas.get(parent_id or 0)
    if parent is None or not snapshot.has_all_of(parent):
        return None
    below = [one for one in snapshot.areas.values() if one.parent_id == parent_id and one.valid_until is None]
    return sorted((one for one in below if one.id > after), key=lambda one: one.id)


async def search(words: str, *, within: int | None = None, limit: int = MOST_FOUND, ended: bool = False) -> list[Place]:
    """Return areas by name, part of a name, old name or alias: exact matches first, then names that begin so.

    For an area that ended the present areas that replaced it are returned, or with `ended` the area itself with its
    successors. `within` limits the search to areas below one. Raises `NotFound` if that one does not exist.
    """
    words = "".join(words.split())
    where, below = ("1 = 1" if ended else _REACHABLE), ""
    if within is not None:
        where, below = f"{where} AND INSTR(a.ancestry, :below) = 1", await _below(within)
    found: dict[int, str] = {}
    for fit in _FITS if words else ():
        if len(found) < limit:
            more = await _fitting(fit, where, words, below, limit)
            found |= {key: name for key, name in more.items() if key not in found}
    areas = await reference.areas(list(found)[:limit])
    pairs = [(areas[key], name) for key, name in found.items() if key in areas]
    return await (_with_successors(pairs) if ended else _as_today(pairs, limit))


async def _below(area_id: int) -> str:
    parent = await reference.area(area_id)
    if parent is None:
        raise NotFound(kind="area", ids=[area_id])
    return f"{parent.ancestry}{parent.id}/"


async def _fitting(fit: tuple[str, str], where: str, words: str, below: str, limit: int) -> dict[int, str]:
    """Return the areas with a matching name, and that name."""
    fits, order = fit
    exactly = {f"word{number}": spelling for number, spelling in enumerate(spellings(words))}
    marks = ", ".join(f":{mark}" for mark in exactly)
    own, other = (fits.format(name=name, exactly=marks) for name in ("a.name", "n.name"))
    rows = await sql.rows(
        f"SELECT a.id, a.name, LENGTH(a.name) bytes FROM area a WHERE {own} AND {where}"
        " UNION ALL SELECT a.id, n.name, LENGTH(n.name) FROM area_name n JOIN area a ON a.id = n.area_id"
        f" WHERE {other} AND {where} ORDER BY {order} LIMIT :most",
        short=short_name(words), after=short_name(words) + _LAST, below=below, most=limit * 2, **exactly,
    )  # fmt: skip
    found: dict[int, str] = {}
    for row in rows:
        found.setdefault(row["id"], row["name"])
    return found


async def _as_today(pairs: list[tuple[Area, str]], limit: int) -> list[Place]:
    """Replace ended areas by the present ones; each area appears once."""
    today: dict[int, tuple[Area, str]] = {}
    for one, name in pairs:
        for leaf in await todays_areas(one):
            today.setdefault(leaf.id, (leaf, name))
    return await _places(list(today.values())[:limit])


async def _with_successors(pairs: list[tuple[Area, str]]) -> list[Place]:
    found = await _places(pairs)
    return [
        Place(
            one.area,
            one.path,
            one.found_by,
            await _places([(leaf, leaf.name) for leaf in await todays_areas(one.area)]),
        )
        if one.area.valid_until
        else one
        for one in found
    ]


async def _places(pairs: list[tuple[Area, str]]) -> list[Place]:
    paths = await paths_of([one for one, _ in pairs])
    return [Place(one, paths[one.id], found_by=None if name == one.name else name) for one, name in pairs]


async def paths_of(areas: Iterable[Area]) -> dict[int, str]:
    """Return the path of each area by its id, from its city down: “泸州市 · 江阳区 · 邻玉街道 · 团结村”."""
    areas = list(areas)
    above = await reference.areas(key for one in areas for key in one.ancestor_ids)
    return {one.id: path_of(_from_the_city([*(above[key] for key in one.ancestor_ids), one])) for one in areas}


def _from_the_city(line: list[Area]) -> list[str]:
    below = [one.name for one in line if one.level != AreaLevel.PROVINCE]
    return below or [one.name for one in line]
