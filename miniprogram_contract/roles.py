"""Roles of staff and officers."""

from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import ContractModel, Id, IdPageQuery, Moment


class StandInCapacity(StrEnum):
    """The capacity in which a person acts for a station at which nobody works."""

    PARENT_HEAD = "parent_head"
    COUNTY_OFFICER = "county_officer"
    CITY_OFFICER = "city_officer"


STAND_IN_WORDS = {
    StandInCapacity.PARENT_HEAD: "上级站长代管",
    StandInCapacity.COUNTY_OFFICER: "区县民政干部代管",
    StandInCapacity.CITY_OFFICER: "市民政干部代管",
}


class StaffRole(StrEnum):
    SOCIAL_WORKER = "social_worker"
    STATION_HEAD = "station_head"
    COUNTY_OFFICER = "county_officer"
    CITY_OFFICER = "city_officer"


OF_A_STATION = {StaffRole.SOCIAL_WORKER, StaffRole.STATION_HEAD}


class NewRole(ContractModel):
    """An appointment: of a station for its workers and its head, of a county for its officers."""

    person_id: Id
    kind: StaffRole
    station_id: Id | None = None
    county_id: Id | None = None

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"person_id": 3141592653, "kind": "social_worker", "station_id": 7}]}
    )

    @model_validator(mode="after")
    def _its_place(self) -> Self:
        if (self.station_id is not None) != (self.kind in OF_A_STATION):
            raise ValueError("社工和站长须填 station_id，其他职务不填")
        if (self.county_id is not None) != (self.kind is StaffRole.COUNTY_OFFICER):
            raise ValueError("区县民政干部须填 county_id，其他职务不填")
        return self


class RoleFilter(IdPageQuery):
    station: Id | None = None
    area: Id | None = Field(None, description="A county: its officers and the staff of its stations")
    with_ended: bool = Field(default=False, description="Also those that have ended")


class RoleDetail(ContractModel):
    id: Id
    person_id: Id
    person_name: str = Field(description="As colleagues know them")
    kind: StaffRole
    station_id: Id | None
    station_name: str | None
    area_id: Id | None
    area_name: str | None
    granted_at: Moment
    ended_at: Moment | None
