"""Access to tasks: the neighbour is a volunteer, the owner is the resident they help."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from server.domain.tasks import check_in_out, claims, dispute_decisions, disputes, minutes_offers, publication
from server.domain.tasks.disputes import Statement
from server.domain.tasks.publication import TaskContent
from server.models import HouseholdMember, Need, Person, ServiceRecord, Task, TaskStatus
from tests import factories
from tests.authorisation.given import Given
from tests.authorisation.row import ANY_STAFF, OWNER, SIGNED_IN, Row
from tests.authorisation.volunteers import without_volunteers
from tests.factories import timebank, volunteers
from tests.sides import Side


async def one_volunteer(side: Side) -> Given:
    """The neighbour is the only volunteer, has no open task, and everyone lives alone."""
    await without_volunteers(side)
    neighbour = await Person.get(id=side.people["neighbour"])
    await volunteers.approved(neighbour, side.station, side.now)
    await Task.filter(volunteer=neighbour).update(status=TaskStatus.CANCELLED, open=None)
    await ServiceRecord.filter(volunteer=neighbour).update(counts=None)
    await HouseholdMember.filter(person_id__in=list(side.people.values())).update(current=None)
    return Given()


async def _need(side: Side) -> Need:
    """A need that the worker handles."""
    need = await side.assigned()
    await Need.filter(id=need.id).update(may_share_contact=True)
    return need


def _times(now: datetime) -> dict[str, datetime]:
    return {"starts_at": now + timedelta(minutes=30), "ends_at": now + timedelta(hours=2)}


async def _published(side: Side) -> Task:
    await one_volunteer(side)
    asking = TaskContent("陪老人取药", "陪同步行去取药。", **_times(side.now), expected_minutes=60)
    return await publication.publish_need((await _need(side)).id, asking, by=side.staff["worker"], now=side.now)


async def _claimed(side: Side) -> Task:
    task = await _published(side)
    return await claims.claim(task.id, by=side.people["neighbour"], now=side.now)


async def _confirmed(side: Side) -> Task:
    task = await _claimed(side)
    return await claims.confirm(task.id, by=side.staff["worker"], now=side.now)


async def _started(side: Side) -> Task:
    """A task that started five minutes ago."""
    task, then = await _confirmed(side), side.now - timedelta(minutes=5)
    started = await check_in_out.check_in(task.id, by=side.people["neighbour"], now=side.now)
    await Task.filter(id=task.id).update(started_at=then)
    return started


async def _finished(side: Side) -> Task:
    task = await _started(side)
    return await check_in_out.check_out(task.id, by=side.people["neighbour"], now=side.now)


async def _silent(side: Side) -> Task:
    """A task that the owner has not confirmed for more than a week."""
    task = await _finished(side)
    await Task.filter(id=task.id).update(finished_at=side.now - timedelta(days=8))
    return task


async def _missed(side: Side) -> Task:
    """A task that the neighbour missed."""
    task = await _confirmed(side)
    await Task.filter(id=task.id).update(starts_at=side.now - timedelta(minutes=1))
    return task


async def _disputed(side: Side) -> Task:
    """A task that the owner disputes."""
    task = await _finished(side)
    await disputes.raise_dispute(task.id, Statement("没有来"), by=side.people["owner"], now=side.now)
    return task


async def _decided(side: Side) -> Task:
    task, head = await _disputed(side), side.staff["head"]
    await dispute_decisions.decide(task.id, minutes=3, decision="按实际认定", by=head, now=side.now)
    return task


def _task(made: Callable[[Side], Awaitable[Task]]) -> Callable[[Side], Awaitable[Given]]:
    async def given(side: Side) -> Given:
        return Given(path={"task_id": (await made(side)).id}, body={"minutes": 3})

    return given


async def consented(side: Side) -> Given:
    return Given(path={"need_id": (await _need(side)).id})


async def without_wechat(side: Side) -> Given:
    """A need of a resident without WeChat, entered at the counter."""
    need, newcomer = await _need(side), await factories.person("刘大爷", side.now)
    await Need.filter(id=need.id).update(person_id=newcomer.id, submitted_by_id=newcomer.id)
    return Given(path={"need_id": need.id})


async def offered(side: Side) -> Given:
    """Minutes that the owner offered for help."""
    need = await _need(side)
    await timebank.minutes(30, side.people["owner"], side.station, side.now)
    await minutes_offers.offer_minutes(need.id, 30, by=side.people["owner"], now=side.now)
    return Given(path={"need_id": need.id})


async def offering(side: Side) -> Given:
    """A need to offer minutes for, which the owner has."""
    await timebank.minutes(1000, side.people["owner"], side.station, side.now)
    return await consented(side)


async def station_task(side: Side) -> Given:
    return Given(body={"station_id": side.station.id})


VOLUNTEER = "401 404 200 404 404 404 404 404 404 404"
ANY_VOLUNTEER = VOLUNTEER.replace("404", "403")
EITHER_SIDE = "401 404 200 200 404 404 404 404 404 404"
ANY_WORKER = "401 403 403 403 200 200 404 403 404 403"
# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /tasks": Row(ANY_VOLUNTEER, one_volunteer),
    "GET /tasks/mine": Row(SIGNED_IN),
    "GET /tasks/{task_id}": Row(ANY_VOLUNTEER, _task(_published)),
    "POST /tasks/{task_id}/claim": Row(ANY_VOLUNTEER, _task(_published)),
    "POST /tasks/{task_id}/claim-withdrawal": Row(VOLUNTEER, _task(_claimed)),
    "POST /tasks/{task_id}/contact": Row(VOLUNTEER, _task(_confirmed)),
    "POST /tasks/{task_id}/start": Row(VOLUNTEER, _task(_confirmed)),
    "POST /tasks/{task_id}/finish": Row(VOLUNTEER, _task(_started)),
    # The resident's side.
    "POST /needs/{need_id}/minutes-offer": Row(OWNER, offering),
    "DELETE /needs/{need_id}/minutes-offer": Row(OWNER, offered),
    "PUT /needs/{need_id}/contact-sharing": Row(OWNER, consented),
    "POST /tasks/{task_id}/beneficiary-confirmation": Row(OWNER, _task(_finished)),
    # Disputes.
    "POST /tasks/{task_id}/dispute": Row(EITHER_SIDE.replace("200", "201"), _task(_finished)),
    "GET /tasks/{task_id}/dispute": Row(EITHER_SIDE, _task(_disputed)),
    "POST /tasks/{task_id}/dispute/statement": Row("401 404 200 409 404 404 404 404 404 404", _task(_disputed)),
    "POST /tasks/{task_id}/dispute/appeal": Row(EITHER_SIDE, _task(_decided)),
    "GET /disputes": Row(ANY_STAFF),
    "POST /station/tasks/{task_id}/dispute-decision": Row("401 403 403 403 403 200 404 403 404 403", _task(_disputed)),
    # A station's tasks.
    "POST /station/needs/{need_id}/task": Row(ANY_WORKER.replace("200", "201"), consented),
    "POST /station/needs/{need_id}/contact-sharing": Row(ANY_WORKER, without_wechat),
    "POST /station/tasks": Row("401 403 403 403 201 201 403 403 403 403", station_task),
    "GET /station/tasks": Row(ANY_STAFF),
    "GET /station/tasks/{task_id}": Row("401 403 403 403 200 200 404 200 404 200", _task(_published)),
    "POST /station/tasks/{task_id}/confirmation": Row(ANY_WORKER, _task(_claimed)),
    "POST /station/tasks/{task_id}/refusal": Row(ANY_WORKER, _task(_claimed)),
    "POST /station/tasks/{task_id}/cancellation": Row(ANY_WORKER, _task(_started)),
    "POST /station/tasks/{task_id}/no-show": Row(ANY_WORKER, _task(_missed)),
    "POST /station/tasks/{task_id}/beneficiary-confirmation": Row(ANY_WORKER, _task(_silent)),
}
# fmt: on
