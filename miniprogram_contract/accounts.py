"""Accounts that are shut out 停用, for officers."""

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, Id, Moment, line, prose


class AccountReason(ContractModel):
    """Why an officer acts on the account. Officers read it; the person does not."""

    reason: prose(200)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "手机被盗，账号被他人使用"}]})


class NameChange(ContractModel):
    """The new name of staff or of a volunteer, and why it changes."""

    name: line(30)  # type: ignore[valid-type]
    reason: prose(200)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "何新", "reason": "登记时写错了字"}]})


class ShutOutDetail(ContractModel):
    """An account that was shut out: the person cannot sign in until an officer readmits them."""

    id: Id
    person_id: Id
    person: str = Field(description="The person's name; masked")
    county_id: Id | None = Field(description="The county whose officers may readmit the person; null: the city's")
    county_name: str | None
    reason: str
    shut_out_by: str = Field(description="The officer, or the administrator")
    shut_out_at: Moment
    readmitted_at: Moment | None


class EndedSessions(ContractModel):
    """How many phones were signed out."""

    sessions: int
