"""Phones of the people around a task for 王奶奶's need."""

import pytest

from server.models import Person, RoleKind
from tests import steps
from tests.conftest import NOW
from tests.factories import volunteers
from tests.factories.stations import phone_with_role
from tests.factories.tasks import HERE
from tests.handlers.tasks.doing import NEW_TASK, finished


@pytest.fixture
async def grandma(phone_of, town):
    """王奶奶 on her phone."""
    phone = await phone_of("wangnainai")
    await Person.filter(id=phone.person_id).update(home_id=town.areas["团结村"].id, name="王秀英")
    return phone


@pytest.fixture
async def li(phone_of, town):
    """小李, an approved volunteer, on his phone."""
    phone = await phone_of("xiaoli")
    await Person.filter(id=phone.person_id).update(name="李志强")
    await volunteers.approved(await Person.get(id=phone.person_id), town.stations[HERE], NOW)
    return phone


@pytest.fixture
async def lin(phone_of, town):
    return await phone_with_role(phone_of, "林社工", RoleKind.SOCIAL_WORKER, station=town.stations[HERE])


@pytest.fixture
async def zhao(phone_of, town):
    return await phone_with_role(phone_of, "赵站长", RoleKind.STATION_HEAD, station=town.stations[HERE])


@pytest.fixture
async def need(town, grandma):
    filed = await town.need(by=grandma.person_id, may_share_contact=True, place="酒城大道3号")
    return await steps.accept_need(town, filed, NOW)


@pytest.fixture
async def task(need, lin):
    answer = await lin.post(f"/station/needs/{need.id}/task", NEW_TASK)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
async def served(task, li, lin, clock):
    return await finished(task, li, lin, clock)
