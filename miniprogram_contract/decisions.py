"""Decisions about extensions, appeals, objections and disputes: all have the same form."""

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, Id, prose


class Decision(ContractModel):
    """Whether the request is granted, and why. The persons concerned read the reason."""

    granted: bool
    reason: prose(500) = Field(examples=["应予受理，由总站跟进。"])  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"granted": True, "reason": "应予受理，由总站跟进。"}]})


class DecisionResult(ContractModel):
    """The result of a decision."""

    id: Id
    granted: bool
