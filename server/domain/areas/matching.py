"""Match an edition with the tree: which line is which existing area, and what happens to the others.

From the top of the tree down, a line is the area with its name below the same parent, else the one with its code, else
one that would be dissolved elsewhere below the same grandparent: that one moved. A line without a match adds an area.
"""
# ruff: noqa: S608 - the statements are put together from the constants of this file

from collections import Counter
from typing import Any

from server.domain.areas import sql
from server.domain.areas.edition_csv import LEVELS, Problems
from server.domain.areas.predecessors import settle_predecessors
from server.domain.areas.staging import LEVEL_SHARE, UNLISTED, Progress, Staged
from server.models import AreaEdition, AreaLevel

_ROWS = (
    " FROM area_edition_row r"
    " LEFT JOIN area_edition_row p ON p.edition_id = r.edition_id AND p.number = r.parent_number"
)
_PARENT = "COALESCE(r.parent_area_id, p.area_id)"
# Lines of the level without a matched area.
_SPAN = " WHERE r.edition_id = :edition AND r.number BETWEEN :first AND :last"
_OPEN = f"{_SPAN} AND r.area_id IS NULL AND r.changes = 'added'"
# Unmatched areas of the level. It is an outer join, because MariaDB would read all rows again for a NOT EXISTS.
_TAKEN = " LEFT JOIN area_edition_row m ON m.edition_id = :edition AND m.area_id = a.id"
_FREE = " AND a.level = :level AND a.valid_until IS NULL AND m.id IS NULL"
_ORDINARY = " AND r.predecessors IS NULL"
_OWN_CODE = (
    " JOIN area_code c ON c.code_system = :system AND c.code = r.code AND c.current = 1 JOIN area a ON a.id = c.area_id"
)
_CARRIED = "SELECT 1 FROM area_code k WHERE k.area_id = a.id AND k.current = 1"
_CARRIES_OWN = "EXISTS (SELECT 1 FROM area_code o WHERE o.area_id = a.id AND o.current = 1 AND o.code_system = :system)"
_OTHER_CODE = (
    " JOIN area_code c ON c.area_id = a.id AND c.code = r.code AND c.current = 1 AND c.code_system <> :system"
    f" AND NOT {_CARRIES_OWN}"
)
# An area new to this authority's codes is recoded when no code it carries is this one.
_RECODED = (
    f"EXISTS ({_CARRIED}) AND NOT EXISTS"
    f" ({_CARRIED} AND k.code = r.code AND (k.code_system = :system OR NOT {_CARRIES_OWN}))"
)
_MAX_CODE = "(SELECT MAX(k.code) FROM area_code k WHERE k.area_id = a.id AND k.current = 1"
_KNOWN_CODE = f"COALESCE({_MAX_CODE} AND k.code_system = :system), {_MAX_CODE}))"
# Rows for areas that the edition touches without listing them.
_TOUCH = (
    "INSERT INTO area_edition_row"
    " (edition_id, number, line, level, code, name, area_id, before_parent_id, changes, parent_number)"
    f" SELECT :edition, :unlisted + a.id, 0, a.level, COALESCE({_KNOWN_CODE}, ''), a.name, a.id, a.parent_id,"
)


