"""Points 积分: earning rules, community deeds 积分事项, and the expiry of points."""

from datetime import date
from enum import StrEnum

from pydantic import ConfigDict, Field

from miniprogram_contract.base import (
    Amount,
    Changes,
    ContractModel,
    Day,
    Id,
    IdPageQuery,
    Moment,
    PageQuery,
    line,
    prose,
)
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.photos import PhotoLinks
from miniprogram_contract.stations import StationReference

Daily = Field(description="Points a person may get by the rule for one day, by Shanghai's calendar")
Monthly = Field(description="Points a person may get by the rule for the days of one month")
Listed = Field(description="Approved points are listed in public before they count")


class EarningKind(StrEnum):
    HOUR = "hour"
    ACTIVITY = "activity"
    DEED = "deed"


class EarningStatus(StrEnum):
    CLAIMED = "claimed"
    WAITING = "waiting"
    LISTED = "listed"
    FROZEN = "frozen"
    GRANTED = "granted"
    REFUSED = "refused"
    REVERSED = "reversed"


EARNING_WORDS: dict[str, str] = {
    EarningStatus.CLAIMED: "待审核",
    EarningStatus.WAITING: "待公示",
    EarningStatus.LISTED: "公示中",
    EarningStatus.FROZEN: "有异议，核实中",
    EarningStatus.GRANTED: "已到账",
    EarningStatus.REFUSED: "未通过",
    EarningStatus.REVERSED: "已撤销",
}


class EarningRuleFilter(ContractModel):
    station: Id


class EarningRuleSummary(ContractModel):
    """A rule by which the station gives points."""

    rule_id: Id | None = Field(description="Named when a deed is claimed; null: the usual points for hours of service")
    kind: EarningKind
    title: str = Field(examples=["参加院坝会"])
    points: int = Field(description="Points an approved hour, activity or deed")
    daily_cap: int = Daily
    monthly_cap: int = Monthly
    public_notice: bool = Listed


class EarningRuleList(ContractModel):
    items: list[EarningRuleSummary]


class StaffEarningRuleFilter(IdPageQuery):
    station: Id | None = Field(None, description="One of the caller's stations; null: all of them")


class StaffEarningRuleDetail(ContractModel):
    """A rule as staff read it."""

    id: Id
    station_id: Id
    kind: EarningKind
    title: str
    points: int = Field(description="Points an approved hour, activity or deed")
    daily_cap: int = Daily
    monthly_cap: int = Monthly
    public_notice: bool = Listed
    active: bool
    written_at: Moment


class NewEarningRule(ContractModel):
    """A rule of a station that the caller heads, with points ≤ daily cap ≤ monthly cap."""

    station_id: Id
    kind: EarningKind = Field(description="At most one active rule `hour` a station")
    title: line(40) = Field(description="As residents read it; it stays")  # type: ignore[valid-type]
    points: Amount = Field(description="Points an approved hour, activity or deed")
    daily_cap: Amount = Daily
    monthly_cap: Amount = Monthly
    public_notice: bool = Field(default=False, description="Approved points are listed in public before they count")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "station_id": 4,
                    "kind": "deed",
                    "title": "参加院坝会",
                    "points": 5,
                    "daily_cap": 10,
                    "monthly_cap": 60,
                    "public_notice": True,
                }
            ]
        }
    )


class EarningRuleChanges(Changes):
    """Changes to a rule, effective from the next approval."""

    points: Amount = Field(1, description="Points an approved hour, activity or deed")
    daily_cap: Amount = Field(1, description="Points a person and day")
    monthly_cap: Amount = Field(1, description="Points a person and month")
    public_notice: bool = False
    active: bool = Field(default=True, description="False: nobody earns by it any more")

    model_config = ConfigDict(json_schema_extra={"examples": [{"points": 6, "monthly_cap": 80}]})


class NewDeed(ContractModel):
    """A deed of the caller's for the community."""

    station_id: Id
    rule_id: Id = Field(description="Of `GET /points/rules`, one of its deeds")
    text: prose(500) = Field(description="What was done")  # type: ignore[valid-type]
    day: Day = Field(description="By Shanghai's calendar, not in the future and not long ago")
    photo_ids: list[Id] = Field(default=[], max_length=9, description="Of `POST /photos`")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"station_id": 4, "rule_id": 17, "text": "打扫了三号楼楼道", "day": "2026-03-09"}]
        }
    )


class NewCounterDeed(NewDeed):
    """A deed entered by staff for a person known to the station by a need, as its volunteer, or by earlier points."""

    person_id: Id

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"station_id": 4, "rule_id": 17, "text": "打扫了三号楼楼道", "day": "2026-03-09", "person_id": 8}
            ]
        }
    )


class DeedDetail(HeardReply):
    """A deed as its owner reads it."""

    id: Id
    status: EarningStatus
    status_words: str
    station: StationReference
    title: str = Field(description="Of the rule it earns points by")
    text: str
    day: date
    points: int = Field(description="What it earns; until it is approved, what it may earn")
    claimed_at: Moment
    decided_at: Moment | None
    decision: str = Field(description="Why it was refused")
    photos: list[PhotoLinks]


class StaffDeedFilter(PageQuery):
    status: EarningStatus = EarningStatus.CLAIMED


class DeedAction(StrEnum):
    """The last part of the path that does it."""

    APPROVAL = "approval"
    REFUSAL = "refusal"


class DeedRow(ContractModel):
    """A deed as staff read it."""

    id: Id
    status: EarningStatus
    status_words: str
    station: StationReference
    person_id: Id | None = Field(description="Null unless the caller works for the station")
    name: str = Field(description="Masked unless the caller works for the station: 王**")
    title: str = Field(description="Of the rule it earns points by")
    text: str | None = Field(description="Null unless the caller works for the station")
    day: date
    points: int
    claimed_at: Moment
    at_counter: bool = Field(description="Entered by staff, who then do not approve it")
    photos: list[PhotoLinks]
    allowed_actions: list[DeedAction] = Field(
        description="Steps the caller can take now", examples=[["approval", "refusal"]]
    )


class DeedDecisionResult(ContractModel):
    id: Id
    status: EarningStatus
    status_words: str
    points: int


class ExpiringPoints(ContractModel):
    """Points of the caller's that expire next unless spent before; the oldest are spent first."""

    points: int
    expires_on: date | None = Field(description="The day on which they expire; null: points do not expire")
