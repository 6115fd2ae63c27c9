"""Check-in 签到: the code on the screen, the list, a steward's phone without a network."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from miniprogram_contract.base import ContractModel, Id, Moment, line

SCANS_MOST = 500
ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
Ids = Annotated[list[Id], Field(min_length=1, max_length=100)]


class CheckInCode(ContractModel):
    """The code that the screen shows now; the path with `.png` has it as a QR code."""

    code: str
    changes_at: Moment = Field(description="Then the next code is shown; this one is accepted for 30 seconds more")
    step_seconds: int
    server_time: Moment = Field(description="Use it to count down instead of the phone's clock")


class NewCheckIn(ContractModel):
    """Check-in of the caller and their party."""

    code: line(60) = Field(description="As scanned from the screen")  # type: ignore[valid-type]
    attendee_ids: Ids | None = Field(
        None,
        description="Attendees of the caller's or the household's bookings here; null: the caller's whole party. "
        "Volunteers with a post check in only from their own account",
    )

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "1F3A9C04D2E7B1-39C01A2-ABCDEFGHIJKLMNOP"}]})


class NewCheckOut(ContractModel):
    """Check-out of a volunteer."""

    code: line(60) = Field(description="As scanned from the screen: a later one than at check-in")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "1F3A9C04D2E7B1-39C01A2-ABCDEFGHIJKLMNOP"}]})


class _AttendeeSelection(ContractModel):
    attendee_ids: Ids | None = Field(None, description="From the roster or a booking")
    ticket: line(40) | None = Field(None, description="As scanned or read out; case, spaces and dashes do not matter")  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.attendee_ids is None) == (self.ticket is None):
            raise ValueError("请填写名单上的人，或报名凭证，二者选一")
        return self


class AttendeeSelection(_AttendeeSelection):
    """Attendees from the list, or one ticket."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ticket": "2F7K-M9PQ-X4WA-B3CD-E5GH-J6NR"}]})


class CheckInEntry(ContractModel):
    """An attendee who is checked in."""

    attendee_id: Id
    name: str = Field(description="Masked: 王**")
    post: str | None = Field(description="A volunteer's post; null: a seat")
    checked_in_at: Moment | None
    checked_out_at: Moment | None = Field(description="Only volunteers check out")


class CheckInResult(ContractModel):
    """The checked-in attendees; a repeated check-in keeps the first time."""

    people: list[CheckInEntry]


class CheckOutEntry(CheckInEntry):
    """A volunteer who is checked out, and the service record, which waits for approval."""

    service_record_id: Id
    minutes: int = Field(description="Minutes that count")


class CheckOutResult(ContractModel):
    """The checked-out volunteers; a repeated check-out keeps the first time."""

    people: list[CheckOutEntry]


class RosterEntry(ContractModel):
    """An expected attendee."""

    attendee_id: Id
    name: str = Field(description="Masked: 王**")
    post: str | None = Field(description="A volunteer's post; null: a seat")
    ticket_sha256: str = Field(
        description="SHA-256, in hex, of the ticket: 24 capital letters and digits, without dashes"
    )
    checked_in: bool
    checked_out: bool


class RosterDetail(ContractModel):
    """The expected attendees, for a phone that will have no network."""

    activity_id: Id
    issued_at: Moment
    check_in_opens_at: Moment = Field(description="Scans are accepted from then on")
    check_in_closes_at: Moment = Field(description="Check-in until then")
    expires_at: Moment = Field(description="Check-out until then; delete the roster later")
    people: list[RosterEntry]
    signature: str = Field(description="Send it back with the scans, together with `issued_at`")


class RosterSignature(ContractModel):
    """The signature of the roster that the phone used."""

    issued_at: Moment
    signature: line(140)  # type: ignore[valid-type]


