"""Rooms of a station, and who has them when."""

from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field

from miniprogram_contract.areas import Day
from miniprogram_contract.needs import StationBrief
from miniprogram_contract.shapes import Changes, Cursor, Id, Moment, Shape, line

LEFT_OUT: Any = None


class RoomKind(StrEnum):
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


ROOM_WORDS = {
    RoomKind.RECEPTION: "接待区",
    RoomKind.DISPLAY: "展示区",
    RoomKind.INTERVIEW: "访谈室",
    RoomKind.ACTIVITY: "活动室",
    RoomKind.ARCHIVE: "档案室",
    RoomKind.CASE_WORK: "个案室",
    RoomKind.GROUP_WORK: "小组活动室",
    RoomKind.MULTI_PURPOSE: "多功能室",
    RoomKind.MEETING: "会议室",
    RoomKind.READING: "阅览室",
    RoomKind.COUNCIL: "议事室",
    RoomKind.SINGING: "唱歌室",
    RoomKind.DANCING: "舞蹈室",
    RoomKind.FITNESS: "健身室",
}


class RoomZone(StrEnum):
    """静区: one is asked to be quiet; 动区: one may be loud."""

    QUIET = "quiet"
    LIVELY = "lively"


ROOM_ZONES = {
    RoomKind.MEETING: RoomZone.QUIET,
    RoomKind.READING: RoomZone.QUIET,
    RoomKind.COUNCIL: RoomZone.QUIET,
    RoomKind.SINGING: RoomZone.LIVELY,
    RoomKind.DANCING: RoomZone.LIVELY,
    RoomKind.FITNESS: RoomZone.LIVELY,
}


class PublicRoom(Shape):
    """A room as everybody may know it."""

    id: Id
    kind: RoomKind
    kind_words: str
    zone: RoomZone | None = Field(description="Null: neither")
    name: str
    people_most: int = Field(description="People it holds")


class RoomShape(PublicRoom):
    """A room as staff see it."""

    station: StationBrief
    active: bool = Field(description="False: it is not given out any more")
    created_at: Moment


class StationRooms(Shape):
    """What a station gives out."""

    items: list[PublicRoom]


class NewRoom(Shape):
    """A room of the station one heads."""

    station_id: Id
    kind: RoomKind
    name: line(40) = Field(description="One of this name a station")  # type: ignore[valid-type]
    people_most: int = Field(ge=1, le=10_000, strict=True, description="People it holds")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"station_id": 7, "kind": "multi_purpose", "name": "二楼多功能室", "people_most": 60}]
        }
    )


class RoomChanges(Changes):
    """What changes of a room; its kind stays."""

    name: line(40) = LEFT_OUT  # type: ignore[valid-type]
    people_most: int = Field(
        LEFT_OUT, ge=1, le=10_000, strict=True, description="No fewer than an activity to come has seats in it"
    )
    active: bool = Field(LEFT_OUT, description="False: nobody can take it from now on; who has, keeps it")

    model_config = ConfigDict(json_schema_extra={"examples": [{"people_most": 50}]})


class RoomsQuery(Shape):
    station: Id | None = Field(None, description="One of one's stations; null: all of them")
    after: Id | None = Field(None, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=100)


class NewRoomUse(Shape):
    """A room for something of the station's own."""

    starts_at: Moment
    ends_at: Moment = Field(description="After now; at most 7 days later than the start")
    purpose: line(60) = Field(description="Names nobody")  # type: ignore[valid-type]

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


class RoomUsesQuery(Shape):
    from_day: Day | None = Field(None, description="By Shanghai's calendar; null: today")
    after: Cursor | None = None
    limit: int = Field(50, ge=1, le=100)


class RoomUseShape(Shape):
    """Who has a room from when until when."""

    id: Id
    room_id: Id
    starts_at: Moment
    ends_at: Moment
    purpose: str
    taken_by: str = Field(description="A worker's name")
    taken_at: Moment
    activity_id: Id | None = Field(description="Whose room it is; null: the station's own purpose")
    given_back_at: Moment | None
