"""The attendance list 签到表 as a file."""

from datetime import datetime
from functools import partial

from miniprogram_contract.base import AccessReason
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.adapters.spreadsheet import CONTENT_TYPE, Sheet, spreadsheet
from server.domain.check_ins import attendance_list
from server.domain.check_ins.attendance_list import AttendanceList
from server.domain.check_ins.eligibility import name_of
from server.domain.working_time import SHANGHAI
from server.handlers.http import Caller, RawResponse, Roles, endpoint
from server.handlers.http.endpoint import RateLimit
from server.models import Attendee, CheckInWay, ServiceRecord

COLUMNS = (
    ("序号", 6), ("姓名", 16), ("身份", 20), ("签到时间", 18), ("签到方式", 12), ("签退时间", 18), ("到场", 6),
    ("计入分钟", 10),
)  # fmt: skip
WAY_WORDS = {CheckInWay.OWN_PHONE: "本人扫码", CheckInWay.LIST: "名单登记", CheckInWay.SCAN: "离线扫码"}
DOWNLOAD = {"Content-Disposition": 'attachment; filename="attendance.xlsx"'}


@endpoint(
    "POST",
    "/station/activities/<activity_id:int>/attendance",
    body=AccessReason,
    reply=RawResponse,
    content_type=CONTENT_TYPE,
    roles=Roles.STAFF,
    idempotent=False,  # a file is not stored under a key, and each export is recorded
    limit=RateLimit(most=20, seconds=3600),
)
async def export_attendance(
    activity_id: int, body: AccessReason, caller: Caller, dependencies: Dependencies, now: Moment
) -> RawResponse:
    """Return the attendance list with full names; each person's reading is recorded. Busy if many files are drawn.

    The reason is in the body, because proxies log addresses.
    """
    taken = await attendance_list.export(activity_id, reason=body.reason, by=caller.scope, now=now)
    return RawResponse(
        await dependencies.drawing_executor.draw(partial(spreadsheet, _sheet(taken, now))), CONTENT_TYPE, DOWNLOAD
    )


def _sheet(taken: AttendanceList, now: datetime) -> Sheet:
    activity = taken.activity
    about = (activity.title, f"{_minute(activity.starts_at)} 至 {_minute(activity.ends_at)}", activity.place)
    rows = [_row(number, one) for number, one in enumerate(taken.people, start=1)]
    return Sheet("签到表", about, COLUMNS, rows, now)


def _row(number: int, one: Attendee) -> tuple[str, ...]:
    return (
        str(number),
        name_of(one) or "未留姓名",
        f"志愿者（{one.booking.post.title}）" if one.booking.post is not None else "居民",
        _minute(one.checked_in_at),
        WAY_WORDS[one.check_in_way] if one.check_in_way is not None else "",
        _minute(one.checked_out_at),
        "是" if one.checked_in_at is not None else "否",
        _minutes(one.service_record),
    )


def _minutes(record: ServiceRecord | None) -> str:
    """Return the counted minutes, which may be fewer than between check-in and check-out."""
    if record is None:
        return ""
    return str(record.minutes if record.counts else 0)


def _minute(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment is not None else ""
