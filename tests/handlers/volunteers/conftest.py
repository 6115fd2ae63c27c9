"""Phones of 小李 of 团结村, who volunteers at 邻玉社工站, and of 陈社工 and 赵站长 of that station."""

import pytest

from server.domain import staff
from server.models import Person, RoleKind
from tests import factories
from tests.conftest import NOW
from tests.handlers.volunteers.told import APPLICATION


@pytest.fixture
def resident(phone_of, town):
    """The phone of a resident of 团结村 with a name and a number."""

    async def sign_in(nickname, name="李小红"):
        phone = await phone_of(nickname)
        home = town.areas["团结村"].id
        await Person.filter(id=phone.person_id).update(home_id=home, name=name, phone="13912345678")
        return phone

    return sign_in


@pytest.fixture
def worker(phone_of, town):
    """The phone of a new worker or head of a station."""

    async def sign_in(nickname, station="邻玉社工站", *, head=False):
        phone = await phone_of(nickname)
        kind = RoleKind.STATION_HEAD if head else RoleKind.SOCIAL_WORKER
        await factories.role(await Person.get(id=phone.person_id), kind, NOW, station=town.stations[station])
        town.staff[nickname] = await staff.of_person(phone.person_id)
        return phone

    return sign_in


@pytest.fixture
async def chen(worker):
    return await worker("chenshegong")


@pytest.fixture
async def zhao(worker):
    return await worker("zhaozhanzhang", head=True)


@pytest.fixture
async def li(resident):
    return await resident("xiaoli")


@pytest.fixture
async def volunteer(li, chen):
    """小李's id as a volunteer, approved by 陈社工."""
    made = (await li.post("/volunteers", APPLICATION)).json()
    assert (await chen.post(f"/station/volunteers/{made['id']}/approval")).status_code == 200
    return made["id"]
