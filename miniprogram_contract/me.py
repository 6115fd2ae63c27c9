"""The person's own facts: name, phone, home, roles."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from miniprogram_contract.base import Changes, ContractModel, Id, Moment, Phone, Reference, line
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


class ReadingKind(StrEnum):
    """A kind of reading.

    `contact`: name, phone or place. `confidential`: a confidential need. `attendance`: the list of an activity.
    `look_up`: a need was found by a phone number, a slip code or a name. `found`: the person was.
    `crisis`, `appeal`, `extension`: a need's words, to act on it. `complaint`: a complaint, for its answer.
    """

    CONTACT = "contact"
    CONFIDENTIAL = "confidential"
    ATTENDANCE = "attendance"
    LOOK_UP = "look_up"
    FOUND = "found"
    CRISIS = "crisis"
    APPEAL = "appeal"
    EXTENSION = "extension"
    COMPLAINT = "complaint"


READING_WORDS = {
    ReadingKind.CONTACT: "查看了联系方式",
    ReadingKind.CONFIDENTIAL: "查看了保密的需求",
    ReadingKind.ATTENDANCE: "导出了活动签到表",
    ReadingKind.LOOK_UP: "按电话、查询码或姓名查到了您的需求",
    ReadingKind.FOUND: "按电话、查询码或识别码查到了您",
    ReadingKind.CRISIS: "因紧急情况查看了需求",
    ReadingKind.APPEAL: "为复核申诉查看了需求",
    ReadingKind.EXTENSION: "为审批延期查看了需求",
    ReadingKind.COMPLAINT: "查看了您的投诉",
}


class ReadingDetail(ContractModel):
    """A reading of the caller's personal details by a worker or a volunteer."""

    at: Moment
    reader: str = Field(description="The worker's name; a volunteer's is masked")
    kind: ReadingKind
    kind_words: str
    reason: str = Field(description="Empty for readings that need none, such as opening an assigned need")
    reference: Reference | None = Field(description="What it was read of; null: the person")
