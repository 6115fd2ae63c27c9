"""The second step of an import: apply a confirmed proposal as a whole, or not at all.

Ids stay. Old codes and names are kept with the day they ended. Areas that end stay in the table with their successors.
Homes, needs and coverage are not touched.
"""
# ruff: noqa: S608 - the statements are put together from the constants of this file

from datetime import datetime

from tortoise.exceptions import IntegrityError

from server.database import db
from server.domain import audit, reference
from server.domain.areas import sql
from server.domain.areas.edition_csv import LEVELS, split
from server.domain.areas.inherited_coverage import pass_on_coverage
from server.domain.areas.propose_edition import in_silence
from server.domain.areas.staging import LEVEL_SHARE, UNLISTED, Progress
from server.domain.working_time import SHANGHAI, midnight
from server.errors import EditionDecided, EditionNotYetValid, EditionOutdated, NotFound
from server.models import AreaEdition, AreaEditionHeir, AreaName, AreaNameKind, EditionStatus

_ROWS = (
    " FROM area_edition_row r"
    " LEFT JOIN area_edition_row p ON p.edition_id = r.edition_id AND p.number = r.parent_number"
)
_ENDED = (
    "SELECT area_id FROM area_edition_row WHERE edition_id = :edition AND number > :unlisted"
    " AND changes IN ('merged', 'split', 'dissolved')"
)
_SPAN = " WHERE r.edition_id = :edition AND r.number BETWEEN :first AND :last"
# The parent of the row's area once the edition is applied: an existing area, or one that this edition adds.
_PARENT = "COALESCE(r.parent_area_id, p.area_id, :base + p.line)"


@db.transaction
async def apply(edition_id: int, *, by: int | None, now: datetime, progress: Progress = in_silence) -> AreaEdition:
    """Change the tree as proposed.

    Raises `NotFound`, `EditionDecided`, `EditionNotYetValid`, and `EditionOutdated` after another edition.
    """
    edition = await _claim(edition_id, by, now)
    application = Application(edition, await _last_area_id(), progress)
    await application.add()
    # Only now: to add the areas of a whole country takes minutes, and residents file needs meanwhile. Nobody sees
    # these areas before COMMIT. From here on rows change that others rely on.
    await reference.begin_change(areas=True)
    await application.change()
    edition.undecided = await pass_on_coverage(edition, today=now.astimezone(SHANGHAI).date())
    await edition.save(update_fields=["undecided"])
    await audit.note("area_edition.applied", f"area_edition:{edition.id}", by=by, now=now, **edition.counts)
    return edition


async def _claim(edition_id: int, by: int | None, now: datetime) -> AreaEdition:
    edition = await _proposed(edition_id)
    if edition.valid_from > now.astimezone(SHANGHAI).date():
        raise EditionNotYetValid(possible_from=midnight(edition.valid_from))
    edition.application = edition.follows + 1
    if await AreaEdition.filter(application__gte=edition.application).exists():
        raise EditionOutdated
    edition.status, edition.decided_by_id, edition.decided_at = EditionStatus.APPLIED, by, now
    try:
        await edition.save(update_fields=["status", "application", "decided_by_id", "decided_at"])
    except IntegrityError as error:
        # Another proposal that follows the same edition was applied first.
        raise EditionOutdated from error
    return edition


async def _proposed(edition_id: int) -> AreaEdition:
    edition = await AreaEdition.select_for_update().get_or_none(id=edition_id)
    if edition is None:
        raise NotFound(kind="area_edition", ids=[edition_id])
    if edition.status != EditionStatus.PROPOSED:
        raise EditionDecided(status=edition.status.value)
    return edition


async def _last_area_id() -> int:
    [row] = await sql.rows("SELECT COALESCE(MAX(id), 0) last FROM area")
    return int(row["last"])


