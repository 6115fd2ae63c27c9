"""Stations: the responsible one, the nearest ones, their pages, and changes by officers."""

from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import Changes, ContractModel, Id, Phone, line
from miniprogram_contract.duty import DutyState

Longitude = Field(ge=73, le=136, description="Degrees east, in China", examples=[105.4433])
Latitude = Field(ge=3, le=54, description="Degrees north, in China", examples=[28.8891])


class Coordinates(StrEnum):
    """Phones and maps in China give `gcj02`, satellites give `wgs84`; they are hundreds of metres apart."""

    GCJ02 = "gcj02"
    WGS84 = "wgs84"


class StationLevel(StrEnum):
    CITY_DESK = "city_desk"
    HEAD_STATION = "head_station"
    TOWN_STATION = "town_station"
    COMMUNITY_ROOM = "community_room"


class StationStatus(StrEnum):
    """A `closing` station gets nothing new. Its open needs move to others within moments; then it is `closed`."""

    PLANNED = "planned"
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSING = "closing"
    CLOSED = "closed"


STATUS_WORDS = {
    StationStatus.PLANNED: "筹建中",
    StationStatus.OPEN: "运行中",
    StationStatus.SUSPENDED: "暂停服务",
    StationStatus.CLOSING: "撤销中",
    StationStatus.CLOSED: "已撤销",
}


class StationOrigin(StrEnum):
    """How the station came to be (plan rule 5)."""

    SUBSIDISED = "subsidised"
    GOVERNANCE_PILOT = "governance_pilot"
    WITH_SERVICE_BODY = "with_service_body"
    BUILT_BY_COUNTY = "built_by_county"
    EXISTING_PREMISES = "existing_premises"


class Location(ContractModel):
    """A place on the map, always with its coordinate system."""

    longitude: float = Longitude
    latitude: float = Latitude
    coordinates: Coordinates


class AreaName(ContractModel):
    id: Id
    name: str


class CategoryName(ContractModel):
    code: str
    name: str


class StationFilter(ContractModel):
    """One of three: `covering` (with `category`), a point (all three of it), or `county`."""

    covering: Id | None = Field(None, description="A community: which station is responsible for it")
    category: line(40) = Field("not_sure", description="With `covering`: code of a category")  # type: ignore[valid-type]
    longitude: float | None = Field(None, ge=73, le=136)
    latitude: float | None = Field(None, ge=3, le=54)
    coordinates: Coordinates | None = Field(None, description="Of longitude and latitude; refused without")
    county: Id | None = Field(None, description="All stations of a county, whatever their status")
    after: Id | None = Field(None, description="With `county`: `next` of the page before")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        point = [self.longitude, self.latitude, self.coordinates]
        if any(part is not None for part in point) and None in point:
            raise ValueError("位置需要同时给出 longitude、latitude 和 coordinates（gcj02 或 wgs84）")
        asked = [self.covering, self.longitude, self.county]
        if sum(part is not None for part in asked) != 1:
            raise ValueError("请用 covering、位置或 county 中的一种方式查找")
        return self


class StationSummary(ContractModel):
    """A station in a list."""

    id: Id
    level: StationLevel
    level_words: str = Field(description="As the city words it, see `GET /wordings`", examples=["社会工作服务站"])
    status: StationStatus
    status_words: str
    name: str
    address: str
    opening_hours: str
    phone: str
    place: Location | None = Field(description="Always in gcj02")
    distance_metres: int | None = Field(description="From the point asked about, as the crow flies")


class ResponsibleStation(ContractModel):
    """The station that is responsible for needs of the category."""

    station: StationSummary
    is_coverage_gap: bool = Field(description="Only the city desk is responsible")
    words: str = Field(
        description="Why this one, for residents",
        examples=["您所在的团结村还没有设社会工作服务室，由邻玉街道社会工作服务站受理。"],
    )


