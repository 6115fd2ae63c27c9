"""Categories of need, and their response and completion times."""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from miniprogram_contract.base import Changes, ContractModel, Id, line
from miniprogram_contract.duty import DutyState
from miniprogram_contract.needs import Urgency


class PromiseUnit(StrEnum):
    """Minutes run round the clock; working hours and days follow the national calendar."""

    MINUTES = "minutes"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"


# A week of minutes, a quarter of working hours, a year of working days.
MOST = {PromiseUnit.MINUTES: 10_080, PromiseUnit.WORKING_HOURS: 500, PromiseUnit.WORKING_DAYS: 250}


class Duration(ContractModel):
    """A span of time."""

    amount: int = Field(ge=1, le=10_080)
    unit: PromiseUnit

    @model_validator(mode="after")
    def _not_for_ever(self) -> Self:
        if self.amount > MOST[self.unit]:
            raise ValueError(f"不能大于{MOST[self.unit]}")
        return self


class PromiseDetail(ContractModel):
    """The service promise 服务承诺 for an urgency."""

    urgency: Urgency
    response: Duration
    completion: Duration
    words: str = Field(examples=["1个工作日内答复，5个工作日内办结", "有人值班时30分钟内答复，2个工作日内办结"])
    holds_now: bool | None = Field(
        description="Whether the response is promised at this hour: minutes only while a person is on duty. "
        "Null: no station was asked about"
    )
    source: str = Field(description="Who set it; a default says that it is not the city's policy")


class CategoryDetail(ContractModel):
    code: str
    name: str
    explanation: str = Field(
        description="What belongs to it, in a few words", examples=["老人看病、买药、吃饭、陪伴等"]
    )
    icon: str = Field(description="The name of its icon", examples=["elder"])
    confidential: bool = Field(description="Only the assigned worker, the head and the resident see text and photos")
    active: bool
    promises: list[PromiseDetail]


class CategoryList(ContractModel):
    items: list[CategoryDetail]
    duty: DutyState | None = Field(description="At the station asked about; null: none was")


class CategoryFilter(ContractModel):
    with_inactive: bool = False
    station: Id | None = Field(None, description="Say which promises hold at this station now")


def _trimmed(code: Any) -> Any:
    return code.strip() if isinstance(code, str) else code


Code = Annotated[
    str,
    BeforeValidator(_trimmed),
    StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", min_length=2, max_length=40),
]


class NewCategory(ContractModel):
    """A category that the plan does not name (plan rule 17); it gets default promises, and no station offers it yet."""

    code: Code = Field(description="Small letters, digits and _")
    name: line(40)  # type: ignore[valid-type]
    explanation: line(60, 0) = ""  # type: ignore[valid-type]
    icon: Code = "question"
    confidential: bool = False

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "legal_aid", "name": "法律援助"}]})


class CategoryChanges(Changes):
    """Changes of a category; a field left out stays. A confidential category stays confidential."""

    name: line(40) = ""  # type: ignore[valid-type]
    explanation: line(60, 0) = ""  # type: ignore[valid-type]
    icon: Code = ""
    active: bool = True
    confidential: Literal[True] = True
    position: int = Field(0, ge=0, le=1000, description="Place in the list, lowest first")

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "养老助老"}]})


class NewPromise(ContractModel):
    urgency: Urgency
    response: Duration
    completion: Duration
    source: line(200) = Field(description="Who decided it")  # type: ignore[valid-type]


class NewPromises(ContractModel):
    """New promises of the named urgencies; submitted needs keep their deadlines."""

    promises: list[NewPromise] = Field(min_length=1, max_length=3)

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "promises": [
                        {
                            "urgency": "normal",
                            "response": {"amount": 1, "unit": "working_days"},
                            "completion": {"amount": 3, "unit": "working_days"},
                            "source": "江阳区民政局2026年服务承诺",
                        }
                    ]
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _each_urgency_once(self) -> Self:
        if len({promise.urgency for promise in self.promises}) < len(self.promises):
            raise ValueError("每种紧急程度只能写一次")
        return self
