"""Steps that station staff take on a need."""

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from miniprogram_contract.base import ContractModel, Id, Moment, line, prose
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.needs import NeedStatus, Urgency
from miniprogram_contract.stations import StationReference


class NewNeedPlace(ContractModel):
    """The address for help at home, as the resident said it."""

    place: line(100)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"place": "先锋村3组12号"}]})


class NeedContact(ContractModel):
    """Name, phone and place, unmasked. The reading is logged, and the resident sees it."""

    name: str
    phone: str
    place: str


class OpenedCrisis(ContractModel):
    """The words of a crisis and whom to call, unmasked. The reading is logged, and the resident sees it."""

    name: str
    phone: str
    place: str
    text: str = Field(description="What was written when it was filed")
    written: list[str] = Field(description="Pleas that were written in it later, oldest first")


class NeedRefusal(ContractModel):
    """The reason for declining, and who can help instead."""

    reason: prose(500)  # type: ignore[valid-type]
    alternative_help: prose(500)  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"reason": "不属于社工站服务范围", "alternative_help": "街道便民服务中心医保窗口，0830-1234567"}
            ]
        }
    )


class NeedAssignment(ContractModel):
    worker_id: Id = Field(description="Person id of a worker of the station")

    model_config = ConfigDict(json_schema_extra={"examples": [{"worker_id": 4503599627370495}]})


class NeedNote(ContractModel):
    """A note for staff, a message to the resident, or time spent."""

    note: prose(2000, 0) = Field("", description="Staff only")  # type: ignore[valid-type]
    message: prose(500, 0) = Field("", description="The resident reads this")  # type: ignore[valid-type]
    service_minutes: int = Field(0, ge=0, le=600, description="Minutes spent")
    photo_ids: list[Id] = Field(default=[], max_length=9, description="Ids from `POST /photos`, shown with the message")

    @field_validator("photo_ids")
    @classmethod
    def _photos_have_a_message(cls, photo_ids: list[int], others: ValidationInfo) -> list[int]:
        if photo_ids and not others.data.get("message"):
            raise ValueError("照片要和留言一起发")
        return photo_ids

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"note": "电话沟通，约明天上门", "message": "明天上午上门", "service_minutes": 15}]
        }
    )


class NewReferral(ContractModel):
    station_id: Id
    reason: prose(500)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"station_id": 7, "reason": "服务对象已搬到贵站片区"}]})


class NeedMerge(ContractModel):
    target_need_id: Id = Field(description="Id of the need that stays open")

    model_config = ConfigDict(json_schema_extra={"examples": [{"target_need_id": 4503599627370495}]})


class NeedResolution(ContractModel):
    outcome: prose(1000) = Field(description="What was done; the resident reads it")  # type: ignore[valid-type]
    service_minutes: int = Field(0, ge=0, le=600, description="Minutes spent")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"outcome": "已代购药品并送到家中", "service_minutes": 40}]}
    )


class NeedState(ContractModel):
    """The state of the need after the step."""

    id: Id
    status: NeedStatus
    status_words: str
    station: StationReference
    completion_due_at: Moment


class NeedReceipt(NeedState, HeardReply):
    """The entered need: the facts for the person and for their slip."""

    urgency: Urgency
    response_due_at: Moment
    route: str = Field(description="Why this station, in plain words")
    slip_code: str
    person_id: Id = Field(description="The person it is for; send it with their next need")
