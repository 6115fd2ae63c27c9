"""Check-in 签到: the code on the screen, the list at the door, a steward's phone without a network."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from miniprogram_contract.base import ContractModel, Id, Moment, line

SCANS_MOST = 500
ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
Ids = Annotated[list[Id], Field(min_length=1, max_length=100)]


class CheckInCode(ContractModel):
    """What the screen shows now, as a QR code: the picture under the same path is of it."""

    code: str
    changes_at: Moment = Field(description="From then on another one; this is good for 30 seconds more")
    step_seconds: int
    server_time: Moment = Field(description="To count down by, whatever the phone's own clock says")


class NewCheckIn(ContractModel):
    """Oneself and who came along."""

    code: line(60) = Field(description="As scanned from the screen")  # type: ignore[valid-type]
    attendee_ids: Ids | None = Field(
        None,
        description="Who of one's bookings, or one's household's, is here; null: the whole party one is in oneself. "
        "A volunteer's post is checked in from their own account alone",
    )

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "1F3A9C04D2E7B1-39C01A2-ABCDEFGHIJKLMNOP"}]})


class NewCheckOut(ContractModel):
    """A volunteer goes."""

    code: line(60) = Field(description="As scanned from the screen: a later one than at check-in")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "1F3A9C04D2E7B1-39C01A2-ABCDEFGHIJKLMNOP"}]})


class _AttendeeSelection(ContractModel):
    attendee_ids: Ids | None = Field(None, description="Of the roster, or of a booking")
    ticket: line(40) | None = Field(None, description="As scanned or read out; case, spaces and dashes do not matter")  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.attendee_ids is None) == (self.ticket is None):
            raise ValueError("请填写名单上的人，或报名凭证，二者选一")
        return self


class AttendeeSelection(_AttendeeSelection):
    """Who it is, by the list or by a ticket."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ticket": "2F7K-M9PQ-X4WA-B3CD-E5GH-J6NR"}]})


class CheckInEntry(ContractModel):
    """Somebody at an activity."""

    attendee_id: Id
    name: str = Field(description="Masked: 王**")
    post: str | None = Field(description="A volunteer's post; null: a seat")
    checked_in_at: Moment | None
    checked_out_at: Moment | None = Field(description="Volunteers alone check out")


class CheckInResult(ContractModel):
    """Who is there; who was already keeps the first time."""

    people: list[CheckInEntry]


class CheckOutEntry(CheckInEntry):
    """A volunteer who left, and what their time became: it waits for the station."""

    service_record_id: Id
    minutes: int = Field(description="What of it counts")


class CheckOutResult(ContractModel):
    """Who has left; who had already keeps the first time."""

    people: list[CheckOutEntry]


class RosterEntry(ContractModel):
    """Somebody to expect."""

    attendee_id: Id
    name: str = Field(description="Masked: 王**")
    post: str | None = Field(description="A volunteer's post; null: a seat")
    ticket_sha256: str = Field(
        description="SHA-256, in hex, of their ticket: 24 capital letters and digits, without dashes"
    )
    checked_in: bool
    checked_out: bool


class RosterDetail(ContractModel):
    """Whom to expect, for a phone that will have no network."""

    activity_id: Id
    issued_at: Moment
    check_in_opens_at: Moment = Field(description="Scans count from then on")
    check_in_closes_at: Moment = Field(description="Until then somebody may come")
    expires_at: Moment = Field(description="Until then volunteers may leave; later the roster is to be deleted")
    people: list[RosterEntry]
    signature: str = Field(description="Comes back with the scans, together with `issued_at`")


class RosterSignature(ContractModel):
    """Of the roster the phone worked with."""

    issued_at: Moment
    signature: line(140)  # type: ignore[valid-type]


class NewScan(ContractModel):
    """One scan: a ticket or a row of the roster, coming, or a volunteer going."""

    client_id: ClientId = Field(description="The phone's own, new for each scan: taken in once")
    scanned_at: Moment = Field(description="By the phone's clock")
    attendee_id: Id | None = None
    ticket: line(40) | None = None  # type: ignore[valid-type]
    out: bool = Field(default=False, description="A volunteer who leaves")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.attendee_id is None) == (self.ticket is None):
            raise ValueError("请填写名单上的人，或报名凭证，二者选一")
        return self


class NewScans(ContractModel):
    """What a phone saw without a network."""

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
    """How a scan ended."""

    CHECKED_IN = "checked_in"
    CHECKED_OUT = "checked_out"
    ALREADY = "already"
    UNKNOWN_TICKET = "unknown_ticket"
    OTHER_ACTIVITY = "other_activity"
    BOOKING_CANCELLED = "booking_cancelled"
    NOT_SEATED = "not_seated"
    NOT_A_VOLUNTEER = "not_a_volunteer"
    NOT_CHECKED_IN = "not_checked_in"
    TOO_EARLY = "too_early"
    OWN_CHECK_IN = "own_check_in"
    MAY_NOT_VOUCH = "may_not_vouch"
    OUTSIDE_HOURS = "outside_hours"
    BEFORE_BOOKING = "before_booking"
    FROM_THE_FUTURE = "from_the_future"
    ACTIVITY_OVER = "activity_over"


OUTCOME_WORDS: dict[ScanOutcome, str] = {
    ScanOutcome.CHECKED_IN: "已签到",
    ScanOutcome.CHECKED_OUT: "已签退",
    ScanOutcome.ALREADY: "之前已经登记",
    ScanOutcome.UNKNOWN_TICKET: "查不到这张凭证",
    ScanOutcome.OTHER_ACTIVITY: "是另一个活动的报名",
    ScanOutcome.BOOKING_CANCELLED: "报名已经取消",
    ScanOutcome.NOT_SEATED: "还在候补，没有名额",
    ScanOutcome.NOT_A_VOLUNTEER: "不是本活动的志愿者，不用签退",
    ScanOutcome.NOT_CHECKED_IN: "没有签到，不能签退",
    ScanOutcome.TOO_EARLY: "签到不到一分钟，没有签退",
    ScanOutcome.OWN_CHECK_IN: "自己或家人的服务，请同事登记",
    ScanOutcome.MAY_NOT_VOUCH: "您本人未签到或当时不在，或是互相登记，请找工作人员",
    ScanOutcome.OUTSIDE_HOURS: "不在签到时间内",
    ScanOutcome.BEFORE_BOOKING: "那时还没有报名成功",
    ScanOutcome.FROM_THE_FUTURE: "手机时间不对，快了",
    ScanOutcome.ACTIVITY_OVER: "活动已经结束或取消",
}


class ScanResult(ContractModel):
    """How one scan ended."""

    client_id: str
    outcome: ScanOutcome
    outcome_words: str
    conflict: bool = Field(description="It did not count, and somebody should look after it")


class ScanReport(ContractModel):
    """How each scan ended, in the order they were sent; the same when they are sent again."""

    results: list[ScanResult]
    conflicts: int = Field(description="How many of them")
