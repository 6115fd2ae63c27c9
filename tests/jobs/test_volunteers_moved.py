"""Jobs about a banned volunteer's tasks and about the volunteers of a station that closes."""

from datetime import timedelta

import pytest

from server.domain import station_lifecycle
from server.domain.volunteers import bans
from server.models import Notice, Role, RoleKind, Task, TaskStatus, Volunteer, VolunteerStatus
from tests import factories
from tests.conftest import NOW
from tests.factories import tasks, volunteers
from tests.jobs.working import work_off

BAN = {"reason": "多次爽约", "now": NOW}


@pytest.fixture
async def li(city):
    return await tasks.volunteer(city)


async def test_tasks_of_a_banned_volunteer_are_released(city, li, context):
    claimed = await tasks.claimed(city, by=li)
    later = {"starts_at": tasks.ENDS, "ends_at": tasks.ENDS + timedelta(hours=2)}
    started = await tasks.claimed(city, await tasks.station_task(city, **later), li)
    await Task.filter(id=started.id).update(status=TaskStatus.STARTED)
    await bans.ban(li.id, by=city.staff["赵站长"], **BAN)

    await work_off(context)

    free = await Task.get(id=claimed.id)
    assert (free.status, free.volunteer_id) == (TaskStatus.PUBLISHED, None)
    assert (await Task.get(id=started.id)).volunteer_id == li.person_id
    assert await Notice.exists(person_id=city.staff["陈社工"].person_id, template="task_free_again")


async def test_ban_lifted_at_once_releases_nothing(city, li, context):
    task = await tasks.claimed(city, by=li)
    await bans.ban(li.id, by=city.staff["赵站长"], **BAN)
    await bans.lift(li.id, by=city.staff["赵站长"], now=NOW)

    await work_off(context)

    assert (await Task.get(id=task.id)).volunteer_id == li.person_id


async def test_volunteers_of_a_closed_station_move_to_the_station_of_their_home(city, context):
    town, head = city.stations["邻玉社工站"], city.stations["江阳总站"]
    home = city.areas["团结村"]
    li = await volunteers.volunteer("李志强", town, NOW, home)
    applied = await volunteers.volunteer("王小明", town, NOW, home)
    await Volunteer.filter(id=applied.id).update(status=VolunteerStatus.APPLIED)
    homeless = await volunteers.volunteer("无家", town, NOW)
    gone = await volunteers.volunteer("走了", town, NOW, home)
    await Volunteer.filter(id=gone.id).update(status=VolunteerStatus.LEFT)
    await station_lifecycle.close(town.id, reason="撤并", by=city.staff["冯科长"], now=NOW)

    await work_off(context)

    where = {one.id: one.station_id for one in await Volunteer.all()}
    assert where == {li.id: head.id, applied.id: head.id, homeless.id: city.stations["市级服务台"].id, gone.id: town.id}
    role = await Role.get(person_id=li.person_id, kind=RoleKind.VOLUNTEER, current=1)
    assert role.station_id == head.id
    assert not await Role.exists(person_id=applied.person_id, kind=RoleKind.VOLUNTEER, current=1)
    assert await Notice.exists(person_id=li.person_id, template="volunteer_moved")


async def test_suspended_station_keeps_its_volunteers(city, li, context):
    await station_lifecycle.suspend(li.station_id, reason="装修", by=city.staff["冯科长"], now=NOW)

    await work_off(context)

    assert (await Volunteer.get(id=li.id)).station_id == li.station_id


async def test_volunteer_who_moved_meanwhile_is_not_moved(city, li):
    from server.domain.volunteers import station_change

    other = await factories.station("另一站", "town_station", city.areas["蓝田街道"])
    assert await station_change.move_from_closed_station(li.station_id, now=NOW) == 0
    await Volunteer.filter(id=li.id).update(station_id=other.id)
    assert await station_change.move_from_closed_station(other.id, now=NOW) == 0
