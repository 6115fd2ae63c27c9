"""Public notice 公示 of earned points, and objections 异议 to its lines."""

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, Id, Moment, Page, PageQuery, line, prose
from miniprogram_contract.decisions import DecisionResult
from miniprogram_contract.points import EarningStatus
from miniprogram_contract.stations import StationReference


class NewPublicNotice(ContractModel):
    """All approved points of the station that wait for it are listed."""

    station_id: Id
    title: line(60)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"station_id": 4, "title": "三月积分公示"}]})


class PublicNoticeFilter(PageQuery):
    station: Id


class PublicNoticeSummary(ContractModel):
    id: Id
    station: StationReference
    title: str
    published_at: Moment
    ends_at: Moment = Field(description="Until then anybody may object")
    ended: bool = Field(description="Lines without objection have been given")


class PublicNoticeEntry(ContractModel):
    """Points of somebody; what was refused is not shown."""

    id: Id = Field(description="Named in an objection")
    name: str = Field(description="Masked: 王**")
    title: str = Field(description="What for")
    points: int
    status: EarningStatus
    status_words: str


class PublicNoticeDetail(Page[PublicNoticeEntry]):
    """A public notice with a page of its lines."""

    notice: PublicNoticeSummary


class NewObjection(ContractModel):
    """Why the points should not be given; the station's staff read it, the owner does not."""

    reason: prose(500)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "当天没有举行院坝会"}]})


class ObjectionDetail(ContractModel):
    """An objection as who made it sees it."""

    id: Id
    entry_id: Id
    title: str = Field(description="What the points were for")
    points: int
    reason: str
    made_at: Moment
    granted: bool | None = Field(description="True: the points are not given; null: not decided yet")
    decision: str
    decided_at: Moment | None


class StaffObjectionFilter(PageQuery):
    decided: bool = Field(default=False, description="Those that were decided, instead of those that wait")


class ObjectionRow(ObjectionDetail):
    """An objection as staff see it."""

    station: StationReference
    owner: str = Field(description="Masked: 王**")
    made_by: str = Field(description="Masked: 王**")


class ObjectionDecisionResult(DecisionResult):
    """The decision about an objection. Granted: the points are not given."""

    entry_status: EarningStatus
