"""Service records for tests: 小李's time, claimed by him or served for a task, and the station's decisions."""

from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import ledger
from server.domain.ledger import MINUTES, account_keys
from server.domain.service_records import approval, claims, reversal, reviews
from server.domain.service_records.approval import Approval
from server.domain.service_records.claims import Claim
from server.domain.tasks import access
from server.models import (
    Account,
    Entry,
    Hold,
    Person,
    RecordSource,
    RecordStatus,
    RoleKind,
    ServiceRecord,
    Task,
    Transfer,
    Volunteer,
)
from tests import factories
from tests.conftest import NOW
from tests.factories import City, tasks, volunteers
from tests.factories.stations import phone_with_role

HERE = "邻玉社工站"
# Yesterday at two in the afternoon in Shanghai.
THEN = NOW - timedelta(hours=20)
LATER = NOW + timedelta(days=2)


async def volunteer(city: City, name: str = "李志强") -> Person:
    """小李, a volunteer of 邻玉社工站, as a person."""
    return await (await tasks.volunteer(city, name)).person


async def claimed(city: City, by: Person, *, began: datetime = THEN, minutes: int = 60, **more: Any) -> ServiceRecord:
    """An hour of yesterday, claimed by 小李."""
    now = more.pop("now", NOW)
    told = {"station_id": city.stations[HERE].id, "text": "陪老人散步", **more}
    one = Claim(started_at=began, ended_at=began + timedelta(minutes=minutes), **told)
    return await claims.claim(one, by=by.id, now=now)


async def record(city: City, by: Person, *, began: datetime = THEN, minutes: int = 60, **more: Any) -> ServiceRecord:
    """A verified record as if from an activity, undecided."""
    usual = {"status": RecordStatus.CLAIMED, "source": RecordSource.ACTIVITY, "verified": True, "claimed_at": NOW}
    usual |= {"started_at": began, "ended_at": began + timedelta(minutes=minutes), "minutes": minutes}
    return await ServiceRecord.create(volunteer=by, **{"station": city.stations[HERE], **usual, **more})


async def of_task(task: Task) -> ServiceRecord:
    return await ServiceRecord.get(task_id=task.id)


@db.transaction
async def confirm(task: Task, by: int) -> ServiceRecord:
    """Confirm the service of a task for its beneficiary."""
    return await reviews.confirm_for_task(await access.lock_task(task.id), by=by, now=LATER)


async def helped(city: City, task: Task | None = None, *, minutes: int = 60) -> ServiceRecord:
    """The record of an hour that 小李 helped 王奶奶, confirmed by her."""
    task = await tasks.finished(city, task, minutes=minutes)
    return await confirm(task, city.grandma.id)


async def approve(
    city: City, one: ServiceRecord, by: str = "林社工", now: datetime = LATER, **said: Any
) -> ServiceRecord:
    return await approval.approve(one.id, Approval(**said), by=city.staff[by], now=now)


async def review(city: City, one: ServiceRecord, by: str = "陈社工", exception_reason: str = "") -> ServiceRecord:
    return await reviews.review(one.id, exception_reason=exception_reason, by=city.staff[by], now=LATER)


async def decline(city: City, one: ServiceRecord, by: str = "林社工") -> ServiceRecord:
    return await reviews.decline(one.id, reason="没有这次服务", by=city.staff[by], now=LATER)


async def reverse(city: City, one: ServiceRecord, by: str = "赵站长") -> ServiceRecord:
    return await reversal.reverse(one.id, reason="时间记错了", by=city.staff[by], now=LATER)


async def kept(person_id: int) -> int:
    """Return the person's balance of minutes."""
    return (await ledger.get_balance(account_keys.person(person_id, MINUTES))).balance


async def written() -> tuple[list[Any], ...]:
    """Return every row of the ledger."""
    tables = (Account, Transfer, Entry, Hold)
    return tuple([await table.all().order_by("id").values() for table in tables])


async def adds_up() -> None:
    """Check the ledger, the volunteers' served minutes and the minutes issued against the approved records."""
    report = await ledger.audit()
    assert report.holds, str(report)
    approved = await ServiceRecord.filter(status=RecordStatus.APPROVED)
    for one in await Volunteer.all():
        own = [record.minutes for record in approved if record.volunteer_id == one.person_id]
        assert one.served_minutes == sum(own)
    issued = await Transfer.filter(cause__startswith="service_record:", reversal=None).values_list("cause", "amount")
    spendable = {f"service_record:{one.id}:approved": one.spendable_minutes for one in approved}
    assert dict(issued) == {cause: minutes for cause, minutes in spendable.items() if minutes}


async def town(phone_of: Any) -> City:
    """The small city with phones of 小李, a volunteer, and of 邻玉社工站's staff."""
    made: Any = await factories.city(NOW)
    made.station = station = made.stations[HERE]
    # 赵站长 heads the station already and has no phone here, so another head replaces him.
    await factories.Role.filter(kind=RoleKind.STATION_HEAD, station=station).delete()
    made.head = await phone_with_role(phone_of, "站长", RoleKind.STATION_HEAD, station=station)
    made.worker = await phone_with_role(phone_of, "社工", RoleKind.SOCIAL_WORKER, station=station)
    made.officer = await phone_with_role(phone_of, "科长", RoleKind.COUNTY_OFFICER, area=made.areas["江阳区"])
    made.li = await phone_of("xiaoli")
    for phone, name in ((made.li, "李志强"), (made.worker, "陈社工")):
        await Person.filter(id=phone.person_id).update(name=name)
    made.volunteer = await volunteers.approved(await Person.get(id=made.li.person_id), station, NOW)
    return made


CLAIM = {"started_at": "2026-03-09T14:00:00+08:00", "ended_at": "2026-03-09T16:00:00+08:00", "text": "陪老人就医"}
NOTHING: tuple[list[Any], ...] = ([], [], [], [])


async def claim(town: Any, key: str | None = None, **more: Any) -> Any:
    """Return the reply to a claim of two hours of yesterday from 小李's phone."""
    return await town.li.post("/service-records", {"station_id": town.station.id, **CLAIM, **more}, key=key)


def path(record_id: int, verb: str = "") -> str:
    return f"/station/service-records/{record_id}{verb}"
