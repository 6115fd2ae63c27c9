"""Notices about check-ins: their texts, and who receives them."""

from collections.abc import Collection
from datetime import datetime

from server.domain import notifications
from server.domain.check_ins.check_out import CheckOut
from server.domain.notifications import NoticeTemplate

POST_CHECKED_OUT = NoticeTemplate(
    "post_checked_out",
    title="已签退",
    body="已为您在活动岗位签退，服务时间待站点核实，请查看。",
    opens="service_record",
)


async def notify_checked_out(check_outs: Collection[CheckOut], *, now: datetime) -> None:
    """Notify each volunteer whom another person checked out of the service record it made."""
    for check_out in check_outs:
        people = [check_out.record.volunteer_id]
        await notifications.notify(people, POST_CHECKED_OUT, subject_id=check_out.record.id, now=now)
