"""Venues 场地 of a station, and their uses."""

from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field

from miniprogram_contract.base import Changes, ContractModel, Day, Id, IdPageQuery, Moment, PageQuery, line
from miniprogram_contract.stations import StationReference

LEFT_OUT: Any = None


class VenueKind(StrEnum):
    RECEPTION = "reception"
    DISPLAY = "display"
    INTERVIEW = "interview"
    ACTIVITY = "activity"
    ARCHIVE = "archive"
    CASE_WORK = "case_work"
    GROUP_WORK = "group_work"
    MULTI_PURPOSE = "multi_purpose"
    MEETING = "meeting"
    READING = "reading"
    COUNCIL = "council"
    SINGING = "singing"
    DANCING = "dancing"
    FITNESS = "fitness"


VENUE_WORDS = {
    VenueKind.RECEPTION: "接待区",
    VenueKind.DISPLAY: "展示区",
    VenueKind.INTERVIEW: "访谈室",
    VenueKind.ACTIVITY: "活动室",
    VenueKind.ARCHIVE: "档案室",
    VenueKind.CASE_WORK: "个案室",
    VenueKind.GROUP_WORK: "小组活动室",
    VenueKind.MULTI_PURPOSE: "多功能室",
    VenueKind.MEETING: "会议室",
    VenueKind.READING: "阅览室",
    VenueKind.COUNCIL: "议事室",
    VenueKind.SINGING: "唱歌室",
    VenueKind.DANCING: "舞蹈室",
    VenueKind.FITNESS: "健身室",
}


class VenueZone(StrEnum):
    """静区 for quiet use, 动区 for loud use."""

    QUIET = "quiet"
    LIVELY = "lively"


VENUE_ZONES = {
    VenueKind.MEETING: VenueZone.QUIET,
    VenueKind.READING: VenueZone.QUIET,
    VenueKind.COUNCIL: VenueZone.QUIET,
    VenueKind.SINGING: VenueZone.LIVELY,
    VenueKind.DANCING: VenueZone.LIVELY,
    VenueKind.FITNESS: VenueZone.LIVELY,
}


class VenueSummary(ContractModel):
    """A venue as everybody sees it."""

    id: Id
    kind: VenueKind
    kind_words: str
    zone: VenueZone | None = Field(description="Null: neither")
    name: str
    capacity: int = Field(description="Number of people it holds")


class StaffVenueDetail(VenueSummary):
    """A venue as staff see it."""

    station: StationReference
    active: bool = Field(description="False: it is not in use any more")
    created_at: Moment


class VenueList(ContractModel):
    """The venues in use at a station."""

    items: list[VenueSummary]


class NewVenue(ContractModel):
    """A venue of the station that the caller heads."""

    station_id: Id
    kind: VenueKind
    name: line(40) = Field(description="Unique in the station")  # type: ignore[valid-type]
    capacity: int = Field(ge=1, le=10_000, strict=True, description="Number of people it holds")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"station_id": 7, "kind": "multi_purpose", "name": "二楼多功能室", "capacity": 60}]
        }
    )


class VenueChanges(Changes):
    """Changes of a venue; its kind cannot change."""

    name: line(40) = LEFT_OUT  # type: ignore[valid-type]
    capacity: int = Field(
        LEFT_OUT, ge=1, le=10_000, strict=True, description="Not fewer than the seats of coming activities there"
    )
    active: bool = Field(LEFT_OUT, description="False: no new uses; existing uses stay")

    model_config = ConfigDict(json_schema_extra={"examples": [{"capacity": 50}]})


class StaffVenueFilter(IdPageQuery):
    station: Id | None = Field(None, description="One of the caller's stations; null: all of them")


class NewVenueUse(ContractModel):
    """A use of a venue for a purpose of the station."""

    starts_at: Moment
    ends_at: Moment = Field(description="After now; at most 7 days later than the start")
    purpose: line(60) = Field(description="Must not name a person")  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "starts_at": "2026-12-01T09:00:00+08:00",
                    "ends_at": "2026-12-01T11:00:00+08:00",
                    "purpose": "居民议事会",
                }
            ]
        }
    )


class VenueUseFilter(PageQuery):
    from_day: Day | None = Field(None, description="By Shanghai's calendar; null: today")


class VenueUseDetail(ContractModel):
    """A use of a venue."""

    id: Id
    venue_id: Id
    starts_at: Moment
    ends_at: Moment
    purpose: str
    reserved_by: str = Field(description="A worker's name")
    reserved_at: Moment
    activity_id: Id | None = Field(description="The activity that uses it; null: a purpose of the station")
    released_at: Moment | None
