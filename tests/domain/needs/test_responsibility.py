"""A need goes to the station above where only its residents act: nobody works on their own need."""

import pytest

from server.domain import roles
from server.domain.needs import appeals, triage
from server.domain.roles import Appointment
from server.models import Area, Need, NeedStatus, Notice, Person, RoleKind, Urgency
from tests import factories
from tests.conftest import NOW
from tests.jobs.working import needs_follow

ROOM, TOWN = "和平社工室", "邻玉社工站"


@pytest.fixture
def at_the_room(city):
    """Appoint the person with this name at the room; they live there. Return the role."""

    async def appoint(name: str):
        person = await Person.get_or_none(name=name) or await factories.person(name, NOW)
        person.home = await Area.get(id=city.areas["和平社区"].id)
        await person.save()
        facts = Appointment(person.id, RoleKind.SOCIAL_WORKER, station_id=city.stations[ROOM].id)
        return await roles.appoint(facts, by=None, now=NOW)

    return appoint


async def place_of(need: Need) -> str:
    return (await Need.get(id=need.id).select_related("station")).station.name


@pytest.mark.parametrize("urgency", [Urgency.NORMAL, Urgency.EMERGENCY])
async def test_need_of_a_rooms_only_worker_is_served_by_the_station_above(city, at_the_room, urgency):
    own = await at_the_room("新社工")

    need = await city.need(by=own.person_id, urgency=urgency)

    assert await place_of(need) == TOWN
    assert need.route.endswith(f"{ROOM}没有可以为您办理的其他工作人员，由{TOWN}办理。")
    assert await Notice.exists(template="need_submitted", person_id=city.staff["陈社工"].person_id)
    assert not await Notice.exists(person_id=own.person_id)
    if urgency == Urgency.NORMAL:
        await triage.accept(need.id, by=city.staff["陈社工"], now=NOW)


async def test_need_of_a_worker_stays_at_the_room_while_a_colleague_acts_there(city, at_the_room):
    own = await at_the_room("新社工")
    await at_the_room("老社工")

    assert await place_of(await city.need(by=own.person_id)) == ROOM


async def test_need_moves_up_when_the_last_colleague_leaves(city, at_the_room):
    own, colleague = await at_the_room("新社工"), await at_the_room("老社工")
    need, others = await city.need(by=own.person_id), await city.need(area_id=city.areas["和平社区"].id)

    await roles.end(colleague.id, by=city.staff["冯科长"], now=NOW)
    await needs_follow()

    assert [await place_of(one) for one in (need, others)] == [TOWN, ROOM]


async def test_need_moves_up_when_its_resident_becomes_the_only_worker(city, at_the_room):
    need = await city.need(area_id=city.areas["和平社区"].id)
    await at_the_room(city.grandma.name)

    await needs_follow()

    assert await place_of(need) == TOWN


async def test_appeal_and_decision_of_the_only_worker_above_go_higher(city):
    """钱社工 is the only worker of 龙马潭总站, and lives below it."""
    only = city.staff["钱社工"]
    person = await Person.get(id=only.person_id)
    person.home = await Area.get(id=city.areas["码头社区"].id)
    await person.save()

    need = await city.need(by=only.person_id, area_id=city.areas["码头社区"].id)
    assert await place_of(need) == "市级服务台"
    declined = await city.need(by=only.person_id, area_id=city.areas["团结村"].id)
    await Need.filter(id=declined.id).update(
        status=NeedStatus.DECLINED, ended_at=NOW, station_id=city.stations["龙马潭总站"].id
    )
    appeal = await appeals.submit(declined.id, reason="没有人帮我", by=only.person_id, now=NOW)

    assert appeal.station_id == city.stations["市级服务台"].id
    assert not await Notice.exists(template="appeal_made", person_id=only.person_id)
