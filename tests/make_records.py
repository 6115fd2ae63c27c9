"""Service records for tests: 小李's time, claimed by himself or served for a task, and how the station takes it."""

from datetime import datetime, timedelta
from typing import Any

from server import db
from server.domain import ledger
from server.domain.ledger import MINUTES, keys
from server.domain.service_records import approving, claiming, confirming, reversing, reviewing
from server.domain.service_records.approving import Approval
from server.domain.service_records.claiming import Claim
from server.domain.tasks import locked
from server.models import (
    Account,
    Entry,
    Hold,
    Person,
    RecordSource,
    RecordStatus,
    ServiceRecord,
    Task,
    Transfer,
    Volunteer,
)
from tests import make_tasks
from tests.conftest import NOW
from tests.make import City

HERE = "邻玉社工站"
# Yesterday at two in the afternoon in Shanghai.
THEN = NOW - timedelta(hours=20)
LATER = NOW + timedelta(days=2)


async def volunteer(city: City, name: str = "李志强") -> Person:
    """小李, a volunteer of 邻玉社工站, as a person."""
    return await (await make_tasks.volunteer(city, name)).person


async def claimed(city: City, by: Person, *, began: datetime = THEN, minutes: int = 60, **more: Any) -> ServiceRecord:
    """An hour of yesterday that 小李 says he gave."""
    now = more.pop("now", NOW)
    told = {"station_id": city.stations[HERE].id, "text": "陪老人散步", **more}
    one = Claim(started_at=began, ended_at=began + timedelta(minutes=minutes), **told)
    return await claiming.claim(one, by=by.id, now=now)


async def record(city: City, by: Person, *, began: datetime = THEN, minutes: int = 60, **more: Any) -> ServiceRecord:
    """A verified record as if it had come from an activity, waiting for the station."""
    usual = {"status": RecordStatus.CLAIMED, "source": RecordSource.ACTIVITY, "verified": True, "claimed_at": NOW}
    usual |= {"started_at": began, "ended_at": began + timedelta(minutes=minutes), "minutes": minutes}
    return await ServiceRecord.create(volunteer=by, **{"station": city.stations[HERE], **usual, **more})


async def of_task(task: Task) -> ServiceRecord:
    return await ServiceRecord.get(task_id=task.id)


@db.transaction
async def confirm(task: Task, by: int) -> ServiceRecord:
    """The beneficiary confirms the locked task's service."""
    return await confirming.confirm_for_task(await locked.any_task(task.id), by=by, now=LATER)


async def helped(city: City, task: Task | None = None, *, minutes: int = 60) -> ServiceRecord:
    """The record of an hour that 小李 helped 王奶奶, which she has confirmed."""
    task = await make_tasks.finished(city, task, minutes=minutes)
    return await confirm(task, city.grandma.id)


async def approve(
    city: City, one: ServiceRecord, by: str = "林社工", now: datetime = LATER, **said: Any
) -> ServiceRecord:
    return await approving.approve(one.id, Approval(**said), by=city.staff[by], now=now)


async def review(city: City, one: ServiceRecord, by: str = "陈社工", exception_reason: str = "") -> ServiceRecord:
    return await reviewing.review(one.id, exception_reason=exception_reason, by=city.staff[by], now=LATER)


async def decline(city: City, one: ServiceRecord, by: str = "林社工") -> ServiceRecord:
    return await reviewing.decline(one.id, reason="没有这次服务", by=city.staff[by], now=LATER)


async def reverse(city: City, one: ServiceRecord, by: str = "赵站长") -> ServiceRecord:
    return await reversing.reverse(one.id, reason="时间记错了", by=city.staff[by], now=LATER)


async def kept(person_id: int) -> int:
    """The person's minutes."""
    return (await ledger.balance(keys.person(person_id, MINUTES))).balance


async def written() -> tuple[list[Any], ...]:
    """Every row of the ledger."""
    tables = (Account, Transfer, Entry, Hold)
    return tuple([await table.all().order_by("id").values() for table in tables])


async def adds_up() -> None:
    """The ledger holds, and what volunteers served is the sum of their approved records."""
    report = await ledger.audit()
    assert report.holds, str(report)
    for one in await Volunteer.all():
        records = await ServiceRecord.filter(volunteer_id=one.person_id, status=RecordStatus.APPROVED)
        assert one.served_minutes == sum(record.minutes for record in records)
        issued = await Transfer.filter(kind="service", cause__startswith="service_record:", reversal=None).count()
        assert issued <= await ServiceRecord.filter(status=RecordStatus.APPROVED).count()
