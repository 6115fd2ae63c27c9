"""Coverage of areas by stations, and the gaps in it."""

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, Day, Id
from miniprogram_contract.stations import AreaName, CategoryName


class NewCoverage(ContractModel):
    """Areas the station covers from a day on: a community room communities, a town station towns or communities."""

    area_ids: list[Id] = Field(min_length=1, max_length=500)
    valid_from: Day | None = Field(None, description="First day; null: today")

    model_config = ConfigDict(json_schema_extra={"examples": [{"area_ids": [42, 43], "valid_from": "2026-04-01"}]})


class CoverageEnding(ContractModel):
    """Areas the station no longer covers from a day on."""

    area_ids: list[Id] = Field(min_length=1, max_length=500)
    valid_until: Day | None = Field(None, description="First day on which it no longer holds; null: today")

    model_config = ConfigDict(json_schema_extra={"examples": [{"area_ids": [43], "valid_until": "2026-04-01"}]})


class CoverageReportFilter(ContractModel):
    town: Id | None = Field(None, description="Show each community of this town instead of the counts")


class TownGaps(ContractModel):
    """Communities of a town, counted."""

    area: AreaName
    communities: int
    without_community_room: int = Field(description="No open community room covers them")
    without_town_station: int = Field(description="No open town station covers them")
    with_uncovered_categories: int = Field(description="Some category in use would go to the city desk")
    needs_at_city_desk: int = Field(description="Needs from there that the city desk is responsible for")


class CountyGaps(TownGaps):
    """Communities of a county, counted, and those of each of its towns."""

    towns: list[TownGaps]


class CommunityGaps(ContractModel):
    area: AreaName
    has_community_room: bool
    has_town_station: bool
    uncovered_categories: list[CategoryName] = Field(description="Categories that would go to the city desk")
    needs_at_city_desk: int


class CoverageReport(ContractModel):
    """The coverage-gap report of the caller's counties."""

    counties: list[CountyGaps]
    communities: list[CommunityGaps] = Field(description="With `town`")
    categories_not_offered: list[CategoryName] = Field(
        description="Categories in use that no open station there offers"
    )