class StationSearchResult(ContractModel):
    responsible: ResponsibleStation | None = Field(description="With `covering`")
    county: AreaName | None = Field(description="Around the point, where county borders are installed")
    items: list[StationSummary] = Field(description="The ten nearest open ones, or a page of the county's by id")
    next: str | None = Field(default=None, description="With `county`: goes into `after`; null: that was all")


class CoveredArea(ContractModel):
    id: Id
    name: str
    valid_from: str = Field(description="First day", examples=["2026-03-10"])
    valid_until: str | None = Field(description="First day on which it no longer holds")


class StationDetail(StationSummary):
    """The public page of a station."""

    area: AreaName
    county: AreaName | None
    operator: str = Field(description="The organisation that runs it")
    origin: StationOrigin | None
    categories: list[CategoryName] = Field(description="What it offers, besides `not_sure`, which all do")
    covers: list[CoveredArea] = Field(description="Today and later")
    duty: DutyState = Field(description="Whether a person is on duty for emergencies now")


class StationAction(StrEnum):
    """The part of the path after the station that does it."""

    CHANGES = "changes"
    OPENING = "opening"
    SUSPENSION = "suspension"
    CLOSING = "closing"
    CATEGORIES = "categories"
    COVERAGE = "coverage"
    COVERAGE_ENDING = "coverage/ending"


class StaffStationDetail(StationDetail):
    """The page with the fields that only staff see."""

    duty_phone: str = Field(description="Rings in an emergency; empty: `phone` does")
    allowed_actions: list[StationAction] = Field(
        description="Steps the caller can take now. `opening` needs a phone, an address, coverage and people",
        examples=[["changes", "suspension"]],
    )


class StationProfile(ContractModel):
    """The facts of a station's page; a field left out stays as it is."""

    address: line(200, 0) = ""  # type: ignore[valid-type]
    place: Location | None = None
    opening_hours: line(200, 0) = Field("", examples=["周一至周五 9:00–12:00，13:30–17:30"])  # type: ignore[valid-type]
    phone: Phone | None = Field(None, description="Null: none")
    duty_phone: Phone | None = Field(None, description="Null: none; then `phone` rings in an emergency")
    operator: line(100, 0) = ""  # type: ignore[valid-type]
    origin: StationOrigin | None = None


class NewStationLevel(StrEnum):
    HEAD_STATION = "head_station"
    TOWN_STATION = "town_station"
    COMMUNITY_ROOM = "community_room"


class NewStation(StationProfile):
    """A new station. It begins as planned, covers nothing and offers nothing."""

    level: NewStationLevel
    area_id: Id = Field(description="Where it is: a county, a town (or one of its communities), a community")
    name: line(100, 0) = Field(  # type: ignore[valid-type]
        "", description="As on its sign; empty: its place and the name of its level (plan rule 49)"
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "level": "town_station",
                    "area_id": 12,
                    "name": "邻玉街道社会工作服务站",
                    "address": "邻玉街道酒谷大道120号",
                    "place": {"longitude": 105.4433, "latitude": 28.8391, "coordinates": "gcj02"},
                    "opening_hours": "周一至周五 9:00–12:00，13:30–17:30",
                    "phone": "0830-2345678",
                }
            ]
        }
    )


class StationChanges(StationProfile, Changes):
    """Changed facts of a station; its head may change only `opening_hours`, `phone` and `duty_phone`."""

    name: line(100) = ""  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"phone": "0830-2345678", "opening_hours": "周一至周六 9:00–17:00"}]}
    )


class StationStatusReason(ContractModel):
    """The reason why a station is suspended or closed; kept in the audit trail."""

    reason: line(200)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "场地装修，预计两个月"}]})


class OfferedCategories(ContractModel):
    """All categories the station offers from now on."""

    categories: list[line(40)] = Field(max_length=200, description="Codes of categories")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"categories": ["elder_care", "child_welfare"]}]})


class StationReference(ContractModel):
    id: Id
    name: str
    phone: str