class Matching:
    """The comparison of one staged edition with the tree; `run` writes its result into the edition's rows."""

    def __init__(self, edition: AreaEdition, staged: Staged, problems: Problems, progress: Progress) -> None:
        self._edition = edition
        self._staged = staged
        self._problems = problems
        self._progress = progress
        self._known: dict[str, Any] = {
            "edition": edition.id,
            "system": edition.code_system,
            "unlisted": UNLISTED,
        }

    async def run(self) -> None:
        for level in LEVELS:
            self._known["level"] = level.value
            if await sql.rows("SELECT 1 FROM area WHERE level = :level LIMIT 1", level=level.value):
                await self._compare(level)
        await self._stage_children_of_ended()
        await self._refuse_taken_codes()

    async def _compare(self, level: AreaLevel) -> None:
        listed = level in self._staged.spans
        if listed:
            await self._match(level)
        if level in self._edition.covers:
            await self._stage_absent(level)
        if listed:
            await self._find_moved(level)
            await self._describe(level)

    async def _match(self, level: AreaLevel) -> None:
        same_parent = _same_parent(level)
        await self._pass(level, f"{_OWN_CODE} AND a.name = r.name AND {same_parent}", unchanged=True)
        by_name = f" JOIN area a ON a.name = r.name AND {same_parent}"
        await self._pass(level, by_name)
        if level in self._staged.with_predecessors:
            await self._settle(level, by_name)
        # With another name and another parent it is another area that was given a code set free.
        await self._pass(level, f"{_OWN_CODE} AND (a.name = r.name OR {same_parent})")
        await self._pass(level, f" JOIN area a ON {same_parent}{_OTHER_CODE}")

    async def _settle(self, level: AreaLevel, by_name: str) -> None:
        first, last = self._staged.spans[level]
        namesakes = await sql.rows(
            f"SELECT r.number, a.id area_id{_ROWS}{by_name}{_TAKEN}{_OPEN} AND r.predecessors IS NOT NULL{_FREE}",
            first=first, last=last, **self._known,
        )  # fmt: skip
        await settle_predecessors(self._edition, level, (first, last), namesakes, self._problems)
        self._staged.open[level] = last - first + 1  # at most: some lines were closed, some opened again

    async def _pass(self, level: AreaLevel, join: str, *, unchanged: bool = False) -> None:
        """Match open lines with the free areas that the join finds, if both find only each other."""
        if not self._staged.open[level]:
            return
        source = (
            "SELECT edition_id, MIN(number) number, area_id FROM ("
            f"SELECT r.edition_id, r.number, MIN(a.id) area_id{_ROWS}{join}{_TAKEN}{_OPEN}{_ORDINARY}{_FREE}"
            " GROUP BY r.edition_id, r.number HAVING COUNT(*) = 1) f GROUP BY edition_id, area_id HAVING COUNT(*) = 1"
        )
        changes = {"area_id": "s.area_id"} | ({"changes": "'unchanged'"} if unchanged else {})
        self._staged.open[level] -= await self._update_rows(level, changes, source)

    async def _update_rows(self, level: AreaLevel, changes: dict[str, str], source: str) -> int:
        """Update the level's rows in chunks from the rows the source finds for them. Returns how many."""
        total = 0
        on = "t.edition_id = s.edition_id AND t.number = s.number"
        for first, last in sql.chunks(*self._staged.spans[level]):
            count = await sql.update_from(
                "area_edition_row", changes, source, on, first=first, last=last, **self._known
            )
            self._progress("comparing", count)
            total += count
        return total

    async def _stage_absent(self, level: AreaLevel) -> None:
        """Stage areas that the list leaves out although it has their parent, or whose parent ends."""
        parents = await self._parents_listed(level)
        for some in sql.batches(parents):
            await sql.run(
                f"{_TOUCH} 'dissolved', NULL FROM area a{_TAKEN} WHERE a.parent_id IN ({sql.listed(some)}){_FREE}",
                **self._known,
            )

    async def _parents_listed(self, level: AreaLevel) -> list[int]:
        """Return the areas below which this list is complete at this level."""
        first, last = self._staged.spans.get(level, (0, 0))
        found = await sql.rows(
            "SELECT area_id FROM area_edition_row WHERE edition_id = :edition AND area_id IS NOT NULL AND"
            " (number < :share OR number > :unlisted) AND level <> :level"
            " UNION SELECT parent_area_id FROM area_edition_row WHERE edition_id = :edition"
            " AND number BETWEEN :first AND :last AND parent_area_id IS NOT NULL",
            share=LEVELS.index(level) * LEVEL_SHARE, first=first, last=last, **self._known,
        )  # fmt: skip
        return [row["area_id"] for row in found]

    async def _find_moved(self, level: AreaLevel) -> None:
        """Match areas that would be dissolved here and added there, below the same grandparent: they moved."""
        absent = "SELECT 1 FROM area_edition_row WHERE edition_id = :edition AND number > :unlisted AND level = :level"
        if not await sql.rows(f"{absent} LIMIT 1", **self._known):
            return
        pairs: list[tuple[int, int]] = []
        for first, last in sql.chunks(*self._staged.spans[level]):
            found = await sql.rows(
                f"SELECT r.number, a.id area_id{_ROWS}"
                " LEFT JOIN area_edition_row g ON g.edition_id = p.edition_id AND g.number = p.parent_number"
                " LEFT JOIN area o ON o.id = r.parent_area_id JOIN area a ON a.name = r.name AND a.level = :level"
                " JOIN area_edition_row x ON x.edition_id = r.edition_id AND x.area_id = a.id"
                f" AND x.changes = 'dissolved' JOIN area b ON b.id = a.parent_id{_OPEN}{_ORDINARY}"
                " AND b.parent_id = COALESCE(p.parent_area_id, g.area_id, o.parent_id)",
                first=first, last=last, **self._known,
            )  # fmt: skip
            pairs += [(row["number"], row["area_id"]) for row in found]
        await self._let_move(_one_to_one(pairs))

    async def _let_move(self, pairs: list[tuple[int, int]]) -> None:
        for number, area_id in pairs:
            await sql.run(
                "DELETE FROM area_edition_row WHERE edition_id = :edition AND number = :unlisted + :area",
                area=area_id, **self._known,
            )  # fmt: skip
            await sql.run(
                "UPDATE area_edition_row SET area_id = :area WHERE edition_id = :edition AND number = :number",
                number=number, area=area_id, **self._known,
            )  # fmt: skip

    async def _describe(self, level: AreaLevel) -> None:
        """Note for each matched line what differs, and keep what the area was before."""
        parent = "0" if level == AreaLevel.PROVINCE else _PARENT
        renamed, moved = "a.name <> r.name", f"COALESCE(a.parent_id, 0) <> COALESCE({parent}, -1)"
        words = sql.joined(
            f"CASE WHEN {renamed} THEN 'renamed ' ELSE '' END",
            f"CASE WHEN {_RECODED} THEN 'recoded ' ELSE '' END",
            f"CASE WHEN {moved} THEN 'moved' ELSE '' END",
        )
        source = (
            f"SELECT r.edition_id, r.number, TRIM({words}) words, CASE WHEN {renamed} THEN a.name END before_name,"
            f" CASE WHEN {_RECODED} THEN {_KNOWN_CODE} END before_code,"
            f" CASE WHEN {moved} THEN a.parent_id END moved_from"
            f"{_ROWS} JOIN area a ON a.id = r.area_id{_SPAN} AND r.changes = 'added'"
        )
        changes = {
            "changes": "CASE WHEN s.words = '' THEN 'unchanged' ELSE s.words END",
            "before_name": "s.before_name",
            "before_code": "s.before_code",
            "before_parent_id": "s.moved_from",
        }
        await self._update_rows(level, changes, source)

    async def _stage_children_of_ended(self) -> None:
        """Stage unmatched areas below one that ends. With a single successor they move there, else they are named."""
        children = f" JOIN area a ON a.parent_id = e.area_id AND a.valid_until IS NULL{_TAKEN}"
        ended = " WHERE e.edition_id = :edition AND e.number > :unlisted AND m.id IS NULL AND e.changes"
        heir = " JOIN area_edition_heir h ON h.edition_id = e.edition_id AND h.area_id = e.area_id"
        await sql.run(
            f"{_TOUCH} 'moved', h.number FROM area_edition_row e{heir}{children}{ended} = 'merged'",
            **self._known,
        )
        await sql.run(
            f"{_TOUCH} 'orphaned', NULL FROM area_edition_row e{children}{ended} IN ('split', 'dissolved')",
            **self._known,
        )

    async def _refuse_taken_codes(self) -> None:
        """Refuse a code that an area outside of this list keeps."""
        taken = await sql.rows(
            "SELECT r.line, r.code FROM area_edition_row r"
            " JOIN area_code c ON c.code_system = :system AND c.code = r.code AND c.current = 1"
            " LEFT JOIN area_edition_row m ON m.edition_id = r.edition_id AND m.area_id = c.area_id"
            " WHERE r.edition_id = :edition AND r.number < :unlisted AND r.changes NOT IN ('left_out', 'unchanged')"
            " AND (r.area_id IS NULL OR r.area_id <> c.area_id)"
            " AND (m.number IS NULL OR m.line = 0 AND m.changes IN ('moved', 'orphaned')) ORDER BY r.line LIMIT 101",
            **self._known,
        )
        for row in taken:
            self._problems.add(row["line"], f"代码 {row['code']} 仍属于文件未列出的另一个区划")


def _same_parent(level: AreaLevel) -> str:
    return "a.parent_id IS NULL" if level == AreaLevel.PROVINCE else f"a.parent_id = {_PARENT}"


def _one_to_one(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pairs whose two sides are in no other pair."""
    numbers, areas = Counter(number for number, _ in pairs), Counter(area for _, area in pairs)
    return [pair for pair in pairs if numbers[pair[0]] == 1 and areas[pair[1]] == 1]
