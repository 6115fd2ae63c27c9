"""Public notices 公示 of earned points, and objections 异议 to their entries."""

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, Id, Moment, Page, PageQuery, line, prose
from miniprogram_contract.decisions import DecisionResult
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.points import EarningStatus
from miniprogram_contract.stations import StationReference


class NewPublicNotice(ContractModel):
    """A new public notice of all approved points of the station that wait for one."""

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
    """Listed points of a person; refused ones are not shown."""

    id: Id = Field(description="Named in an objection")
    name: str = Field(description="Masked: 王**")
    title: str = Field(description="What for")
    points: int
    status: EarningStatus
    status_words: str


class PublicNoticeDetail(Page[PublicNoticeEntry]):
    """A public notice with a page of its entries."""

    notice: PublicNoticeSummary


class NewObjection(ContractModel):
    """The reason against the points; the station's staff read it, the owner does not."""

    reason: prose(500)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "当天没有举行院坝会"}]})


class ObjectionDetail(HeardReply):
    """An objection as the person who made it reads it."""

    id: Id
    entry_id: Id
    title: str = Field(description="What the points were for")
    points: int
    reason: str
    raised_at: Moment
    granted: bool | None = Field(description="True: the points are not given; null: not decided yet")
    decision: str
    decided_at: Moment | None


class StaffObjectionFilter(PageQuery):
    decided: bool = Field(default=False, description="Those that were decided, instead of those that wait")


class ObjectionRow(ObjectionDetail):
    """An objection as staff read it."""

    station: StationReference
    owner: str = Field(description="Masked: 王**")
    raised_by: str = Field(description="Masked: 王**")


class ObjectionDecisionResult(DecisionResult):
    """The decision on an objection; if granted, the points are not given."""

    entry_status: EarningStatus