class NewScan(ContractModel):
    """One scan: a ticket or an attendee of the roster, in, or a volunteer out."""

    client_id: ClientId = Field(description="Made by the phone, new for each scan; a repeated one is ignored")
    scanned_at: Moment = Field(description="By the phone's clock")
    attendee_id: Id | None = None
    ticket: line(40) | None = None  # type: ignore[valid-type]
    check_out: bool = Field(default=False, description="Check-out of a volunteer")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.attendee_id is None) == (self.ticket is None):
            raise ValueError("请填写名单上的人，或报名凭证，二者选一")
        return self


class NewScans(ContractModel):
    """The scans of a phone that had no network."""

    roster: RosterSignature
    scans: list[NewScan] = Field(min_length=1, max_length=SCANS_MOST)

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "roster": {"issued_at": "2026-12-01T08:00:00+08:00", "signature": "…"},
                    "scans": [
                        {
                            "client_id": "a81f-0001",
                            "scanned_at": "2026-12-01T08:55:10+08:00",
                            "ticket": "2F7K-M9PQ-X4WA-B3CD-E5GH-J6NR",
                        }
                    ],
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({one.client_id for one in self.scans}) < len(self.scans):
            raise ValueError("每次扫描的编号不能重复")
        return self


class ScanOutcome(StrEnum):
    """The outcome of a scan."""

    CHECKED_IN = "checked_in"
    CHECKED_OUT = "checked_out"
    ALREADY_RECORDED = "already_recorded"
    UNKNOWN_TICKET = "unknown_ticket"
    OTHER_ACTIVITY = "other_activity"
    BOOKING_CANCELLED = "booking_cancelled"
    NOT_SEATED = "not_seated"
    NOT_A_VOLUNTEER = "not_a_volunteer"
    NOT_CHECKED_IN = "not_checked_in"
    TOO_EARLY = "too_early"
    OWN_CHECK_IN = "own_check_in"
    VOUCHING_NOT_ALLOWED = "vouching_not_allowed"
    OUTSIDE_HOURS = "outside_hours"
    BEFORE_BOOKING = "before_booking"
    CLOCK_AHEAD = "clock_ahead"
    ACTIVITY_OVER = "activity_over"


OUTCOME_WORDS: dict[ScanOutcome, str] = {
    ScanOutcome.CHECKED_IN: "已签到",
    ScanOutcome.CHECKED_OUT: "已签退",
    ScanOutcome.ALREADY_RECORDED: "之前已经登记",
    ScanOutcome.UNKNOWN_TICKET: "查不到这张凭证",
    ScanOutcome.OTHER_ACTIVITY: "是另一个活动的报名",
    ScanOutcome.BOOKING_CANCELLED: "报名已经取消",
    ScanOutcome.NOT_SEATED: "还在候补，没有名额",
    ScanOutcome.NOT_A_VOLUNTEER: "不是本活动的志愿者，不用签退",
    ScanOutcome.NOT_CHECKED_IN: "没有签到，不能签退",
    ScanOutcome.TOO_EARLY: "签到不到一分钟，没有签退",
    ScanOutcome.OWN_CHECK_IN: "自己或家人的服务，请同事登记",
    ScanOutcome.VOUCHING_NOT_ALLOWED: "您本人未签到或当时不在，或是互相登记，请找工作人员",
    ScanOutcome.OUTSIDE_HOURS: "不在签到时间内",
    ScanOutcome.BEFORE_BOOKING: "那时还没有报名成功",
    ScanOutcome.CLOCK_AHEAD: "手机时间不对，快了",
    ScanOutcome.ACTIVITY_OVER: "活动已经结束或取消",
}


class ScanResult(ContractModel):
    """The outcome of one scan."""

    client_id: str
    outcome: ScanOutcome
    outcome_words: str
    conflict: bool = Field(description="It did not count; the steward should check it")


class ScanReport(ContractModel):
    """The outcomes in the order in which the scans were sent; the same if they are sent again."""

    results: list[ScanResult]
    conflicts: int = Field(description="Number of conflicts")
