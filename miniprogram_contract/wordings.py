"""Wordings: titles of authorities and names of the levels of stations, which the city may change."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, line


class WordingName(StrEnum):
    AUTHORITY = "authority"
    COUNTY_OFFICER = "county_officer"
    CITY_OFFICER = "city_officer"
    CITY_DESK = "city_desk"
    HEAD_STATION = "head_station"
    TOWN_STATION = "town_station"
    COMMUNITY_ROOM = "community_room"


class WordingDetail(ContractModel):
    """A wording with the text that people read."""

    name: WordingName
    text: str = Field(examples=["民政部门"])
    description: str = Field(examples=["主管社工站的部门"])
    default: str
    source: str = Field(description="Who decided it; a default says that it is not the city's")


class WordingList(ContractModel):
    items: list[WordingDetail]


class NewWording(ContractModel):
    """A new text for the city."""

    text: line(40) | None = Field(description="null: the default")  # type: ignore[valid-type]
    source: line(200) = Field(description="Who decided it")  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "社会工作部门", "source": "中共泸州市委社会工作部2026年通知"}]}
    )