class Application:
    """One edition being applied. A new area gets the id `base` plus its line, so that every step knows it."""

    def __init__(self, edition: AreaEdition, base: int, progress: Progress) -> None:
        self._edition = edition
        self._progress = progress
        day = edition.valid_from.isoformat()
        self._known = {
            "edition": edition.id, "system": edition.code_system, "day": day, "base": base, "unlisted": UNLISTED,
        }  # fmt: skip

    async def add(self) -> None:
        """Add areas, codes and aliases. No row changes that another transaction locks."""
        # Codes are freed before they are given again: two towns may swap theirs.
        await self._end_codes()
        for level in LEVELS:
            for first, last in await self._chunks(LEVELS.index(level)):
                added = await self._add_areas(first=first, last=last)
                await self._add_codes(first=first, last=last)
                await self._add_aliases(first=first, last=last)
                self._progress("applying", added)

    async def change(self) -> None:
        """End, rename and move existing areas."""
        await sql.update_from("area", {"valid_until": ":day"}, _ENDED, "t.id = s.area_id", **self._known)
        await self._rename()
        await self._record_successors()
        if self._edition.counts.get("moved"):
            await self._move()

    async def _chunks(self, level_number: int) -> list[tuple[int, int]]:
        share = level_number * LEVEL_SHARE
        [row] = await sql.rows(
            "SELECT MIN(number) first, MAX(number) last FROM area_edition_row WHERE edition_id = :edition"
            " AND number BETWEEN :start AND :end",
            start=share, end=share + LEVEL_SHARE - 1, **self._known,
        )  # fmt: skip
        return list(sql.chunks(row["first"], row["last"])) if row["last"] is not None else []

    async def _end_codes(self) -> None:
        recoded = "SELECT area_id FROM area_edition_row WHERE edition_id = :edition AND INSTR(changes, 'recoded') > 0"
        over = {"valid_until": ":day", "current": "NULL"}
        on = "t.area_id = s.area_id AND t.current = 1"
        if self._edition.counts.get("recoded"):
            await sql.update_from("area_code", over, recoded, f"{on} AND t.code_system = :system", **self._known)
        await sql.update_from("area_code", over, _ENDED, on, **self._known)

    async def _add_areas(self, **span: int) -> int:
        path = sql.joined("o.ancestry", "o.id", "'/'")
        return await sql.run(
            "INSERT INTO area (id, level, name, parent_id, ancestry, valid_from)"
            f" SELECT :base + r.line, r.level, r.name, o.id, COALESCE({path}, '/'), :day{_ROWS}"
            f" LEFT JOIN area o ON o.id = {_PARENT}{_SPAN} AND r.area_id IS NULL AND r.changes = 'added'",
            **span,
            **self._known,
        )

    async def _add_codes(self, **span: int) -> None:
        """Give every listed area this authority's code from now on."""
        await sql.run(
            "INSERT INTO area_code (area_id, code_system, code, valid_from, current)"
            " SELECT COALESCE(r.area_id, :base + r.line), :system, r.code, :day, 1 FROM area_edition_row r"
            f"{_SPAN} AND r.changes <> 'left_out' AND (r.area_id IS NULL OR NOT EXISTS (SELECT 1 FROM area_code k"
            " WHERE k.area_id = r.area_id AND k.code_system = :system AND k.current = 1))",
            **span,
            **self._known,
        )

    async def _add_aliases(self, **span: int) -> None:
        found = await sql.rows(
            "SELECT COALESCE(r.area_id, :base + r.line) area, r.aliases FROM area_edition_row r"
            f"{_SPAN} AND r.aliases IS NOT NULL AND r.changes <> 'left_out'",
            **span,
            **self._known,
        )
        for some in sql.batches(found):
            known = await AreaName.filter(area_id__in=[row["area"] for row in some]).values_list("area_id", "name")
            wanted = dict.fromkeys((row["area"], alias) for row in some for alias in split(row["aliases"]))
            await AreaName.bulk_create(
                AreaName(area_id=area, name=alias, kind=AreaNameKind.ALIAS)
                for area, alias in wanted.keys() - set(known)
            )

    async def _rename(self) -> None:
        renamed = " FROM area_edition_row r WHERE r.edition_id = :edition AND INSTR(r.changes, 'renamed') > 0"
        if not self._edition.counts.get("renamed"):
            return
        await sql.run(
            "INSERT INTO area_name (area_id, name, kind, valid_until)"
            f" SELECT r.area_id, r.before_name, 'old', :day{renamed} AND NOT EXISTS"
            " (SELECT 1 FROM area_name n WHERE n.area_id = r.area_id AND n.name = r.before_name)",
            **self._known,
        )
        source = f"SELECT r.area_id, r.name{renamed}"
        await sql.update_from("area", {"name": "s.name"}, source, "t.id = s.area_id", **self._known)

    async def _record_successors(self) -> None:
        if await AreaEditionHeir.filter(edition_id=self._edition.id).exists():
            await sql.run(
                "INSERT INTO area_successor (area_id, successor_id, edition_id)"
                " SELECT h.area_id, COALESCE(r.area_id, :base + r.line), :edition FROM area_edition_heir h"
                " JOIN area_edition_row r ON r.edition_id = h.edition_id AND r.number = h.number"
                " WHERE h.edition_id = :edition",
                **self._known,
            )

    async def _move(self) -> None:
        moved = " WHERE r.edition_id = :edition AND INSTR(r.changes, 'moved') > 0"
        source = f"SELECT r.area_id, {_PARENT} parent{_ROWS}{moved}"
        await sql.update_from("area", {"parent_id": "s.parent"}, source, "t.id = s.area_id", **self._known)
        # Areas below a moved area have another path now; the paths are written from the top down.
        path = sql.joined("o.ancestry", "o.id", "'/'")
        for level in LEVELS[:-1]:
            source = (
                f"SELECT c.id, {path} path FROM area o JOIN area c ON c.parent_id = o.id"
                f" WHERE o.level = :level AND c.ancestry <> {path}"
            )
            await sql.update_from("area", {"ancestry": "s.path"}, source, "t.id = s.id", level=level.value)


@db.transaction
async def discard(edition_id: int, *, by: int | None, now: datetime) -> AreaEdition:
    """Discard a proposal; the tree does not change. Raises `NotFound`, `EditionDecided`."""
    edition = await _proposed(edition_id)
    edition.status, edition.decided_by_id, edition.decided_at = EditionStatus.DISCARDED, by, now
    await edition.save(update_fields=["status", "decided_by_id", "decided_at"])
    await audit.note("area_edition.discarded", f"area_edition:{edition.id}", by=by, now=now)
    return edition
