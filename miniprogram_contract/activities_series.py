"""Copies and series of activities."""

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.activities_staff import StaffActivityDetail
from miniprogram_contract.base import ContractModel, Day, Id, Moment, wrong


class NewActivityCopy(ContractModel):
    """The start of the copy; all other times move along."""

    starts_at: Moment
    with_venue: bool = Field(default=True, description="False: the copy has no venue yet and keeps the place")

    model_config = ConfigDict(json_schema_extra={"examples": [{"starts_at": "2026-12-22T09:00:00+08:00"}]})


class OmittedPart(StrEnum):
    """Parts that a copy lacks: photos belong to one activity, the rule has ended, or no venue is wanted."""

    PHOTOS = "photos"
    RULE = "rule"
    VENUE = "venue"


class ActivityCopy(ContractModel):
    """A new draft, and the parts that it lacks."""

    activity: StaffActivityDetail
    omitted_parts: list[OmittedPart]


class NewSeries(ContractModel):
    """Drafts like this activity, repeated every so many weeks at the same time."""

    every_weeks: int = Field(1, ge=1, le=52, strict=True)
    times: int | None = Field(
        None, ge=1, le=52, strict=True, description="Number of new activities; either this or `until_day`"
    )
    until_day: Day | None = Field(None, description="Last possible day, by Shanghai's calendar; either this or `times`")
    working_days_only: bool = Field(default=False, description="Skip days on which stations do not work")

    model_config = ConfigDict(json_schema_extra={"examples": [{"every_weeks": 1, "times": 4}]})

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.times is None) == (self.until_day is None):
            raise wrong("times" if self.times is None else "until_day", "请填写次数或截止日期，只填一项")
        return self


class SeriesActivity(ContractModel):
    id: Id
    starts_at: Moment
    ends_at: Moment


class SeriesDetail(ContractModel):
    """The created drafts; each is published by itself."""

    id: Id
    every_weeks: int
    activities: list[SeriesActivity] = Field(description="The new drafts, in the order of time")
    skipped_days: list[date] = Field(description="Skipped days, on which stations do not work")
    omitted_parts: list[OmittedPart] = Field(description="Parts that the drafts lack")
