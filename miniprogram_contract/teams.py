"""Teams of volunteers 志愿服务队."""

from pydantic import ConfigDict, Field

from miniprogram_contract.base import Changes, ContractModel, Id, Moment, line, prose
from miniprogram_contract.stations import StationReference


class TeamSummary(ContractModel):
    """A team, visible to everyone."""

    id: Id
    name: str
    about: str
    members: int = Field(description="How many are in it today")


class StaffTeamDetail(TeamSummary):
    """A team as staff read it."""

    station: StationReference
    created_at: Moment
    ended_at: Moment | None


class NewTeam(ContractModel):
    """A team of a station that the caller works for; a station uses each name once."""

    station_id: Id
    name: line(40)  # type: ignore[valid-type]
    about: prose(200, 0) = ""  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"station_id": 7, "name": "银龄互助队", "about": "陪老人看病、买药。"}]}
    )


class TeamChanges(Changes):
    """Changes to a team; a field left out stays as it is."""

    name: line(40) = ""  # type: ignore[valid-type]
    about: prose(200, 0) = ""  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"about": "每周六上午活动。"}]})


class NewTeamMember(ContractModel):
    """An approved volunteer of a station that the caller works for."""

    volunteer_id: Id
    is_leader: bool = False

    model_config = ConfigDict(json_schema_extra={"examples": [{"volunteer_id": 3141592653, "is_leader": False}]})


class TeamMemberDetail(ContractModel):
    """A volunteer's membership in a team."""

    volunteer_id: Id
    name: str | None = Field(description="Whole for staff of the volunteer's station, else masked: 王**")
    is_leader: bool
    joined_at: Moment
    left_at: Moment | None
