"""Areas 行政区划: choose a home area, find an area by any of its names, and keep the tree up to date."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from miniprogram_contract.base import PAGE_DEFAULT, ContractModel, Day, Id, Moment, Page, PageLimit, line
from miniprogram_contract.stations import StationLevel


class AreaLevel(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    COMMUNITY = "community"


class AreaFilter(ContractModel):
    """Without `query`: the areas right below `parent` (or at the top), page by page."""

    parent: Id | None = Field(None, description="With `query`: only what lies below it, however deep")
    query: line(50) | None = Field(  # type: ignore[valid-type]
        None, description="A name, part of one, an old name or what people call it", examples=["团结村"]
    )
    ended: bool = Field(
        default=False, description="With `query`: show areas that ended, with their successors, not only the latter"
    )
    after: Id | None = Field(None, description="Without `query`: `next` of the page before")
    limit: PageLimit = PAGE_DEFAULT


class AreaReference(ContractModel):
    id: Id
    name: str
    path: str = Field(description="From the city down", examples=["泸州市 · 江阳区 · 邻玉街道 · 团结村"])


class AreaSummary(AreaReference):
    """An area. Its name alone does not identify it: show the path."""

    level: AreaLevel
    short_name: str = Field(description="As people say it", examples=["团结村"])
    parent_id: Id | None
    valid_until: date | None = Field(description="First day on which it was no more; null: it lasts")
    matched_name: str | None = Field(description="The old or other name by which a search found it")
    successors: list[AreaReference] = Field(description="Of one that ended: today's areas that took over from it")


class AreaCode(ContractModel):
    code_system: str = Field(description="Whose code: `nbs` the statistics bureau's, `mca` civil affairs'")
    code: str = Field(examples=["510502004"])


class AreaDetail(AreaSummary):
    codes: list[AreaCode] = Field(description="Those in force; the same code may mean another area elsewhere")


class EditionStatus(StrEnum):
    PROPOSED = "proposed"
    APPLIED = "applied"
    DISCARDED = "discarded"


class AreaChange(StrEnum):
    """`orphaned`: its parent ends and the list does not say where it belongs; it stays. `left_out`: listed （撤销）."""

    ADDED = "added"
    RENAMED = "renamed"
    RECODED = "recoded"
    MOVED = "moved"
    MERGED = "merged"
    SPLIT = "split"
    DISSOLVED = "dissolved"
    ORPHANED = "orphaned"
    LEFT_OUT = "left_out"
    UNCHANGED = "unchanged"


class NewAreaEdition(ContractModel):
    """An authority's list as CSV with code and name, and optionally level, parent_code, predecessors, aliases.

    Codes have 2, 4, 6, 9 or 12 digits; level and parent follow from them unless given. Predecessors (of mergers and
    splits) and aliases are separated by `;`.
    """

    name: line(100)  # type: ignore[valid-type]
    code_system: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,10}$")] = Field(
        description="Whose codes these are"
    )
    valid_from: Day = Field(description="From when it holds; it can be applied from that day on")
    covers: list[AreaLevel] | None = Field(
        None,
        max_length=5,
        description="Levels in which an area missing from the list, though its parent is in it, is dissolved;"
        " null: those the list has",
    )
    csv: str = Field(
        min_length=1,
        max_length=300_000,
        description="At most 300,000 characters; longer lists go through scripts/import_areas",
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "民政部 2026",
                    "code_system": "mca",
                    "valid_from": "2026-01-01",
                    "csv": "code,name,level\n51,四川省,province\n",
                }
            ]
        }
    )


class UndecidedCoverage(ContractModel):
    """An area that replaced others whose stations differ: an officer must decide which one covers it."""

    area_id: Id
    level: StationLevel = Field(description="Level of the stations")
    station_ids: list[Id]


class AreaChangeCounts(ContractModel):
    """Areas by kind of change. An area that is moved and recoded counts in both."""

    added: int
    renamed: int
    recoded: int
    moved: int
    merged: int
    split: int
    dissolved: int
    orphaned: int
    left_out: int
    unchanged: int


class AreaEditionSummary(ContractModel):
    id: Id
    name: str
    code_system: str
    valid_from: date
    covers: list[AreaLevel]
    status: EditionStatus
    counts: AreaChangeCounts
    undecided: list[UndecidedCoverage] = Field(description="Known once it is applied")
    proposed_at: Moment
    decided_at: Moment | None


class AreaChangeFilter(ContractModel):
    kind: AreaChange | None = Field(None, description="Only this kind; null: all but the unchanged")
    after: int | None = Field(None, ge=1, le=2**31 - 1, description="`next` of the page before")
    limit: PageLimit = PAGE_DEFAULT


class AreaChangeRow(ContractModel):
    """The changes of one area; one that is renamed, recoded and moved at once has all three."""

    changes: list[AreaChange]
    line: int | None = Field(description="Line of the file; null: the list does not have this area")
    level: AreaLevel
    code: str
    name: str
    path: str = Field(description="As it will be")
    area_id: Id | None = Field(description="The area of ours; null: it is new")
    before_name: str | None
    before_code: str | None
    before_path: str | None = Field(description="Path of the parent it is moved from, or ends below")
    successors: list[str] = Field(description="Paths of the areas that take over")


class AreaEditionDetail(Page[AreaChangeRow]):
    """An edition and a page of its changes."""

    edition: AreaEditionSummary
