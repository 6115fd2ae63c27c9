"""Volunteers 志愿者: applications, skills, free times, trainings, bans and appeals."""

from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from miniprogram_contract.base import Changes, ContractModel, Day, Id, Moment, PageQuery, line, prose
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.stations import StationReference

STARS = "0 to 5, by the hours served"


class VolunteerStatus(StrEnum):
    APPLIED = "applied"
    APPROVED = "approved"
    DECLINED = "declined"
    BANNED = "banned"
    LEFT = "left"


STATUS_WORDS: dict[str, str] = {
    VolunteerStatus.APPLIED: "待审核",
    VolunteerStatus.APPROVED: "志愿者",
    VolunteerStatus.DECLINED: "未通过",
    VolunteerStatus.BANNED: "已停止服务",
    VolunteerStatus.LEFT: "已退出",
}


class FreeTime(ContractModel):
    """A span of a weekday, in Asia/Shanghai."""

    weekday: int = Field(ge=1, le=7, description="1 is Monday, 7 Sunday")
    from_minute: int = Field(ge=0, le=1439, description="Minutes since midnight", examples=[540])
    until_minute: int = Field(ge=1, le=1440, description="Minutes since midnight; later than the start", examples=[720])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_minute >= self.until_minute:
            raise ValueError("结束时间应晚于开始时间")
        return self


def _apart(times: list[FreeTime]) -> list[FreeTime]:
    """Sort the times by weekday and refuse overlaps."""
    ordered = sorted(times, key=lambda one: (one.weekday, one.from_minute))
    for one, following in pairwise(ordered):
        if one.weekday == following.weekday and one.until_minute > following.from_minute:
            raise ValueError("空闲时间不能互相重叠")
    return ordered


def _unique(codes: list[str]) -> list[str]:
    return sorted(set(codes))


SkillCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", min_length=2, max_length=40)]
Skills = Annotated[
    list[SkillCode],
    Field(max_length=40, description="Codes of categories of `GET /categories`, but not `not_sure`"),
    AfterValidator(_unique),
]
FreeTimes = Annotated[
    list[FreeTime],
    Field(max_length=28, description="When they can help; none overlap"),
    AfterValidator(_apart),
]
RANKED = "Agrees to appear in rankings with a masked name"
EXAMPLE: dict[str, Any] = {
    "about": "退休护士，会量血压。",
    "skills": ["elder_care", "culture"],
    "free_times": [{"weekday": 6, "from_minute": 540, "until_minute": 720}],
    "show_in_rankings": True,
}


class NewVolunteerApplication(ContractModel):
    """An application. The station responsible for the applicant's home community decides."""

    about: prose(500, 0) = ""  # type: ignore[valid-type]
    skills: Skills = Field(default=[])
    free_times: FreeTimes = Field(default=[])
    show_in_rankings: bool = Field(default=False, description=RANKED)

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})


class VolunteerChanges(Changes):
    """Changes to a profile; a field left out stays as it is."""

    about: prose(500, 0) = ""  # type: ignore[valid-type]
    skills: Skills = Field(default=[])
    free_times: FreeTimes = Field(default=[])
    show_in_rankings: bool = Field(default=False, description=RANKED)

    model_config = ConfigDict(json_schema_extra={"examples": [{"show_in_rankings": False}]})


class TrainingDetail(ContractModel):
    id: Id
    title: str
    day: date
    training_minutes: int


class TeamMembership(ContractModel):
    """A team that the volunteer is in."""

    id: Id
    name: str
    is_leader: bool = Field(description="The volunteer leads the team")


class BanDetail(HeardReply):
    """The latest ban, its reason, and its appeal."""

    id: Id
    reason: str
    banned_at: Moment
    may_appeal: bool = Field(description="Not appealed yet, and still in force")
    appeal: str
    appealed_at: Moment | None
    decision: str = Field(description="Why the appeal was decided so")
    decided_at: Moment | None
    lifted_at: Moment | None = Field(description="Null: still in force")


