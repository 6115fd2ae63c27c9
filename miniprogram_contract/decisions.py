"""Extensions and appeals that wait for a decision."""

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, Id, prose


class Decision(ContractModel):
    grant: bool

    model_config = ConfigDict(json_schema_extra={"examples": [{"grant": True}]})


class AppealDecision(Decision):
    decision: prose(500) = Field(description="Why; the resident reads it")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"grant": True, "decision": "应予受理，由总站跟进。"}]})


class DecisionResult(ContractModel):
    id: Id
    granted: bool
