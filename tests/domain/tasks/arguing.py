"""Steps of a dispute about an hour that 王奶奶 pays for with up to 60 minutes."""

from datetime import timedelta

from server.domain import ledger
from server.domain.tasks import dispute_decisions, disputes
from server.domain.tasks.disputes import Statement
from server.models import ServiceRecord, Task, TaskStatus
from tests.factories import tasks
from tests.factories.tasks import ENDS

LATER, WEEK = ENDS + timedelta(hours=1), timedelta(days=7)


async def paid(city):
    """A task that 王奶奶 pays for with up to 60 minutes, served for an hour."""
    return await tasks.finished(city, await tasks.paid_by_grandma(city))


async def disputed(city, task=None):
    """王奶奶 disputes the service."""
    task = task or await paid(city)
    await disputes.raise_dispute(task.id, Statement("只来了十分钟"), by=city.grandma.id, now=ENDS)
    return task


async def decide(city, task, minutes, by="赵站长", now=LATER):
    return await dispute_decisions.decide(task.id, minutes=minutes, decision="按实际认定。", by=city.staff[by], now=now)


async def decided(city, minutes=30):
    task = await disputed(city)
    await decide(city, task, minutes)
    return task


async def appealed(city, minutes=30):
    task = await decided(city, minutes)
    await disputes.appeal(task.id, reason="请再核实", by=task.volunteer_id, now=LATER)
    return task


async def outcome(city, task):
    """Return the final states of the task and its record, the volunteer's minutes, and the minutes that 王奶奶 paid."""
    task, record = await Task.get(id=task.id), await ServiceRecord.get(task_id=task.id)
    grandma, li = await tasks.minutes_of(city.grandma.id), await tasks.minutes_of(task.volunteer_id)
    assert (grandma.held, (await ledger.audit()).holds) == (0, True)
    return task.status, record.status, li.balance, 100 - grandma.balance


async def outcome_is_open(city, task):
    grandma = await tasks.minutes_of(city.grandma.id)
    return (await Task.get(id=task.id)).status == TaskStatus.DISPUTED and grandma.held == 60
