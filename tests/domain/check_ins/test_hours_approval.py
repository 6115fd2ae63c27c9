"""Approval of an activity volunteer's hours: not by the publisher, nor by a person who checked them in or out."""

import pytest

from server.domain.service_records import queries
from server.errors import EarlierReviewer
from server.models import Activity, RecordStatus
from tests.factories import check_ins, records
from tests.factories.check_ins import add_volunteer, health_check, list_in, list_out, record_of, scan_in, scan_out
from tests.factories.records import approve


@pytest.fixture
async def activity(city):
    """Return an activity that 林社工 published."""
    return await health_check(city)


@pytest.fixture
async def li(city, activity):
    return await add_volunteer(city, activity)


async def test_hours_by_code_are_approved_by_any_worker(city, activity, li):
    await scan_in(activity, li.person_id)
    await scan_out(activity, li.person_id)

    record = await approve(city, await record_of(li), by="陈社工")

    assert (record.status, record.spendable_minutes) == (RecordStatus.APPROVED, 120)
    await records.adds_up()


async def test_publisher_cannot_approve(city, activity, li):
    await scan_in(activity, li.person_id)
    await scan_out(activity, li.person_id)

    with pytest.raises(EarlierReviewer):
        await approve(city, await record_of(li), by="林社工")


@pytest.mark.parametrize("way", ["in", "out"])
async def test_worker_who_checked_in_or_out_by_hand_cannot_approve(city, activity, li, way):
    await Activity.filter(id=activity.id).update(published_by_id=city.staff["孙站长"].person_id)
    by_hand, by_code = ("陈社工", "林社工") if way == "in" else ("林社工", "陈社工")
    await list_in(city, activity, li, by=by_hand)
    await list_out(city, activity, li, by=by_code)
    record = await record_of(li)

    for name in ("陈社工", "林社工"):
        with pytest.raises(EarlierReviewer):
            await approve(city, record, by=name)
    assert (await approve(city, record, by="赵站长")).status == RecordStatus.APPROVED


async def test_worker_whose_phone_scanned_the_ticket_cannot_approve(city, activity, li):
    await check_ins.merge(city, activity, check_ins.scanned("a", li), by="陈社工")
    await scan_out(activity, li.person_id)

    with pytest.raises(EarlierReviewer):
        await approve(city, await record_of(li), by="陈社工")


async def test_record_shows_its_activity(city, activity, li):
    await scan_in(activity, li.person_id)
    await scan_out(activity, li.person_id)
    record = await record_of(li)

    for found in (
        await queries.get_for_volunteer(record.id, li.person_id),
        (await queries.list_for_volunteer(li.person_id, before=None, limit=5))[0],
        (await queries.list_for_staff(city.staff["陈社工"], status=None, after=None, limit=5))[0],
        await queries.get_for_staff(record.id, by=city.staff["陈社工"]),
    ):
        assert found.attendee.activity_id == activity.id
