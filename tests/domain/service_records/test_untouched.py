"""Edits, deletions and refusals that leave the ledger unchanged, to the row."""

from datetime import timedelta

import pytest
from tortoise.exceptions import IntegrityError

from server.database import db
from server.errors import InvalidRecordState, OwnServiceRecord, ReviewRequired, ServiceNotOver, ServiceOverlaps
from server.models import ServiceRecord, Task
from tests import factories
from tests.conftest import NOW
from tests.factories import records, tasks, volunteers
from tests.factories.records import LATER, THEN, approve, claimed, decline, helped, kept, reverse, review

# Rows that an approved record depends on, edited and deleted by hand.
PARENTS = {
    "service_record": "minutes = 600, spendable_minutes = 600",
    "volunteer": "served_minutes = 9000",
    "task": "title = '改过的标题'",
    "station": "name = '改过的名字'",
    "person": "created_at = '2020-01-01 00:00:00.000000'",
}


@pytest.fixture
async def approved(city):
    """An hour that 小李 helped 王奶奶, paid by her, approved."""
    record = await helped(city, await tasks.paid_by_grandma(city))
    return await approve(city, record)


@pytest.mark.parametrize("table", PARENTS)
async def test_edited_parent_changes_no_balance(city, approved, table):
    before = await records.written()

    await db.execute(f"UPDATE {table} SET {PARENTS[table]}")

    assert await records.written() == before
    assert await kept(approved.volunteer_id) == 60
    assert (await records.ledger.audit()).holds


@pytest.mark.parametrize("table", ["task", "station", "person", "account", "transfer"])
async def test_row_with_a_balance_cannot_be_deleted(city, approved, table):
    before = await records.written()

    with pytest.raises(IntegrityError):
        await db.execute(f"DELETE FROM {table}")

    assert await records.written() == before
    assert await kept(approved.volunteer_id) == 60


@pytest.mark.parametrize("table", ["service_record", "volunteer"])
async def test_deleted_row_without_a_balance_changes_no_balance(city, approved, table):
    before = await records.written()

    await db.execute(f"DELETE FROM {table}")

    assert await records.written() == before
    assert (await records.ledger.audit()).holds


async def test_refusals_leave_the_ledger_unchanged(city, approved):
    worker = await factories.Person.get(id=city.staff["林社工"].person_id)
    await volunteers.approved(worker, city.stations["邻玉社工站"], NOW)
    li = await factories.Person.get(id=approved.volunteer_id)
    own, waiting = await claimed(city, worker), await claimed(city, li)
    before = await records.written()

    for verb, kind in (
        (approve(city, own), OwnServiceRecord),
        (approve(city, approved), InvalidRecordState),
        (claimed(city, li, began=LATER, now=NOW), ServiceNotOver),
        (claimed(city, li, began=THEN + timedelta(minutes=59)), ServiceOverlaps),
        (review(city, own, "林社工"), OwnServiceRecord),
        (decline(city, approved), InvalidRecordState),
        (reverse(city, waiting), InvalidRecordState),
        (approve(city, waiting), ReviewRequired),
    ):
        with pytest.raises(kind):
            await verb

    assert await records.written() == before
    assert await Task.all().count() == 1
    assert await ServiceRecord.all().count() == 3
