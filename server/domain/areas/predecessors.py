"""Mergers and splits: the meaning of lines that name the areas they came from."""

from dataclasses import dataclass, field
from typing import Any

from server.domain.areas import sql
from server.domain.areas.edition_csv import Problems, split
from server.domain.areas.staging import UNLISTED
from server.models import (
    Area,
    AreaChange,
    AreaCode,
    AreaEdition,
    AreaEditionHeir,
    AreaEditionRow,
    AreaLevel,
    EditionStatus,
)


@dataclass
class Succession:
    """Continuing and ending areas: `kept` maps a row to its area, `ended` an area to the rows that replace it."""

    kept: dict[int, int] = field(default_factory=dict)
    ended: dict[int, list[int]] = field(default_factory=dict)


def succession(named: dict[int, list[int]], namesakes: dict[int, int], going_on: dict[int, int]) -> Succession:
    """Return what becomes of the areas that rows name as predecessors.

    `named`: the areas each row names. `namesakes`: the area below the same parent that has the row's name. `going_on`:
    predecessors that have rows of their own in the list. An area that two rows claim is split, and both are new even if
    one keeps the name: only then are its residents asked which side is theirs. An area that one row claims continues as
    that row if it has its name, or if it alone leads to the row. Otherwise it merges into the row.
    """
    heirs: dict[int, list[int]] = {}
    for number, areas in named.items():
        for area in areas:
            heirs.setdefault(area, []).append(number)
    for area, number in going_on.items():
        heirs[area].append(number)
    found = Succession()
    for area, numbers in heirs.items():
        only = numbers[0]
        if len(numbers) == 1 and namesakes.get(only, area) == area and (only in namesakes or named[only] == [area]):
            found.kept[only] = area
        else:
            found.ended[area] = sorted(numbers)
    taken = heirs.keys() | set(found.kept.values())
    found.kept |= {number: area for number, area in namesakes.items() if number in named and area not in taken}
    return found


async def settle_predecessors(
    edition: AreaEdition,
    level: AreaLevel,
    span: tuple[int, int],
    namesakes: list[dict[str, Any]],
    problems: Problems,
) -> None:
    """Write the succession of the level's rows: matched areas, ended areas, and successors."""
    named, codes = await _named(edition, level, span, problems)
    going_on = await _going_on(edition, {area for areas in named.values() for area in areas})
    same = {row["number"]: row["area_id"] for row in namesakes}
    found = succession(named, same, going_on)
    for area, number in going_on.items():
        await AreaEditionRow.filter(edition_id=edition.id, number=number).update(
            area_id=None, changes=AreaChange.ADDED.value, predecessors=codes[area]
        )
    for number, area in found.kept.items():
        await AreaEditionRow.filter(edition_id=edition.id, number=number).update(area_id=area)
    await _write_ended(edition, found.ended, codes)


async def _named(
    edition: AreaEdition, level: AreaLevel, span: tuple[int, int], problems: Problems
) -> tuple[dict[int, list[int]], dict[int, str]]:
    """Return the areas that each row names, and their codes. Codes of no area of this level are problems."""
    lines = await AreaEditionRow.filter(
        edition_id=edition.id, number__range=span, predecessors__isnull=False, changes=AreaChange.ADDED.value
    ).values("number", "line", "predecessors")
    codes = {code for line in lines for code in split(line["predecessors"])}
    areas = await areas_of_codes(sorted(codes), edition.code_system, level)
    named: dict[int, list[int]] = {}
    for line in lines:
        wanted = dict.fromkeys(split(line["predecessors"]))
        for code in wanted:
            if code not in areas:
                problems.add(line["line"], f"前身代码 {code} 不是现有的同级区划")
        named[line["number"]] = list(dict.fromkeys(areas[code] for code in wanted if code in areas))
    return named, {area: code for code, area in areas.items()}


async def areas_of_codes(codes: list[str], code_system: str, level: AreaLevel) -> dict[str, int]:
    """Return the current areas of the level by code. This authority's codes win over others'."""
    others = await AreaEdition.filter(status=EditionStatus.APPLIED).order_by("-application").values("code_system")
    found: dict[str, int] = {}
    for system in dict.fromkeys([code_system, *(row["code_system"] for row in others)]):
        for some in sql.batches(code for code in codes if code not in found):
            rows = await AreaCode.filter(
                code_system=system, code__in=some, current=1, area__level=level, area__valid_until=None
            ).values("code", "area_id")
            found |= {row["code"]: row["area_id"] for row in rows}
    return found


async def _going_on(edition: AreaEdition, areas: set[int]) -> dict[int, int]:
    """Return the predecessors that other lines of the list name as areas, and the number of that line."""
    found: dict[int, int] = {}
    for some in sql.batches(sorted(areas)):
        rows = await AreaEditionRow.filter(edition_id=edition.id, area_id__in=some).values("area_id", "number")
        found |= {row["area_id"]: row["number"] for row in rows}
    return found


async def _write_ended(edition: AreaEdition, ended: dict[int, list[int]], codes: dict[int, str]) -> None:
    for some in sql.batches(ended):
        rows = [_ended(edition, area, codes[area.id], ended[area.id]) for area in await Area.filter(id__in=some)]
        await AreaEditionRow.bulk_create(rows)
        await AreaEditionHeir.bulk_create(
            AreaEditionHeir(edition_id=edition.id, area_id=area, number=number)
            for area in some
            for number in ended[area]
        )


def _ended(edition: AreaEdition, area: Area, code: str, heirs: list[int]) -> AreaEditionRow:
    change = AreaChange.SPLIT if len(heirs) > 1 else AreaChange.MERGED
    return AreaEditionRow(
        edition_id=edition.id, number=UNLISTED + area.id, line=0, level=area.level, code=code, name=area.name,
        area_id=area.id, changes=change.value, before_parent_id=area.parent_id,
    )  # fmt: skip
