"""Rankings of volunteers by served time."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from miniprogram_contract.base import ContractModel, Id


class RankingPeriod(StrEnum):
    """The period in which the service ended, in Shanghai: this month, this year, or all time."""

    MONTH = "month"
    YEAR = "year"
    ALL = "all"


class RankingFilter(ContractModel):
    """The volunteers of a station or of a county's stations; without either, of the city."""

    station: Id | None = None
    county: Id | None = None
    period: RankingPeriod = RankingPeriod.MONTH

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.station is not None and self.county is not None:
            raise ValueError("站点和区县只能选一个")
        return self


class RankingEntry(ContractModel):
    """A volunteer's rank."""

    rank: int = Field(ge=1, description="From 1; volunteers with the same minutes have the same rank")
    name: str | None = Field(description="Masked: 王**", examples=["王**"])
    served_minutes: int = Field(ge=1, description="Minutes of approved service in the period")
    is_self: bool = Field(description="The entry is the caller's")


class Ranking(ContractModel):
    """The approved volunteers with most time among those who agreed to be named."""

    items: list[RankingEntry] = Field(description="Longest served first, at most 50")
