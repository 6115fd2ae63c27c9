"""Read editions: list them, and show line by line what each changes."""

from dataclasses import dataclass

from server.domain.areas import sql
from server.domain.areas.names import path_of
from server.domain.areas.search import paths_of
from server.errors import NotFound
from server.models import Area, AreaChange, AreaEdition, AreaEditionHeir, AreaEditionRow, AreaLevel


@dataclass(frozen=True)
class Change:
    """One line of a change set: what happens to which area, what it was before, and its successors."""

    row: AreaEditionRow
    path: str
    before_path: str | None
    heirs: list[str]


async def editions(*, before: int | None = None, limit: int = 50) -> list[AreaEdition]:
    """Return the newest editions first; `before` is the last id of the page before."""
    found = AreaEdition.all() if before is None else AreaEdition.filter(id__lt=before)
    return await found.order_by("-id").limit(limit)


async def edition(edition_id: int) -> AreaEdition:
    """Return the edition. Raises `NotFound`."""
    found = await AreaEdition.get_or_none(id=edition_id)
    if found is None:
        raise NotFound(kind="area_edition", ids=[edition_id])
    return found


async def changes(edition_id: int, *, kind: AreaChange | None = None, after: int = 0, limit: int = 50) -> list[Change]:
    """Return what the edition changes, of one kind or all, without unchanged areas; `after` is the last row number."""
    wanted = AreaEditionRow.filter(edition_id=edition_id, number__gt=after)
    wanted = wanted.filter(changes__contains=kind.value) if kind else wanted.exclude(changes=AreaChange.UNCHANGED.value)
    rows = await wanted.order_by("number").limit(limit)
    heirs = await _heirs(edition_id, [row.area_id for row in rows if row.area_id is not None])
    everybody = rows + [heir for some in heirs.values() for heir in some]
    paths = await _paths(edition_id, everybody)
    before = await _areas({row.before_parent_id for row in rows if row.before_parent_id is not None})
    before_paths = await paths_of(before.values())
    return [
        Change(
            row,
            paths[row.number],
            before_paths.get(row.before_parent_id or 0),
            [paths[heir.number] for heir in heirs.get(row.area_id or 0, [])],
        )
        for row in rows
    ]


async def _heirs(edition_id: int, area_ids: list[int]) -> dict[int, list[AreaEditionRow]]:
    pairs = await AreaEditionHeir.filter(edition_id=edition_id, area_id__in=area_ids) if area_ids else []
    rows = AreaEditionRow.filter(edition_id=edition_id, number__in=[pair.number for pair in pairs])
    known = {row.number: row for row in await rows} if pairs else {}
    found: dict[int, list[AreaEditionRow]] = {}
    for pair in pairs:
        found.setdefault(pair.area_id, []).append(known[pair.number])
    return found


async def _areas(area_ids: set[int]) -> dict[int, Area]:
    found: dict[int, Area] = {}
    for some in sql.batches(sorted(area_ids)):
        found |= {one.id: one for one in await Area.filter(id__in=some)}
    return found


async def _paths(edition_id: int, rows: list[AreaEditionRow]) -> dict[int, str]:
    """Return the path each row's area would have, by the row's number."""
    above = {row.number: row for row in rows}
    while missing := {row.parent_number for row in above.values() if row.parent_number} - above.keys():
        found = await AreaEditionRow.filter(edition_id=edition_id, number__in=sorted(missing))
        above |= {row.number: row for row in found}
    parents = {_outer_parent(row) for row in above.values()} - {None}
    outer = await paths_of((await _areas({key for key in parents if key is not None})).values())
    return {row.number: _path(row, above, outer) for row in rows}


def _outer_parent(row: AreaEditionRow) -> int | None:
    """Return the existing area above the row if the list does not have it."""
    unlisted = row.before_parent_id if row.line == 0 and row.parent_number is None else None
    return row.parent_area_id or unlisted


def _path(row: AreaEditionRow, above: dict[int, AreaEditionRow], outer: dict[int, str]) -> str:
    names = [row.name]
    while row.parent_number is not None:
        row = above[row.parent_number]
        if row.level != AreaLevel.PROVINCE:
            names.insert(0, row.name)
    start = outer.get(_outer_parent(row) or 0)
    return path_of([start, *names] if start else names)
