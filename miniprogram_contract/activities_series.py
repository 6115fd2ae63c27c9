"""Activities drafted like an earlier one: once, or again and again."""

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.activities_staff import StaffActivityDetail
from miniprogram_contract.areas import Day
from miniprogram_contract.base import ContractModel, Id, Moment, wrong


class NewActivityCopy(ContractModel):
    """When the copy begins; all other times move along."""

    starts_at: Moment
    with_venue: bool = Field(default=True, description="False: the copy takes no venue yet and keeps the place")

    model_config = ConfigDict(json_schema_extra={"examples": [{"starts_at": "2026-12-22T09:00:00+08:00"}]})


class OmittedPart(StrEnum):
    """What a copy lacks: photos belong to one thing, a rule may be no longer active, the venue not wanted."""

    PHOTOS = "photos"
    RULE = "rule"
    VENUE = "venue"


class ActivityCopy(ContractModel):
    """A new draft, and what it did not take over."""

    activity: StaffActivityDetail
    left_out: list[OmittedPart]


class NewSeries(ContractModel):
    """Drafts like this one, at the same time every so many weeks."""

    every_weeks: int = Field(1, ge=1, le=52, strict=True)
    times: int | None = Field(None, ge=1, le=52, strict=True, description="How many more, or `until`")
    until: Day | None = Field(None, description="Last possible day, by Shanghai's calendar, or `times`")
    working_days_only: bool = Field(default=False, description="Leave out days on which stations do not work")

    model_config = ConfigDict(json_schema_extra={"examples": [{"every_weeks": 1, "times": 4}]})

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.times is None) == (self.until is None):
            raise wrong("times" if self.times is None else "until", "请填写次数或截止日期，只填一项")
        return self


class SeriesActivity(ContractModel):
    id: Id
    starts_at: Moment
    ends_at: Moment


class SeriesDetail(ContractModel):
    """What was made: drafts, which are published one by one."""

    id: Id
    every_weeks: int
    activities: list[SeriesActivity] = Field(description="The new drafts, in the order of time")
    skipped: list[date] = Field(description="Days left out, on which stations do not work")
    left_out: list[OmittedPart] = Field(description="What the drafts did not take over")
