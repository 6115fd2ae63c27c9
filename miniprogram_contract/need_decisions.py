"""Extensions and appeals of needs: requested, listed, read and decided."""

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, Id, Moment, prose
from miniprogram_contract.needs import NeedStatus
from miniprogram_contract.stations import StationReference


class NewExtension(ContractModel):
    extended_until: Moment = Field(description="The new time of completion")
    reason: prose(500)  # type: ignore[valid-type]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"extended_until": "2026-12-04T17:30:00+08:00", "reason": "等待医院回复"}]}
    )


class ExtensionReference(ContractModel):
    """The id of the extension request."""

    id: Id


class ExtensionRow(ContractModel):
    id: Id
    need_id: Id
    station: StationReference
    requested_by: str = Field(description="A worker's name")
    requested_at: Moment
    is_mine: bool = Field(description="The caller asked for it, and somebody else decides")
    category_name: str
    text: str | None = Field(description="The need's text; null if it is confidential")
    confidential: bool
    reason: str | None = Field(description="Null for a confidential need: read it by `POST …/reading`")
    completion_due_at: Moment
    extended_until: Moment = Field(description="The new time of completion")
    granted: bool | None


class ExtensionList(ContractModel):
    items: list[ExtensionRow]


class ExtensionWords(ContractModel):
    """The words of a request to decide, and of its need. The reading is logged, and the resident sees it."""

    id: Id
    need_id: Id
    reason: str
    text: str = Field(description="The need's")


class AppealRow(ContractModel):
    id: Id
    need_id: Id
    declined_by: StationReference
    category_name: str
    text: str | None = Field(description="The need's text; null if it is confidential")
    confidential: bool
    reason: str | None = Field(description="Null for a confidential need: read it by `POST …/reading`")
    appealed_at: Moment
    status: NeedStatus
    granted: bool | None


class AppealList(ContractModel):
    items: list[AppealRow]


class AppealWords(ContractModel):
    """The words of an appeal to decide, and of its need. The reading is logged, and the resident sees it."""

    id: Id
    need_id: Id
    reason: str
    text: str = Field(description="The need's")
    decline: str = Field(description="Why the need was declined, as the resident reads it")
