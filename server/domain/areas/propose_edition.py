"""The first step of an import: read an edition, stage it, and compute its changes. The tree does not change."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TextIO

from server.database import db
from server.domain.areas import sql
from server.domain.areas.edition_csv import LEVELS, Outline, Parent, Problems
from server.domain.areas.matching import Matching
from server.domain.areas.staging import Progress, stage
from server.errors import EditionTooOld
from server.models import AreaChange, AreaEdition, AreaLevel, EditionStatus


def in_silence(_step: str, _rows: int) -> None:
    """Ignore progress."""


@dataclass(frozen=True)
class NewEdition:
    """The facts of an edition: its name, the authority of its codes, its first day, and the levels it covers.

    An area of a covered level that is missing from the list, while its parent is in it, is dissolved. Without `covers`
    the levels found in the file count as covered.
    """

    name: str
    code_system: str
    valid_from: date
    covers: tuple[AreaLevel, ...] = field(default=())


@db.transaction
async def propose(
    open_file: Callable[[], TextIO],
    new: NewEdition,
    *,
    by: int | None,
    now: datetime,
    progress: Progress = in_silence,
) -> AreaEdition:
    """Stage the CSV and compute what it would change; `open_file` is called twice.

    Raises `InvalidAreaFile` with every wrong line, and `EditionTooOld` if a newer edition was applied.
    """
    follows = await _applied_before(new.valid_from)
    outline = Outline(open_file, await _known_parents(new.code_system))
    edition = await AreaEdition.create(
        name=new.name, code_system=new.code_system, valid_from=new.valid_from, covers=list(new.covers),
        follows=follows, proposed_by_id=by, proposed_at=now,
    )  # fmt: skip
    problems = Problems()
    with open_file() as opened:
        staged = await stage(edition.id, outline, opened, problems, progress)
    problems.refuse_if_any()
    edition.covers = edition.covers or [level.value for level in LEVELS if level in staged.spans]
    await Matching(edition, staged, problems, progress).run()
    problems.refuse_if_any()
    edition.counts = await _counted(edition.id)
    await edition.save(update_fields=["covers", "counts"])
    return edition


async def _applied_before(valid_from: date) -> int:
    last = await AreaEdition.filter(status=EditionStatus.APPLIED).order_by("-application").first()
    if last is None:
        return 0
    if valid_from < last.valid_from:
        raise EditionTooOld(valid_from=last.valid_from)
    assert last.application is not None
    return last.application


async def _known_parents(code_system: str) -> dict[str, Parent]:
    """Return the existing areas that may be parents, by code. This authority's own codes win over others'."""
    found = await sql.rows(
        "SELECT c.code, a.id, a.level FROM area_code c JOIN area a ON a.id = c.area_id"
        " WHERE c.current = 1 AND a.level <> 'community' AND a.valid_until IS NULL"
        " ORDER BY CASE WHEN c.code_system = :system THEN 1 ELSE 0 END, c.valid_from, c.id",
        system=code_system,
    )
    return {row["code"]: Parent(AreaLevel(row["level"]), area_id=row["id"]) for row in found}


async def _counted(edition_id: int) -> dict[str, int]:
    """Return how many areas each kind of change concerns; one that is moved and recoded counts in both."""
    found = await sql.rows(
        "SELECT changes, COUNT(*) areas FROM area_edition_row WHERE edition_id = :edition GROUP BY changes",
        edition=edition_id,
    )
    counts: dict[str, int] = {}
    for row in found:
        for kind in row["changes"].split():
            counts[kind] = counts.get(kind, 0) + row["areas"]
    return {kind.value: counts[kind] for kind in AreaChange if kind in counts}