class VolunteerAction(StrEnum):
    """The last part of the step's path; `volunteers` is a new application, `POST /volunteers`."""

    VOLUNTEERS = "volunteers"
    CHANGES = "changes"
    LEAVING = "leaving"
    BAN_APPEAL = "ban-appeal"


class VolunteerDetail(HeardReply):
    """The caller's own application, and the station's decision."""

    id: Id
    status: VolunteerStatus
    status_words: str = Field(examples=["待审核"])
    station: StationReference = Field(description="Where one applied, and volunteers")
    about: str
    skills: list[str]
    free_times: list[FreeTime]
    show_in_rankings: bool
    served_minutes: int = Field(description="Of approved service; spending minutes does not lower it")
    stars: int = Field(ge=0, le=5, description=STARS)
    applied_at: Moment
    decided_at: Moment | None
    decision: str = Field(description="Why declined")
    trainings: list[TrainingDetail] = Field(description="Newest first")
    teams: list[TeamMembership]
    ban: BanDetail | None
    allowed_actions: list[VolunteerAction] = Field(
        description="Steps the caller can take now", examples=[["changes", "leaving"]]
    )


class VolunteerFilter(PageQuery):
    """Filters; a field left out does not narrow the list."""

    status: VolunteerStatus | None = None
    skill: SkillCode | None = Field(None, description="Code of a category")
    station: Id | None = None


class VolunteerRow(ContractModel):
    """A volunteer in the staff's list."""

    id: Id
    person_id: Id
    status: VolunteerStatus
    status_words: str
    station: StationReference
    name: str | None = Field(description="Whole for staff of the station, else masked: 王**")
    phone: str | None = Field(description="Masked: 138****5678")
    skills: list[str]
    served_minutes: int
    applied_at: Moment
    decided_at: Moment | None


class StaffVolunteerAction(StrEnum):
    """The last part of the step's path."""

    CONTACT = "contact"
    APPROVAL = "approval"
    REFUSAL = "refusal"
    TRAININGS = "trainings"
    BAN = "ban"
    BAN_LIFTING = "ban-lifting"


class StaffVolunteerDetail(VolunteerRow):
    """A volunteer as staff read them."""

    stars: int = Field(ge=0, le=5, description=STARS)
    about: str
    free_times: list[FreeTime]
    decision: str
    trainings: list[TrainingDetail]
    teams: list[TeamMembership]
    ban: BanDetail | None
    allowed_actions: list[StaffVolunteerAction] = Field(
        description="Steps the caller can take now", examples=[["contact", "trainings"]]
    )


class VolunteerContact(ContractModel):
    """The volunteer's unmasked phone number. The reading is logged, and the volunteer is notified."""

    name: str | None
    phone: str | None


class NewTraining(ContractModel):
    """A training that the volunteer took part in."""

    title: line(60)  # type: ignore[valid-type]
    day: Day = Field(description="In Shanghai; not in the future")
    training_minutes: int = Field(ge=1, le=10_000, strict=True)

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"title": "岗前培训", "day": "2026-03-08", "training_minutes": 120}]}
    )


class BanAppealAction(StrEnum):
    """The last part of the step's path."""

    DECISION = "decision"


class BanAppealRow(ContractModel):
    """An appeal that waits at one of the caller's stations, or in their county."""

    ban_id: Id
    volunteer_id: Id
    name: str | None = Field(description="Masked: 王**")
    station: StationReference
    served_minutes: int
    reason: str = Field(description="Why they were banned")
    banned_by: str
    banned_at: Moment
    appeal: str = Field(description="What they say to it")
    appealed_at: Moment
    allowed_actions: list[BanAppealAction] = Field(
        description="Empty: the volunteer is of the caller's household, so another person decides",
        examples=[["decision"]],
    )


class BanAppealList(ContractModel):
    items: list[BanAppealRow] = Field(description="Oldest first, at most 200")
