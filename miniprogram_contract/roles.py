"""Roles of staff and officers."""

from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import ContractModel, Id, IdPageQuery, Moment, line


class StandInCapacity(StrEnum):
    """The capacity in which a person acts for a station at which nobody works."""

    PARENT_HEAD = "parent_head"
    COUNTY_OFFICER = "county_officer"
    CITY_OFFICER = "city_officer"


class StaffRole(StrEnum):
    SOCIAL_WORKER = "social_worker"
    STATION_HEAD = "station_head"
    COUNTY_OFFICER = "county_officer"
    CITY_OFFICER = "city_officer"


OF_A_STATION = {StaffRole.SOCIAL_WORKER, StaffRole.STATION_HEAD}


class NewRoleOffer(ContractModel):
    """A role to offer: of a station for its workers and its head, of a county for its officers."""

    name: line(50) = Field(description="The invitee's name, as colleagues and residents will read it")  # type: ignore[valid-type]
    kind: StaffRole
    station_id: Id | None = None
    county_id: Id | None = None

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "何新", "kind": "social_worker", "station_id": 7}]}
    )

    @model_validator(mode="after")
    def _its_place(self) -> Self:
        if (self.station_id is not None) != (self.kind in OF_A_STATION):
            raise ValueError("社工和站长须填 station_id，其他职务不填")
        if (self.county_id is not None) != (self.kind is StaffRole.COUNTY_OFFICER):
            raise ValueError("区县主管人员须填 county_id，其他职务不填")
        return self


class RoleOfferStatus(StrEnum):
    """Where an offer of a role stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    ENDED = "ended"


OFFER_STATUS_WORDS = {
    RoleOfferStatus.OFFERED: "待接受",
    RoleOfferStatus.ACCEPTED: "待确认",
    RoleOfferStatus.CONFIRMED: "已任职",
    RoleOfferStatus.ENDED: "已结束",
}


class RoleOfferAction(StrEnum):
    """An act on an offer that the caller may do."""

    CONFIRMATION = "confirmation"
    ENDING = "ending"


class RoleOfferCode(ContractModel):
    """The code to give to the invitee. It is shown this once."""

    id: Id
    code: str
    expires_at: Moment

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": 41, "code": "7KQ2MXA9", "expires_at": "2026-12-01T09:00:00+08:00"}]}
    )


class RoleAcceptance(ContractModel):
    """The code of an offer."""

    code: line(20)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "7KQ2MXA9"}]})


class AcceptedRoleOffer(ContractModel):
    """An offer that the invitee accepted. The role begins when a third person confirms it."""

    id: Id
    kind: StaffRole
    station_name: str | None
    area_name: str | None
    offered_by: str
    status: RoleOfferStatus
    status_words: str


class RoleOfferDetail(AcceptedRoleOffer):
    """An offer as heads and officers see it."""

    name: str = Field(description="The name that was offered to")
    accepted_name: str | None = Field(description="The name on the account that accepted; masked. null: nobody yet")
    offered_at: Moment
    expires_at: Moment
    accepted_at: Moment | None
    decided_by: str | None
    decided_at: Moment | None
    allowed_actions: list[RoleOfferAction]


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
