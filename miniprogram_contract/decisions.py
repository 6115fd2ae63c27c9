"""Extensions and appeals that wait for a decision."""

from pydantic import ConfigDict, Field

from miniprogram_contract.needs import NeedStatus, StationBrief
from miniprogram_contract.shapes import Id, Moment, Shape, prose


class ExtensionShape(Shape):
    id: Id
    need_id: Id
    station: StationBrief
    asked_by: str
    asked_at: Moment
    reason: str
    completion_due_at: Moment
    until: Moment
    granted: bool | None


class Extensions(Shape):
    items: list[ExtensionShape]


class AppealShape(Shape):
    id: Id
    need_id: Id
    declined_by: StationBrief
    reason: str
    made_at: Moment
    status: NeedStatus
    granted: bool | None


class Appeals(Shape):
    items: list[AppealShape]


class Asked(Shape):
    """What was asked for, by its id."""

    id: Id


class Decision(Shape):
    grant: bool

    model_config = ConfigDict(json_schema_extra={"examples": [{"grant": True}]})


class AppealDecision(Decision):
    decision: prose(500) = Field(description="Why; the resident reads it")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"grant": True, "decision": "应予受理，由总站跟进。"}]})


class Decided(Shape):
    id: Id
    granted: bool
