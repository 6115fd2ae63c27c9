"""Notices about service records: their texts, and who receives them. None names a person."""

from datetime import datetime
from typing import Any

from server.domain import notifications
from server.domain.notifications import NoticeTemplate
from server.domain.tasks import notifications as tasks
from server.models import ServiceRecord

SERVICE_CLAIMED = NoticeTemplate(
    "service_claimed", title="有志愿者补录服务", body="请由两位工作人员先后审核。", opens="service_record"
)
SERVICE_APPROVED = NoticeTemplate(
    "service_approved",
    title="服务记录已通过",
    body="计入服务时长{minutes}分钟，其中{spendable}分钟存入时间银行。",
    opens="service_record",
)
SERVICE_APPROVED_AS_HONOUR = NoticeTemplate(
    "service_approved_as_honour",
    title="服务记录已通过",
    body="计入服务时长{minutes}分钟，其中{spendable}分钟存入时间银行，其余只计荣誉时长。",
    opens="service_record",
)
SERVICE_DECLINED = NoticeTemplate(
    "service_declined", title="服务记录未通过", body="请查看原因。", opens="service_record"
)
SERVICE_REVERSED = NoticeTemplate(
    "service_reversed", title="服务记录已撤销", body="请查看原因。", opens="service_record"
)
NEED_SERVICE_APPROVED = NoticeTemplate(
    "need_service_approved", title="志愿服务有了核实结果", body="志愿服务已核实，共{minutes}分钟。", opens="need"
)
NEED_SERVICE_DECLINED = NoticeTemplate(
    "need_service_declined",
    title="志愿服务有了核实结果",
    body="站点没有认定这次志愿服务，如有预留的分钟数，已退回。",
    opens="need",
)
NEED_SERVICE_REVERSED = NoticeTemplate(
    "need_service_reversed",
    title="志愿服务的认定已撤销",
    body="站点撤销了这次志愿服务的认定，如支付过分钟数，已退回。",
    opens="need",
)


async def notify_volunteer(record: ServiceRecord, template: NoticeTemplate, *, now: datetime, **values: Any) -> None:
    """Notify the volunteer who served."""
    await notifications.notify([record.volunteer_id], template, subject_id=record.id, now=now, **values)


async def notify_approved(record: ServiceRecord, *, now: datetime) -> None:
    """Notify the volunteer how many minutes count, and how many of them can be spent."""
    template = SERVICE_APPROVED if record.spendable_minutes == record.minutes else SERVICE_APPROVED_AS_HONOUR
    minutes = {"minutes": record.minutes, "spendable": record.spendable_minutes}
    await notify_volunteer(record, template, now=now, **minutes)


async def notify_resident(record: ServiceRecord, template: NoticeTemplate, *, now: datetime, **values: Any) -> None:
    """Notify the resident's side of the need that the record's task was for, if there is one."""
    if record.task is not None:
        await tasks.notify_resident(record.task, template, now=now, **values)


async def notify_station(record: ServiceRecord, template: NoticeTemplate, *, now: datetime) -> None:
    """Notify everybody of the record's station but its volunteer; if nobody works there, the officers."""
    but = [record.volunteer_id]
    await notifications.notify_station(record.station_id, template, subject_id=record.id, but=but, now=now)
