"""Look-ups of needs by a whole phone number, slip code or name: an act with a reason that is logged and limited."""

from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import ContractModel, Phone, line, prose
from miniprogram_contract.needs_staff import NeedRow


class NeedLookUp(ContractModel):
    """A whole phone number, a slip code or a whole name, and why it is looked up."""

    phone: Phone | None = Field(None, description="The contact phone of the need, whole")
    slip_code: line(20) | None = Field(None, description="Spaces and dashes are tolerated")  # type: ignore[valid-type]
    name: line(30) | None = Field(None, description="The contact name of the need, whole")  # type: ignore[valid-type]
    reason: prose(200)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "13812345678", "reason": "居民来电询问进度"}]})

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if sum(one is not None for one in (self.phone, self.slip_code, self.name)) != 1:
            raise ValueError("phone、slip_code 和 name 必须填且只能填一个")
        return self


class FoundNeeds(ContractModel):
    """Needs with this phone number, slip code or name that the caller may read, newest first, at most 20."""

    items: list[NeedRow]
    left: int = Field(description="How many more look-ups the caller may make in this hour")
