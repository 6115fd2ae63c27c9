"""The person's own facts: name, phone, home, roles."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from miniprogram_contract.base import Changes, ContractModel, Id, Phone, line
from miniprogram_contract.emergency import HeardReply


class NewHome(ContractModel):
    """A home community."""

    area_id: Id

    model_config = ConfigDict(json_schema_extra={"examples": [{"area_id": 42}]})


class ProfileChanges(Changes):
    """Changed facts of the person; a field left out stays, null removes it."""

    name: line(30) | None = None  # type: ignore[valid-type]
    phone: Phone | None = None
    birth_year: int | None = Field(None, ge=1900, le=2100, description="Not later than this year")

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "王秀英", "phone": "13812345678"}]})


class RoleKind(StrEnum):
    VOLUNTEER = "volunteer"
    SOCIAL_WORKER = "social_worker"
    STATION_HEAD = "station_head"
    COUNTY_OFFICER = "county_officer"
    CITY_OFFICER = "city_officer"


class OwnRole(ContractModel):
    kind: RoleKind
    station_id: Id | None
    station_name: str | None
    area_id: Id | None
    area_name: str | None


class HomeDetail(ContractModel):
    """The person's home with its path: a name alone does not say which village it is."""

    area_id: Id
    town_id: Id = Field(description="The town or street it lies in: its `area` finds what is near home")
    county_id: Id
    name: str
    path: str = Field(examples=["泸州市 · 江阳区 · 邻玉街道 · 团结村"])


class ProfileDetail(HeardReply):
    id: Id
    name: str | None
    phone: str | None = Field(description="Whole: it is the caller's own")
    birth_year: int | None
    home: HomeDetail | None
    home_choices: list[HomeDetail] = Field(description="Not empty: the home was split; ask which of these it is now")
    is_visitor: bool = Field(description="No home community chosen yet")
    roles: list[OwnRole]
