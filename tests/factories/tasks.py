"""Tasks for tests: of 王奶奶's need, claimed by 小李, and minutes to pay with."""

from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import ledger
from server.domain.ledger import MINUTES, account_keys
from server.domain.ledger.account_keys import Key
from server.domain.needs import triage
from server.domain.tasks import check_in_out, claims, minutes_offers, publication
from server.domain.tasks.publication import StationTask, TaskContent
from server.models import Household, HouseholdMember, Need, NeedStatus, Payer, Person, Task, TransferKind, Volunteer
from tests import steps
from tests.conftest import NOW
from tests.factories import City, volunteers

# Tomorrow from ten to twelve in Shanghai, a Wednesday.
STARTS, ENDS = NOW + timedelta(days=1), NOW + timedelta(days=1, hours=2)
HERE = "邻玉社工站"


def content(**told: Any) -> TaskContent:
    usual = {"title": "陪老人取药", "text": "陪同步行去取药。", "starts_at": STARTS, "ends_at": ENDS}
    return TaskContent(**{**usual, "expected_minutes": 90, **told})


async def need(city: City, **told: Any) -> Need:
    """A need that 陈社工 handles, whose resident agreed to share the contact."""
    filed = await city.need(**{"may_share_contact": True, **told})
    return await steps.assign_need(city, filed, NOW)


async def published(city: City, one: Need | None = None, **told: Any) -> Task:
    """A task of the need, by default 王奶奶's, published by 陈社工."""
    one = one or await need(city)
    return await publication.publish_need(one.id, content(**told), by=city.staff["陈社工"], now=NOW)


async def station_task(city: City, **told: Any) -> Task:
    """A task of 邻玉社工站 itself, published by 陈社工."""
    where = StationTask(city.stations[HERE].id, city.areas["邻玉街道"].id, "culture", "老年活动中心二楼")
    return await publication.publish_station_task(where, content(**told), by=city.staff["陈社工"], now=NOW)


async def volunteer(city: City, name: str = "李志强", **more: Any) -> Volunteer:
    return await volunteers.volunteer(name, city.stations[HERE], NOW, **more)


async def claimed(city: City, task: Task | None = None, by: Volunteer | None = None) -> Task:
    task, by = task or await published(city), by or await volunteer(city)
    return await claims.claim(task.id, by=by.person_id, now=NOW)


async def confirmed(city: City, task: Task | None = None, by: Volunteer | None = None) -> Task:
    """A task claimed by 小李 unless `by` is given, and confirmed by 陈社工."""
    task = await claimed(city, task, by)
    return await claims.confirm(task.id, by=city.staff["陈社工"], now=NOW)


async def started(city: City, task: Task | None = None, by: Volunteer | None = None) -> Task:
    task = await confirmed(city, task, by)
    assert task.volunteer_id is not None
    return await check_in_out.check_in(task.id, by=task.volunteer_id, now=task.starts_at)


async def finished(city: City, task: Task | None = None, by: Volunteer | None = None, minutes: int = 60) -> Task:
    """A task served for an hour."""
    task = await started(city, task, by)
    assert task.volunteer_id is not None
    return await check_in_out.check_out(task.id, by=task.volunteer_id, now=task.starts_at + timedelta(minutes=minutes))


@db.transaction
async def fund(account: Key, minutes: int, city: City) -> None:
    """Give minutes from the station's issuing account to an account."""
    move = ledger.NewTransfer(
        f"test:{account.owner}",
        TransferKind.SERVICE,
        minutes,
        account_keys.issuing(city.stations[HERE].id, MINUTES),
        account,
    )
    await ledger.post(move, now=NOW)


async def paid_by_grandma(city: City, minutes: int = 60, has: int = 100) -> Task:
    """A task that 王奶奶 pays for: she has minutes, offered some, and they are on hold."""
    await fund(account_keys.person(city.grandma.id, MINUTES), has, city)
    one = await need(city)
    await minutes_offers.offer_minutes(one.id, minutes, by=city.grandma.id, now=NOW)
    return await published(city, one, payer=Payer.BENEFICIARY)


async def minutes_of(person_id: int) -> ledger.Balance:
    return await ledger.get_balance(account_keys.person(person_id, MINUTES))


async def household(*people: Person | int) -> None:
    """Let these people share a household from now on."""
    made = await Household.create(created_at=NOW)
    for one in people:
        person_id = one if isinstance(one, int) else one.id
        await HouseholdMember.create(household=made, person_id=person_id, joined_at=NOW, entered_by_id=person_id)


async def accepted_need(city: City, now: datetime = NOW, **told: Any) -> Need:
    filed = await city.need(**{"may_share_contact": True, **told})
    accepted = await triage.accept(filed.id, by=city.staff["陈社工"], now=now)
    assert accepted.status == NeedStatus.ACCEPTED
    return accepted
