"""The numbers officers may change, and the calendar of working days."""

from datetime import date
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import ContractModel, Id, line


class PolicyFilter(ContractModel):
    """Where: a station, a county, or, without either, the city."""

    station: Id | None = None
    county: Id | None = None


class PolicyDetail(ContractModel):
    """A number as it holds there."""

    name: str
    meaning: str = Field(examples=["居民两次催办之间至少相隔的小时数"])
    value: int
    unit: str = Field(examples=["hours"])
    source: str = Field(description="Who says so; defaults are not the city's policy and say it")
    set_for: str | None = Field(description="`city`, `area:3`, `station:7`; null: the default", examples=["area:3"])
    default: int
    least: int
    most: int
    city_wide: bool = Field(description="Can be set for the whole city alone")


class PolicyList(ContractModel):
    items: list[PolicyDetail]


class NewPolicyValue(ContractModel):
    """A number for a station, a county or, without either, the city."""

    value: int | None = Field(ge=0, le=1_000_000, description="null: what holds more widely holds here again")
    source: line(200) = Field(description="Who decided it")  # type: ignore[valid-type]
    station: Id | None = None
    county: Id | None = None

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"value": 12, "source": "江阳区民政局2026年3月通知", "county": 3}]}
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.station is not None and self.county is not None:
            raise ValueError("station 和 county 只能填一个")
        return self


class NewCalendarDay(ContractModel):
    """Whether stations work on the day."""

    working: bool

    model_config = ConfigDict(json_schema_extra={"examples": [{"working": False}]})


class CalendarDay(ContractModel):
    day: date
    working: bool


class CalendarYear(ContractModel):
    """The days of the year entered by hand; all others follow the national calendar as far as it is known."""

    days: list[CalendarDay]
    missing_years: list[int] = Field(description="Years whose calendar nobody has entered although it is time")
